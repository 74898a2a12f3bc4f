"""A rulebook is read whole, or refused with every fault named by its path."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from panel.errors import Fault, Invalid
from panel.rulebook import rules
from panel.rulebook.rules.walking import texts as texts_of
from tests.make.rulebook import DEFAULT


def faults(toml: str) -> list[Fault]:
    """Return the faults of a text."""
    with pytest.raises(Invalid) as refusal:
        rules.read(toml)
    return list(refusal.value.faults)


def test_the_default_measures_have_no_fault_and_weights_of_exactly_100() -> None:
    book = rules.read(DEFAULT)
    assert [sum(item.weight for item in form.items) for form in book.forms] == [100, 100]
    assert [item.id for item in book.form("window").items][:4] == ["A1", "A2", "A3", "B1"]
    assert book.form_of("office").key == "office"
    assert book.recruitment.groups[0].minimum_percent == 80


def test_weights_that_sum_to_99_are_named_with_their_sum() -> None:
    found = faults(DEFAULT.replace("weight = 10\n", "weight = 9\n", 1))
    assert found == [Fault("forms[0].sections", "rulebook.weights", {"total": 99})]


def test_a_missing_chinese_text_is_named_by_its_path() -> None:
    found = faults(DEFAULT.replace('zh = "环境与公开"', 'zh = ""'))
    assert found == [Fault("forms[0].sections[0].text.zh", "rulebook.no_chinese")] or found == [
        Fault("forms[0].sections[0].text", "rulebook.no_chinese")
    ]


@pytest.mark.parametrize("key", ["../../x", "a/b", "", "1a", "a b", "甲", "a" * 41, "a-b"])
def test_a_key_that_can_t_name_a_file_or_field_is_refused(key: str) -> None:
    text = DEFAULT.replace('key = "enforcement"', f'key = "{key}"')
    assert ("peer_groups[1].key", "rulebook.key_form") in [(f.path, f.code) for f in faults(text)]


def test_a_text_nested_without_end_is_no_toml() -> None:
    assert [fault.code for fault in faults("a = " + "[" * 5000)] == ["rulebook.no_toml"]


def test_several_faults_are_told_at_once() -> None:
    text = DEFAULT.replace("seats = 1000", "seets = 1000").replace('form = "office"', 'form = "x"')
    assert ("recruitment.seets", "rulebook.unknown_name") in [
        (f.path, f.code) for f in faults(text)
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        ('form = "office"', 'form = "nowhere"', "peer_groups[3].form", "rulebook.unknown_form"),
        ("visits = 40", "visits = 41", "assessment.weights", "rulebook.weights"),
        (
            'method = "crossed_effects"',
            'method = "guess"',
            "ranking.method",
            "rulebook.unknown_method",
        ),
        ('key = "unit_answer"', 'key = "other"', "deadlines", "rulebook.no_deadline"),
        (
            "minimum_percent = 25\nmaximum_percent = 45",
            "minimum_percent = 50\nmaximum_percent = 45",
            "recruitment.quotas[0]",
            "rulebook.quota_range",
        ),
        (
            'decisive = ["D1", "C3"]',
            'decisive = ["Z9"]',
            "forms[0].decisive",
            "rulebook.unknown_item",
        ),
    ],
)
def test_a_fault_is_named_by_its_path(old: str, new: str, path: str, code: str) -> None:
    assert old in DEFAULT
    assert (path, code) in [(f.path, f.code) for f in faults(DEFAULT.replace(old, new, 1))]


def test_text_that_is_no_toml_is_refused() -> None:
    assert faults("= = =")[0].code == "rulebook.no_toml"


def test_the_hash_does_not_depend_on_the_order_of_the_text() -> None:
    tree: dict[str, Any] = tomllib.loads(DEFAULT)
    moved = DEFAULT.replace('edition = "2026-1"\n', "", 1)
    moved = f'edition = "{tree["edition"]}"\n' + moved
    first, second = rules.content(rules.read(DEFAULT)), rules.content(rules.read(moved))
    assert rules.fingerprint(first) == rules.fingerprint(second)
    changed = rules.content(rules.read(DEFAULT.replace("seats = 1000", "seats = 999")))
    assert rules.fingerprint(changed) != rules.fingerprint(first)


def test_a_score_on_a_limit_lies_in_the_upper_band() -> None:
    book = rules.read(DEFAULT)
    assert [book.band(score).key for score in (0, 5999, 6000, 7499, 7500, 8499, 8500, 10000)] == [
        "poor", "poor", "plain", "plain", "fair", "fair", "good", "good",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("right = [2]", "right = []", "rulebook.question"),
        ("right = [2]", "right = [9]", "rulebook.question"),
        ("right = [2]", "right = [0, 1, 2, 3]", "rulebook.question"),
        ("right = [0, 2, 3]", "right = [0, 0]", "rulebook.question"),
        ('link = "/measures"', 'link = "javascript:alert(1)"', "rulebook.link"),
        ('link = "/measures"', 'link = "//elsewhere.example"', "rulebook.link"),
        ("pass_percent = 80", "pass_percent = 101", "rulebook.percent"),
        ("attempts = 3", "attempts = 0", "rulebook.positive"),
        ("valid_months = 12", "valid_months = 0", "rulebook.positive"),
        ('{ item = "A2", value = 2,', '{ item = "A2", value = 3,', "rulebook.case_value"),
        ('{ item = "A2", value = 2,', '{ item = "Z9", value = 2,', "rulebook.unknown_item"),
        ('{ item = "A2", value = 2,', '{ item = "A3", value = 2,', "rulebook.case_item"),
        ('[[training.courses]]\nform = "office"', '[[training.courses]]\nform = "window"',
         "rulebook.repeated"),
        ('[[training.courses]]\nform = "office"', '[[training.courses]]\nform = "nothing"',
         "rulebook.unknown_form"),
        ('key = "conduct"', 'key = "role"', "rulebook.repeated"),
        ('key = "gift"', 'key = "tie"', "rulebook.repeated"),
        ('key = "office_visit"', 'key = "office_subsidy"', "rulebook.repeated"),
        ('[conduct]\nversion = "1"', '[conduct]\nversion = " "', "rulebook.key_form"),
        ('picture = "covert"', 'picture = "https://elsewhere.example/x.png"',
         "rulebook.unreadable"),
    ],
)  # fmt: skip
def test_a_fault_in_the_course_is_named_by_its_path(old: str, new: str, fault: str) -> None:
    assert old in DEFAULT
    found = faults(DEFAULT.replace(old, new, 1))
    assert fault in {each.code for each in found}
    paths = {each.path for each in found}
    assert all(path.startswith(("training", "conduct")) for path in paths)


def test_a_course_begins_with_what_all_courses_share() -> None:
    book = rules.read(DEFAULT)
    for form in book.judged:
        course = book.training.course(form)
        assert course is not None
        assert [unit.key for unit in course.units][:2] == ["role", "conduct"]
        assert len(course.units) >= 5
        assert len(course.questions) >= 10
        assert len(course.cases) >= 2
    assert book.training.course("nothing") is None


def test_every_lesson_question_and_reason_is_in_both_languages() -> None:
    book = rules.read(DEFAULT)
    texts = [text for _, text in texts_of(book.training, "training")]
    assert len(texts) > 150
    assert [text.zh for text in texts if not text.en.strip()] == []


def test_a_checklist_names_each_reason_once() -> None:
    more = '[[recruitment.exclusions]]\nkey = "twice"\ntext = { zh = "重复" }\n\n'
    text = DEFAULT.replace("[[recruitment.groups]]", more * 2 + "[[recruitment.groups]]", 1)
    found = faults(text)
    assert found == [Fault("recruitment.exclusions", "rulebook.repeated", {"id": "twice"})]

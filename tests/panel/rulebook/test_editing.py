"""A draft is edited part by part; every name that points at a part follows it."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.errors import Conflict, Invalid, Missing
from panel.rulebook import rules
from panel.rulebook.types import (
    AddForm,
    AddItem,
    AddSection,
    AddVeto,
    Anchor,
    Basics,
    Edit,
    FormHead,
    Groups,
    Item,
    ItemKind,
    ModelAnswer,
    Move,
    Numbers,
    PutItem,
    PutVeto,
    Remove,
    Rulebook,
    SectionHead,
    Text,
    Veto,
)
from tests.make.rulebook import DEFAULT

BOOK = rules.read(DEFAULT)
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029"), max_size=30
)
WORDS = st.builds(Text, TEXTS, TEXTS)


def head(book: Rulebook, key: str = "window", **changes: Any) -> FormHead:
    """Return the head of a form as it stands, with some changes."""
    form = book.form(key)
    plain = FormHead(
        key, form.title, form.minimum_answered_weight, form.decisive, form.reason_at_or_below,
        form.veto_cap_hundredths, form.errands,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


def put(book: Rulebook, key: str, form: str = "window", **changes: Any) -> PutItem:
    """Return an edit of an item with some changes, its right answers kept."""
    section = changes.pop("section", None)
    item = book.form(form).item(key)
    course = next(each for each in book.training.courses if each.form == form)
    answers = {
        case.key: answer for case in course.cases for answer in case.answers if answer.item == key
    }
    inside = next(each.id for each in book.form(form).sections if item in each.items)
    return PutItem(form, key, section or inside, msgspec.structs.replace(item, **changes), answers)


def fingerprint(book: Rulebook) -> str:
    return rules.fingerprint(rules.content(book))


def test_a_book_written_as_a_file_reads_back_with_the_same_hash() -> None:
    assert rules.read(rules.toml(BOOK)) == BOOK
    assert fingerprint(rules.read(rules.toml(BOOK))) == fingerprint(rules.read(DEFAULT))


EDITS = st.one_of(
    st.builds(Basics, WORDS, TEXTS, WORDS),
    st.builds(lambda text, n: put(BOOK, "A1", text=text, weight=n), WORDS, st.integers(1, 90)),
    st.builds(lambda a, b: put(BOOK, "A2", anchors=(Anchor(4, a), Anchor(2, b))), WORDS, WORDS),
    st.builds(lambda text: PutVeto("window", "V2", Veto("V2", text, text)), WORDS),
    st.builds(lambda text: SectionHead("window", "B", "B", text), WORDS),
    st.builds(lambda text: AddForm("other", text, "office"), WORDS),
    st.builds(lambda n: head(BOOK, weights={"A1": n}), st.integers(1, 99)),
    st.builds(lambda n: Numbers("rounds", {"grace_days": n}), st.integers(0, 99)),
    st.builds(lambda text: Numbers("rounds", {"allowance_basis": text}), TEXTS),
    st.sampled_from([Move("window", "item", "A3", 1), Move("office", "section", "C", -1)]),
    st.just(put(BOOK, "C1", kind=ItemKind.SCALE)),
    st.just(Remove("window", "item", "E3")),
)


@given(st.lists(EDITS, max_size=4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_was_edited_the_file_of_it_has_the_same_hash(edits: list[Edit]) -> None:
    book = BOOK
    for edit in edits:
        with suppress(Invalid, Missing):  # the same part added or removed twice
            book = rules.apply(book, edit)
    tidied = msgspec.convert(rules.tidy(msgspec.to_builtins(book)), Rulebook)
    if not rules.check(tidied):
        assert fingerprint(rules.read(rules.toml(tidied))) == fingerprint(tidied)
    # With or without faults the very same tree comes back.
    again = msgspec.convert(rules.tidy(tomllib.loads(rules.toml(tidied))), Rulebook)
    assert again == tidied


def test_a_text_means_the_same_typed_or_in_a_file_however_its_ends_look() -> None:
    spaced = DEFAULT.replace('zh = "环境与公开"', 'zh = " 环境与公开\\r\\n "')
    assert fingerprint(rules.read(spaced)) == fingerprint(BOOK)


def test_a_renamed_item_is_followed_by_whatever_names_it() -> None:
    book = rules.apply(BOOK, put(BOOK, "D1", id="D9"))
    assert book.form("window").decisive == ("D9", "C3")
    course = next(each for each in book.training.courses if each.form == "window")
    assert all("D9" in [answer.item for answer in case.answers] for case in course.cases)
    assert rules.check(book) == []


def test_an_item_asked_on_re_visits_only_needs_no_right_answer() -> None:
    book = rules.apply(BOOK, put(BOOK, "B3", revisit_only=True))
    assert rules.check(book) == []
    back = rules.apply(book, put(book, "B3", revisit_only=False))
    assert {fault.code for fault in rules.check(back)} == {"rulebook.case_item"}
    answers = {
        case.key: ModelAnswer("B3", Text("看到了帮办窗口。"), 4)
        for course in back.training.courses
        if course.form == "window"
        for case in course.cases
    }
    mended = rules.apply(back, msgspec.structs.replace(put(back, "B3"), answers=answers))
    assert rules.check(mended) == []


def test_another_kind_keeps_the_anchors_that_it_has_and_asks_for_the_rest() -> None:
    book = rules.apply(BOOK, put(BOOK, "A1", kind=ItemKind.FACT))
    values = [anchor.value for anchor in book.form("window").item("A1").anchors]
    assert values == [4, 2, 0]
    book = rules.apply(book, put(book, "A1", kind=ItemKind.SCALE))
    texts = [anchor.text.zh for anchor in book.form("window").item("A1").anchors]
    assert [bool(text) for text in texts] == [True, False, True, False, True]
    codes = [fault.code for fault in rules.check(book)]
    assert codes.count("rulebook.no_chinese") == 2


def test_a_new_form_has_the_course_of_the_one_it_was_copied_from() -> None:
    book = rules.apply(BOOK, AddForm("hospital", Text("医院窗口评议表"), "window"))
    assert rules.check(book) == []
    assert book.training.course("hospital") is not None
    assert book.form("hospital").sections == book.form("window").sections
    groups = tuple(
        msgspec.structs.replace(group, form="hospital") if group.key == "utility" else group
        for group in book.peer_groups
    )
    book = rules.apply(book, Groups(groups))
    assert book.form_of("utility").key == "hospital"
    with pytest.raises(Conflict, match=r"rulebook\.form_used"):
        rules.apply(book, Remove("hospital", "form"))


def test_a_removed_form_takes_its_course_along() -> None:
    book = rules.apply(BOOK, AddForm("hospital", Text("医院窗口评议表"), "window"))
    assert rules.apply(book, Remove("hospital", "form")) == BOOK


def test_a_group_with_units_stays() -> None:
    kept = frozenset(group.key for group in BOOK.peer_groups)
    with pytest.raises(Conflict, match=r"rulebook\.group_used"):
        rules.apply(BOOK, Groups(BOOK.peer_groups[1:]), kept)
    assert rules.apply(BOOK, Groups(BOOK.peer_groups[1:])).peer_groups == BOOK.peer_groups[1:]


def test_parts_move_one_step_and_items_over_the_edge_of_their_section() -> None:
    def order(book: Rulebook) -> list[str]:
        return [item.id for item in book.form("window").items]

    first = order(BOOK)
    moved = rules.apply(BOOK, Move("window", "item", "A1", 1))
    assert order(moved)[:2] == ["A2", "A1"]
    over = rules.apply(BOOK, Move("window", "item", "A3", 1))
    assert order(over) == first
    assert over.form("window").sections[1].items[0].id == "A3"
    assert rules.apply(BOOK, Move("window", "item", "A1", -1)) == BOOK
    assert rules.apply(over, Move("window", "item", "A3", -1)) == BOOK
    section = rules.apply(BOOK, Move("window", "section", "B", -1))
    assert [each.id for each in section.form("window").sections][:2] == ["B", "A"]
    veto = rules.apply(BOOK, Move("window", "veto", "V2", -1))
    assert [each.id for each in veto.form("window").vetoes][:2] == ["V2", "V1"]


def test_removed_parts_are_named_nowhere_any_more() -> None:
    book = rules.apply(BOOK, Remove("window", "item", "D1"))
    assert book.form("window").decisive == ("C3",)
    assert "rulebook.unknown_item" not in {fault.code for fault in rules.check(book)}
    book = rules.apply(BOOK, Remove("window", "section", "D"))
    assert {fault.code for fault in rules.check(book)} == {"rulebook.weights"}
    book = rules.apply(BOOK, Remove("window", "veto", "V6"))
    assert len(book.form("window").vetoes) == 5


def test_new_parts_begin_with_faults_that_name_them() -> None:
    book = rules.apply(BOOK, AddSection("window", "F", Text("其他")))
    assert [fault.code for fault in rules.check(book)] == ["rulebook.section_empty"]
    book = rules.apply(book, AddItem("window", "F", "F1"))
    codes = {fault.code for fault in rules.check(book)}
    assert codes == {"rulebook.weights", "rulebook.no_chinese", "rulebook.case_item"}
    book = rules.apply(BOOK, AddVeto("window", "V7"))
    assert {fault.code for fault in rules.check(book)} == {"rulebook.no_chinese"}


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (AddForm("window", Text("一"), "office"), "rulebook.repeated"),
        (AddForm("医院", Text("一"), "office"), "rulebook.key_form"),
        (AddSection("window", "A", Text("一")), "rulebook.repeated"),
        (AddItem("window", "A", "B1"), "rulebook.repeated"),
        (AddVeto("window", "V1"), "rulebook.repeated"),
        (put(BOOK, "A1", id="A2"), "rulebook.repeated"),
        (put(BOOK, "A1", id="../x"), "rulebook.key_form"),
        (PutVeto("window", "V1", Veto("V2", Text("一"), Text("一"))), "rulebook.repeated"),
        (SectionHead("window", "A", "B", Text("一")), "rulebook.repeated"),
        (Numbers("rounds", {"nothing": 1}), "rulebook.unknown_name"),
        (Numbers("rounds", {"grace_days": "7"}), "rulebook.unknown_name"),
        (Numbers("ranking", {"method": "guess"}), "form.required"),
    ],
)
def test_a_name_that_is_none_or_taken_is_refused(edit: Edit, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.apply(BOOK, edit)
    assert [fault.code for fault in refusal.value.faults] == [code]


@pytest.mark.parametrize(
    "edit",
    [
        Remove("nothing", "form"),
        Remove("window", "item", "Z1"),
        Remove("window", "veto", "Z1"),
        Move("window", "section", "Z", 1),
        AddItem("window", "Z", "Z1"),
        Numbers("nothing", {}),
        put(BOOK, "A1", section="Z"),
    ],
)
def test_what_is_not_there_can_t_be_edited(edit: Edit) -> None:
    with pytest.raises(Missing):
        rules.apply(BOOK, edit)


def test_numbers_of_every_chapter_can_be_changed() -> None:
    book = rules.apply(BOOK, Numbers("deadlines", {"revision": 36}))
    assert book.deadline("revision").amount == 36
    book = rules.apply(book, Numbers("weights", {"visits": 45, "survey": 0}))
    assert book.assessment.weights.visits == 45
    book = rules.apply(book, Numbers("findings", {"points": (1, 2, 3, 4)}))
    assert book.findings.points == (1, 2, 3, 4)
    assert rules.check(book) == []


def test_what_changed_is_told_part_by_part() -> None:
    book = rules.apply(BOOK, head(BOOK, weights={"B2": 5, "D1": 14}))
    found = [(each.path, each.before, each.after) for each in rules.changes(BOOK, book)]
    assert found == [
        ("forms[window].sections[B].items[B2].weight", "9", "5"),
        ("forms[window].sections[D].items[D1].weight", "10", "14"),
    ]
    moved = rules.apply(BOOK, Move("window", "section", "B", -1))
    assert [each.path for each in rules.changes(BOOK, moved)] == ["forms[window].sections[]"]
    assert rules.changes(BOOK, BOOK) == []


def test_a_piece_is_known_by_what_an_edit_of_it_replaces() -> None:
    edit = put(BOOK, "A1")
    assert rules.piece(BOOK, edit) == rules.piece(BOOK, edit)
    other = rules.apply(BOOK, put(BOOK, "A2", weight=7))
    assert rules.piece(other, edit) == rules.piece(BOOK, edit)
    changed = rules.apply(BOOK, put(BOOK, "A1", weight=5))
    assert rules.piece(changed, edit) != rules.piece(BOOK, edit)


def test_an_unknown_kind_of_item_stays_out() -> None:
    with pytest.raises(ValueError, match="numbers"):
        ItemKind("numbers")
    assert Item("A1", ItemKind.FACT, 1, Text("一"), ()).covert

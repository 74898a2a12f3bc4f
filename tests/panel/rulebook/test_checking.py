"""What domain 4.6 asks of measures before they may be proposed."""

from __future__ import annotations

import pytest

from panel.errors import Fault, Invalid
from panel.rulebook import rules
from tests.make.rulebook import DEFAULT


def faults(toml: str) -> list[Fault]:
    """Return the faults of a text."""
    with pytest.raises(Invalid) as refusal:
        rules.read(toml)
    return list(refusal.value.faults)


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        ('id = "A2"\nkind = "fact"', 'id = "A2"\nkind = "scale"',
         "forms[0].sections[0].items[1].anchors", "rulebook.anchors"),
        ('id = "B3"\nkind = "fact"', 'id = "B3"\nkind = "scale"', "forms[0].sections[1].items",
         "rulebook.no_observable"),
        ('confirmation = { zh = "经调查"', 'confirmation = { zh = " "',
         "forms[0].vetoes[5].confirmation", "rulebook.no_chinese"),
        ('zh = "都看得到，与实际一致"', 'zh = ""', "forms[0].sections[0].items[1].anchors[0].text",
         "rulebook.no_chinese"),
        ('errands = ["enquiry", "real", "accompany"]', "errands = []", "forms[0].errands",
         "rulebook.errands"),
        ("reason_at_or_below = 1", "reason_at_or_below = 4", "forms[0].reason_at_or_below",
         "rulebook.reason_range"),
        ("veto_cap_hundredths = 5900", "veto_cap_hundredths = 10001",
         "forms[0].veto_cap_hundredths", "rulebook.score_range"),
        ("minimum_answered_weight = 70", "minimum_answered_weight = 97",
         "forms[0].minimum_answered_weight", "rulebook.out_of_reach"),
        ('decisive = ["D1", "C3"]', 'decisive = ["E3"]', "forms[0].decisive",
         "rulebook.decisive_unasked"),
        ('id = "V2"', 'id = "V1"', "forms[0].vetoes", "rulebook.repeated"),
        ("double_percent = 4", "double_percent = 101", "rounds.double_percent",
         "rulebook.percent"),
        ("rest_rounds = 1", "rest_rounds = -1", "rounds.rest_rounds", "rulebook.negative"),
        ("visitors = 9", "visitors = 0", "targeting.visitors", "rulebook.positive"),
        ("rest_days = 90", "rest_days = 9999999", "targeting.rest_days", "rulebook.too_large"),
        ("severe_hundredths = 1200", "severe_hundredths = 12000",
         "reviewing.severe_hundredths", "rulebook.score_range"),
        ("independent_from = 3", "independent_from = 5", "findings.independent_from",
         "rulebook.severity"),
        ("points = [1, 3, 6, 15]", "points = [1, 3, 6]", "findings.points", "rulebook.points"),
        ("points = [1, 3, 6, 15]", "points = [1, 3, 16, 15]", "findings.points",
         "rulebook.points_order"),
        ('bodies = ["纪委监委"', 'bodies = [" "', "findings.bodies", "rulebook.bodies"),
        ('quiet_from = "21:00"', 'quiet_from = "9pm"', "messages.quiet_from",
         "rulebook.time_of_day"),
        ("release_days = [1, 15]", "release_days = [1, 31]", "covert.release_days",
         "rulebook.days_of_month"),
    ],
)  # fmt: skip
def test_a_fault_is_found_at_its_place(old: str, new: str, path: str, code: str) -> None:
    assert old in DEFAULT
    assert (path, code) in [(f.path, f.code) for f in faults(DEFAULT.replace(old, new, 1))]


def test_the_default_says_every_bound_in_so_many_words() -> None:
    for name in (
        "rest_rounds", "double_percent", "uniform_percent", "cap_times", "shown_days_before",
        "upheld_at_least", "spot_check_percent", "independent_items", "quiet_from",
        "opening_minutes", "errands", "guide", "photo",
    ):  # fmt: skip
        assert f"\n{name} = " in DEFAULT, name
    keys = {deadline.key for deadline in rules.read(DEFAULT).deadlines}
    assert {"finding_reply", "veto_reply", "finding_check", "held_sheet", "lead_answer"} <= keys

"""Levels, peer groups, lists, the annual mark, publication."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from panel.rulebook.types.texts import Text


class Band(msgspec.Struct, frozen=True):
    """A level of scores, from this many hundredths upwards."""

    key: str
    text: Text
    from_hundredths: int


class PeerGroup(msgspec.Struct, frozen=True):
    """Units that may fairly be compared; ``form`` names their scoring sheet."""

    key: str
    text: Text
    form: str
    ranked: bool = True


class Ranking(msgspec.Struct, frozen=True):
    """How lists are made of scores; what older measures did not say yet has a default."""

    method: str
    scope: Literal["peer_group", "city"]
    list_size: int
    bottom_share_percent: int
    gate_hundredths: int
    unit_minimum_visits: int
    unit_minimum_raters: int
    window_minimum_visits: int
    window_minimum_raters: int
    window_minimum_staff: int
    rectification_places: int
    confirmed_percent: int = 90
    """Probability of truly being among the first or last from which a place is confirmed."""
    provisional_percent: int = 10
    """Probability from which somebody outside of a list is named as not settled."""
    draws: int = 10_000
    """Simulated cities from which probabilities and ranges are counted."""
    trim_percent: int = 10
    """Share of sheets that the trimmed mean leaves out at either end."""
    window_weights: Literal["equal", "transactions"] = "equal"
    weight_cap_percent: int = 40
    """Largest share of one window in its unit where transactions weigh."""
    last_place: Literal["gated", "unconditional"] = "gated"
    """Whether the last place alone has consequences, or only one that is under the gate too."""
    rectification_share_percent: int = 100
    """Share of a list that the last places take at most; who is under the gate stays among them."""


class Officers(msgspec.Struct, frozen=True):
    """Lists of mid-level officers: who may be proposed, how it is voted, how far it is told."""

    minimum_visits: int = 12
    minimum_raters: int = 8
    minimum_items: int = 3
    """Verified findings or commendations from which somebody is proposed without figures."""
    tail_percent: int = 5
    list_size: int = 10
    quorum_percent: int = 50
    """More than this share of those entitled must be present."""
    majority_percent: int = 50
    """More than this share of those present must agree."""
    level: Literal["named", "post_only", "internal"] = "internal"


class Collective(msgspec.Struct, frozen=True):
    """The collective evaluation: the whole panel marks every unit on a ballot."""

    levels: tuple[int, ...] = (10_000, 7_500, 5_500, 0)
    """Hundredths of a point of each answer, the best first; "don't know" counts in none."""
    minimum_ballots: int = 30
    """Valid ballots from which a unit has a figure."""
    quorum_percent: int = 50
    """More than this share of the panel must be present."""


class Weights(msgspec.Struct, frozen=True):
    """Shares of the annual assessment, in percent; they sum to 100."""

    visits: int
    collective: int
    complaints: int
    rectification: int
    survey: int


class Complaints(msgspec.Struct, frozen=True):
    """Shares of the complaints component, in percent; they sum to 100."""

    upheld: int = 40
    on_time: int = 30
    satisfied: int = 30


class PublicWork(msgspec.Struct, frozen=True):
    """Shares of the formula of public and work, in percent; what is left is the other's."""

    public: int = 70
    visits: int = 60
    """Of the public part; the rest is the survey's."""
    complaints: int = 50
    """Of the work part; the rest is rectification's."""


class Threshold(msgspec.Struct, frozen=True):
    """What follows from the share of the lowest answers on the ballots of a unit.

    Of one ``option`` only the highest share that is reached counts; sources differ in ``>=`` (以上)
    and ``>`` (超过), so the operator is part of the rule.
    """

    key: str
    text: Text
    levels: int
    """How many of the lowest answers are counted."""
    operator: Literal[">=", ">"]
    percent: int
    action: Literal["talk_reminder", "talk_admonition", "recommendation"]
    days: int
    """Days until the talk is due, or the answer of the competent body."""
    option: str = "ballots"


THRESHOLDS: Final = (
    Threshold(
        "admonition", Text("诫勉谈话", "Admonition talk"), 2, ">=", 30, "talk_admonition", 30
    ),
    Threshold("reminder", Text("提醒谈话", "Reminder talk"), 2, ">=", 20, "talk_reminder", 30),
)
"""As far as measures do not say otherwise."""


class Assessment(msgspec.Struct, frozen=True):
    """The annual mark and its consequences; the formulas are those of methods.md 7."""

    weights: Weights
    gate_hundredths: int
    rectification_days: int
    formula: Literal["weighted", "public_work", "deductions"] = "weighted"
    """How the components are put together; see `panel.assessments.rules`."""
    complaints: Complaints = Complaints()
    public_work: PublicWork = PublicWork()
    single_most_percent: int = 70
    """Largest share that a single input may have in a mark."""
    thresholds: tuple[Threshold, ...] = THRESHOLDS
    deductions_most: int = 10
    """Most points that findings take away where the formula is weighted."""
    late_points: int = 2
    complaint_points: int = 1
    recurrence_points: int = 10
    recurrence_days: int = 180
    """Days after closing within which the same problem opens an order again."""


class Publication(msgspec.Struct, frozen=True):
    """What becomes public, and from how many."""

    minimum_visitors: int
    named_years: int
    levels: dict[str, Literal["public", "unit", "internal"]]
    """Publication level by kind of record: unit_ranking, window_ranking, officer_ranking…"""

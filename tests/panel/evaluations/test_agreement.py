"""Agreement of blind double visits: textbook figures, exact, of many and never of one."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from panel import db
from panel.evaluations import commands, queries, rules
from panel.evaluations.rules.agreement import alpha
from panel.evaluations.types import Read
from panel.visits import queries as visits
from tests import people
from tests.make import evaluations
from tests.make import visits as make

_TEXTBOOK = (
    (1, 1, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4), (4, 4, 4, 4),
    (1, 1, 2, 1), (2, 2, 2, 2), (5, 5, 5), (1, 1), (3,),
)  # fmt: skip
"""Four observers and twelve units (Krippendorff 2011, example C): 0.815 for ranks."""


def test_alpha_is_the_textbooks_for_ranked_answers() -> None:
    found = alpha(_TEXTBOOK)
    assert found is not None
    assert round(float(found), 3) == 0.815


def test_equal_answers_are_full_agreement_and_one_value_says_nothing() -> None:
    assert alpha([(0, 0), (4, 4)]) == 1
    assert alpha([(4, 4), (4, 4)]) is None
    assert alpha([(1,), (3,)]) is None
    assert rules.agreement([]).alpha is None


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=20))
def test_alpha_is_never_above_one_and_knows_no_order(pairs: list[tuple[int, int]]) -> None:
    found = alpha(pairs)
    assert found == alpha([(two, one) for one, two in reversed(pairs)])
    assert found is None or found <= Fraction(1)


def test_shares_count_couples_on_the_items_that_both_answered() -> None:
    one = Read({"A1": 4, "A2": 3, "A3": 0}, 8000)
    two = Read({"A1": 4, "A2": 2, "B1": 1}, 7550)
    found = rules.agreement([(one, two), (one,)])
    assert (found.pairs, found.answers, found.equal, found.near) == (1, 2, 1, 2)
    assert (found.gap, found.equal_percent, found.near_percent) == (450, 50, 100)


async def test_a_rounds_agreement_is_told_of_enough_accepted_pairs_only(engine: db.Engine) -> None:
    setting = await make.running_round(members_count=24, double_percent=20)
    pairs = await visits.pairs(setting.round.id)
    assert len(pairs) > 1
    for receipt in await evaluations.all_sent(setting):
        await commands.accept(people.reviewer, receipt.code, at=evaluations.SENT)
    found = await queries.agreement(setting.round.id, least=len(pairs))
    assert found is not None
    assert (found.pairs, found.equal_percent, found.gap, found.alpha) == (len(pairs), 100, 0, None)
    assert await queries.agreement(setting.round.id, least=len(pairs) + 1) is None

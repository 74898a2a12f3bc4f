"""Where the chance of a draw comes from: what is refused before, and what follows from it."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from panel.audit.types import ChainCode
from panel.errors import Conflict, Invalid
from panel.rulebook import rules as reading
from panel.visits import rules
from panel.visits.types import (
    Announced,
    PublicGame,
    RoundState,
    RoundView,
    SeedSource,
    Witnesses,
)
from tests.make import visits as make
from tests.panel.visits.test_rules import place

BOOK = reading.read(make.DEFAULT.read_text(encoding="utf-8"))
AT = datetime(2026, 3, 8, 2, 0, tzinfo=UTC)
BOTH = (
    Announced(PublicGame.WELFARE, "2026057", date(2026, 3, 8)),
    Announced(PublicGame.SPORTS, "26057", date(2026, 3, 9)),
)
SEEN = Witnesses("市纪委监委驻厅纪检组", "市公证处", "见证〔2026〕3号")
CODE = hashlib.sha256(b"a code of the chain").hexdigest()
CHAIN = ChainCode(position=1, code=CODE, previous=hashlib.sha256(bytes.fromhex(CODE)).hexdigest())


def view(source: SeedSource, state: RoundState = RoundState.COMMITTED, **more: object) -> RoundView:
    """Return a round whose chance comes from a source."""
    plain = RoundView(
        id=1, code=make.NOBODY, state=state, draft=make.draft(source=source),
        rulebook_code=make.NOBODY, created_by=1, created_at=AT, approved_by=2, approved_at=AT,  # type: ignore[arg-type]
        approval_document="", committed_at=AT, drawn_by=None, drawn_at=None, closed_at=None,
        closes_at=make.ENDS, commitment="", record_hash="",
    )  # fmt: skip
    return msgspec.structs.replace(plain, **more)


def faults(refusal: Invalid) -> set[tuple[str, str]]:
    return {(fault.path, fault.code) for fault in refusal.faults}


def test_both_lotteries_are_named_before_they_are_drawn() -> None:
    named = rules.announce(view(SeedSource.LOTTERY), BOTH, AT)
    assert named.announced == BOTH
    with pytest.raises(Invalid) as refused:
        rules.announce(view(SeedSource.LOTTERY), BOTH[:1], AT)
    assert faults(refused.value) == {("issue_0", "round.two_lotteries")}
    evening = AT.replace(hour=12)  # eight in the evening
    with pytest.raises(Invalid) as refused:
        rules.announce(view(SeedSource.LOTTERY), BOTH, evening)
    assert faults(refused.value) == {("on_0", "round.issue_known")}
    nameless = (msgspec.structs.replace(BOTH[0], issue=" "), BOTH[1])
    with pytest.raises(Invalid) as refused:
        rules.announce(view(SeedSource.LOTTERY), nameless, AT)
    assert faults(refused.value) == {("issue_0", "round.issue_missing")}


def test_a_round_by_the_chain_alone_names_no_lottery() -> None:
    assert rules.announce(view(SeedSource.CHAIN), BOTH, AT).announced == ()


def test_numbers_are_read_after_they_are_drawn_as_three_digits() -> None:
    committed = view(SeedSource.LOTTERY, announced=BOTH)
    with pytest.raises(Conflict, match=r"round.number_not_yet"):
        rules.may_read_numbers(committed, ["123", "456"], AT)
    later = AT + timedelta(days=2)
    assert rules.may_read_numbers(committed, ["\uff11\uff12\uff13", " 045 "], later) == (
        "123",
        "045",
    )
    for values in (["12", "456"], ["123", "4567"], ["12a", "456"]):
        with pytest.raises(Invalid):
            rules.may_read_numbers(committed, values, later)
    with pytest.raises(Invalid):
        rules.may_read_numbers(committed, ["123"], later)
    with pytest.raises(Conflict):
        rules.may_read_numbers(view(SeedSource.CHAIN), ["123", "456"], later)


def test_nobody_agrees_with_oneself() -> None:
    read = {7: ("123", "045")}
    assert rules.agree(read, 7, ("123", "045")) is None
    assert rules.agree(read, 8, ("123", "045")) is True
    assert rules.agree(read, 8, ("123", "054")) is False


def test_a_draw_waits_an_hour_or_has_two_witnesses() -> None:
    by_chain = view(SeedSource.CHAIN)
    with pytest.raises(Conflict, match=r"round.same_hour"):
        rules.may_draw(by_chain, SEEN, AT + timedelta(minutes=59))
    assert rules.may_draw(by_chain, None, AT + timedelta(hours=1)) is None
    assert rules.drawable_from(by_chain) == AT + timedelta(hours=1)
    seen = view(SeedSource.WITNESSED)
    assert rules.may_draw(seen, SEEN, AT) == SEEN
    assert rules.drawable_from(seen) is None
    for wrong, path in (
        (None, "first"),
        (msgspec.structs.replace(SEEN, second=SEEN.first), "second"),
        (msgspec.structs.replace(SEEN, document=" "), "document"),
    ):
        with pytest.raises(Invalid) as refused:
            rules.may_draw(seen, wrong, AT)
        assert path in {fault.path for fault in refused.value.faults}


def test_a_draw_by_lottery_waits_for_both_numbers() -> None:
    half = (msgspec.structs.replace(BOTH[0], value="123"), BOTH[1])
    for announced in (BOTH, half):
        with pytest.raises(Conflict, match=r"round.numbers_missing"):
            rules.may_draw(view(SeedSource.LOTTERY, announced=announced), None, AT)


def test_every_number_changes_the_seed() -> None:
    labels, places = ["a" * 64, "b" * 64], [place(demand=1)]

    def seed(*values: str) -> str:
        named = tuple(
            msgspec.structs.replace(each, value=value)
            for each, value in zip(BOTH, values, strict=True)
        )
        one = view(SeedSource.LOTTERY, announced=named)
        one = msgspec.structs.replace(
            one, commitment=rules.commitment(one, BOOK, labels, places, CHAIN)
        )
        return rules.seed_for(one, BOOK, labels, places, CHAIN)

    assert len({seed("123", "045"), seed("124", "045"), seed("123", "046")}) == 3
    assert seed("123", "045") == seed("123", "045")

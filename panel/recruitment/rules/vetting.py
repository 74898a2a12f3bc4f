"""Lists to vetting offices and their stamped replies: what a reply may say, row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import msgspec

from panel.actor import Actor, Role
from panel.chance import digest
from panel.errors import Conflict, Fault, Forbidden, Invalid, Value
from panel.ids import Code, PersonId
from panel.recruitment.rules import identity
from panel.recruitment.rules.screening import Vote
from panel.recruitment.rules.sheets import MOST
from panel.recruitment.types.campaigns import Verdict
from panel.recruitment.types.vetting import ListedState, ListState
from panel.roster.types import SheetRow

_PASSED: Final = frozenset({"通过", "合格", "符合", "同意", "无", "无问题", "未发现问题", "pass"})
_HIT: Final = frozenset({"不通过", "不合格", "不符合", "不同意", "有", "有问题", "fail"})
_OFFICE: Final = 120
Line = tuple[str, str, str]
"""Ticket, name and id number of a line, as they went out."""


class Reply(msgspec.Struct, frozen=True):
    """What an office says: the tickets without a finding, and those with one and its reason."""

    passed: tuple[Code, ...]
    hits: dict[Code, str]


def read_office(office: str) -> str:
    """Return the name of the office that a list goes to."""
    plain = identity.tidy(office)
    if not plain:
        raise Invalid("form.faults", Fault("office", "form.required"))
    if len(plain) > _OFFICE:
        raise Invalid("form.faults", Fault("office", "form.too_long", {"most": _OFFICE}))
    return plain


def root(tickets: Collection[str]) -> str:
    """Return the fingerprint of who stands on a list."""
    return digest(sorted(tickets))


def may_return(state: ListState) -> None:
    """Refuse a reply to a list that has come back, or was called back."""
    if state is not ListState.SENT:
        raise Conflict(f"vetting.list_{state.value}")


def clerk_of(actor: Actor) -> str:
    """Return the office for which somebody enters replies; the organiser's people have none."""
    return "" if actor.may(Role.COORDINATOR) else identity.tidy(actor.office)


def may_enter(actor: Actor, others: Sequence[tuple[PersonId, str]]) -> None:
    """Refuse a reply entered by who entered another office's about the same people.

    Two offices are two hands: another person, and no clerk of the same office.
    """
    if any(person == actor.person for person, _ in others):
        raise Forbidden("vetting.same_hand")
    own = clerk_of(actor)
    if own and any(identity.tidy(office) == own for _, office in others):
        raise Forbidden("vetting.same_desk")


def may_decide(state: ListedState, votes: Sequence[Vote], person: PersonId) -> None:
    """Refuse a second decision on a hit, or one by somebody who has judged the applicant."""
    if state is not ListedState.HIT:
        raise Conflict("vetting.hit_decided")
    if any(vote.own and vote.clerk == person for vote in votes):
        raise Conflict("vetting.same_person")


def read_reply(
    rows: Sequence[SheetRow],
    tickets: Collection[str],
    reasons: Mapping[str, Sequence[str]],
    seal: Callable[[Line], str],
    faults: Sequence[Fault] = (),
) -> Reply:
    """Return what a reply says; ``Invalid`` names every row that is not as it went out.

    ``seal`` makes the check code of a line anew; ``reasons`` holds the words of each code.
    """
    words = {identity.tidy(word): code for code, known in reasons.items() for word in known}
    told = list(faults)
    passed: list[Code] = []
    hits: dict[Code, str] = {}
    seen: dict[str, int] = {}
    for row in rows:
        ticket = identity.tidy(row.cells["报名号"]).upper()
        fault = _foreign(row, ticket, tickets, seen, seal)
        seen.setdefault(ticket, row.number)
        if fault is not None:
            told.append(fault)
            continue
        outcome = _outcome(row, words)
        if isinstance(outcome, Fault):
            told.append(outcome)
        elif outcome:
            hits[Code(ticket)] = outcome
        else:
            passed.append(Code(ticket))
    missing = sorted(set(tickets) - set(seen))
    told += [Fault("", "vetting.row_missing", {"ticket": ticket, "row": 0, "column": "报名号"})
             for ticket in missing]  # fmt: skip
    if told:
        ordered = sorted(told, key=lambda each: int(str(each.values.get("row", 0))))
        raise Invalid("import.faults", *ordered[:MOST], total=len(ordered))
    return Reply(tuple(passed), hits)


def _foreign(
    row: SheetRow,
    ticket: str,
    tickets: Collection[str],
    seen: Mapping[str, int],
    seal: Callable[[Line], str],
) -> Fault | None:
    """Find a row that did not go out like this: unknown, twice, or with another's ticket."""
    if ticket not in tickets:
        return _at(row, "报名号", "vetting.row_unknown")
    if ticket in seen:
        return _at(row, "报名号", "import.twice", first=seen[ticket])
    line = (ticket, row.cells.get("姓名", ""), row.cells.get("身份证号", ""))
    if row.cells.get("核对码", "").strip().lower() != seal(line):
        return _at(row, "核对码", "vetting.row_changed")
    return None


def _outcome(row: SheetRow, words: Mapping[str, str]) -> str | Fault:
    """Return the reason code of a hit, an empty text where nothing was found."""
    said = identity.tidy(row.cells["审查意见"]).casefold()
    why = identity.tidy(row.cells.get("原因", ""))
    if said in _PASSED:
        return _at(row, "原因", "vetting.reason_of_pass") if why else ""
    if said not in _HIT:
        return _at(row, "审查意见", "vetting.no_opinion" if not said else "vetting.opinion")
    if not why:
        return _at(row, "原因", "vetting.reason_needed")
    return words.get(why) or _at(row, "原因", "vetting.reason_unknown")


def _at(row: SheetRow, column: str, code: str, **values: int) -> Fault:
    told: dict[str, Value] = {**values, "row": row.number, "column": column}
    return Fault(f"row {row.number}, {column}", code, told)


def verdict_of(state: ListedState) -> Verdict:
    """Return the verdict that an office gives by a decided line."""
    return Verdict.FAIL if state is ListedState.CONFIRMED else Verdict.PASS

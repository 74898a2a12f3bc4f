"""Reads of the officers' lists; none of them opens a name except what is published by name."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from panel import keys
from panel.actor import Actor
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.rankings.queries.appeals import appeals_of
from panel.rankings.rules import attribution
from panel.rankings.rules import officers as rules
from panel.rankings.rules.appeals import again
from panel.rankings.types import AppealKind, AppealState, AppealView, Method
from panel.rankings.types.officers import (
    Candidate,
    CaseState,
    CaseView,
    CommendationView,
    Disclosure,
    Evidence,
    Figure,
    Hearing,
    MeasureKind,
    MeasureOutcome,
    MeasureView,
    OfficerList,
    PublishedOfficer,
    Side,
    VoteView,
)
from panel.roster import queries as places
from panel.roster.queries import duty
from panel.roster.types import OfficerView
from panel.rulebook import queries as rulebooks
from panel.vault import queries as vault
from panel.visits import queries as rounds
from panel.visits.types import RoundView

TEXTS: Final = (
    "check", "hearing", "vote", "decision", "appeal", "again", "end", "measure", "answer",
)  # fmt: skip
_CASE: Final = (
    "SELECT c.*, o.code AS officer_code, o.person, e.rulebook, r.code AS round_code, r.title, "
    "r.title_en, v.body AS vote_body, v.held_on, v.entitled, v.present, v.in_favour, v.against, "
    "v.abstained, v.carried, v.document AS vote_document, v.text AS vote_text, "
    "v.recorded_by AS vote_by, v.recorded_at AS vote_at, m.kind AS measure_kind, "
    "m.body AS measure_body, m.document AS measure_document, m.text AS measure_text, m.sent_on, "
    "m.sent_by, m.outcome, m.answer_document, m.answer_text, m.answered_on "
    "FROM officer_case c JOIN officer o ON o.id = c.officer "
    "JOIN officer_edition e ON e.id = c.edition JOIN visit_round r ON r.id = c.round "
    'LEFT JOIN recorded_vote v ON v."case" = c.id LEFT JOIN officer_measure m ON m."case" = c.id '
)
_LIST: Final = (
    "SELECT e.*, r.code AS round_code FROM officer_edition e JOIN visit_round r ON r.id = e.round "
)


def list_context(round_id: int, number: int) -> str:
    """Return what the ciphertext of a list is bound to."""
    return f"officer_edition:{round_id}:{number}:sealed"


def case_context(code: Code | str) -> str:
    """Return what the ciphertext of a case's evidence is bound to."""
    return f"officer_case:{code}:evidence"


def sealed(plain: bytes, context: str) -> str:
    """Encrypt for a text column."""
    return base64.b64encode(keys.current().seal("visit", plain, context)).decode()


def _opened(stored: str, context: str) -> bytes:
    return keys.current().open("visit", base64.b64decode(stored), context)


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _vote(row: Mapping[str, Any]) -> VoteView | None:
    held_on = _day(row["held_on"])
    if held_on is None:
        return None
    return VoteView(
        body=row["vote_body"],
        held_on=held_on,
        entitled=row["entitled"],
        present=row["present"],
        in_favour=row["in_favour"],
        against=row["against"],
        abstained=row["abstained"],
        document=row["vote_document"],
        carried=bool(row["carried"]),
        recorded_by=_person(row["vote_by"]),
        recorded_at=row["vote_at"],
    )


def _measure(row: Mapping[str, Any]) -> MeasureView | None:
    sent_on = _day(row["sent_on"])
    if sent_on is None:
        return None
    return MeasureView(
        kind=MeasureKind(row["measure_kind"]),
        body=row["measure_body"],
        document=row["measure_document"],
        sent_on=sent_on,
        sent_by=_person(row["sent_by"]),
        outcome=MeasureOutcome(row["outcome"]) if row["outcome"] else None,
        answer_document=row["answer_document"],
        answered_on=_day(row["answered_on"]),
    )


def _case(row: Mapping[str, Any]) -> CaseView:
    evidence = msgspec.json.decode(
        _opened(row["evidence"], case_context(row["code"])), type=Evidence
    )
    return CaseView(
        id=row["id"],
        code=Code(row["code"]),
        round_code=Code(row["round_code"]),
        round_title=row["title"],
        round_title_en=row["title_en"],
        officer=Code(row["officer_code"]),
        person=PersonId(row["person"]),
        side=Side(row["side"]),
        evidence=evidence,
        state=CaseState(row["state"]),
        nominated_by=_person(row["nominated_by"]),
        nominated_at=row["nominated_at"],
        checked_by=_person(row["checked_by"]),
        checked_at=row["checked_at"],
        check_document=row["check_document"],
        delivered_on=_day(row["delivered_on"]),
        notice_document=row["notice_document"],
        notified_by=_person(row["notified_by"]),
        hear_until=row["hear_until"],
        heard_on=_day(row["heard_on"]),
        hearing=Hearing(row["hearing"]) if row["hearing"] else None,
        hearing_document=row["hearing_document"],
        heard_by=_person(row["heard_by"]),
        vote=_vote(row),
        listed=None if row["listed"] is None else bool(row["listed"]),
        decided_on=_day(row["decided_on"]),
        decision_document=row["decision_document"],
        decided_by=_person(row["decided_by"]),
        decided_at=row["decided_at"],
        told_on=_day(row["told_on"]),
        appeal_until=row["appeal_until"],
        level=Disclosure(row["level"]) if row["level"] else None,
        approval=row["approval"],
        published_by=_person(row["published_by"]),
        published_at=row["published_at"],
        end_document=row["end_document"],
        measure=_measure(row),
        rulebook_code=Code(row["rulebook"]),
    )


async def stored(code: Code) -> CaseView:
    """Return a case whoever asks: for commands, which judge the actor themselves."""
    rows = await raw(_CASE + "WHERE c.code = {}", code)
    if not rows:
        raise Missing("officers.missing")
    return _case(rows[0])


async def case(actor: Actor, code: Code) -> CaseView:
    """Return a case to a reader of the office; nothing in it tells who it is about."""
    actor.require(*rules.READERS)
    return await stored(code)


async def cases(actor: Actor, round: Code | None = None) -> list[CaseView]:  # noqa: A002
    """Return the cases of a round or of all, the newest round first, the top list first."""
    actor.require(*rules.READERS)
    where, values = ("WHERE r.code = {} ", [round]) if round is not None else ("", [])
    rows = await raw(
        _CASE + where + "ORDER BY r.id DESC, CASE c.side WHEN {} THEN 0 ELSE 1 END, c.id",
        *values,
        Side.TOP,
    )
    return [_case(row) for row in rows]


async def cases_of(officer: Code) -> list[CaseView]:
    """Return the cases of one officer: for commands, which judge the actor themselves."""
    return [_case(row) for row in await raw(_CASE + "WHERE o.code = {} ORDER BY c.id", officer)]


async def appeals_open(officer: Code) -> int:
    """Return how many appeals of an officer are not settled or may still be asked for again."""
    found = [
        each
        for case in await cases_of(officer)
        for each in await appeals_of(AppealKind.OFFICER, case.code)
    ]
    return sum(each.state is not AppealState.FINAL for each in found)


def askable(against: Sequence[AppealView], at: datetime) -> datetime | None:
    """Return until when an officer may ask for a reconsideration; nothing where none may be."""
    return next((each.reconsider_by for each in against if again(each, at)), None)


async def text_codes(view: CaseView) -> dict[str, Code]:
    """Return under which codes the texts of a case lie in the vault."""
    rows = await raw(_CASE + "WHERE c.id = {}", view.id)
    return {
        name: Code(rows[0][f"{name}_text"]) for name in TEXTS if rows and rows[0][f"{name}_text"]
    }


async def made(round: Code) -> OfficerList | None:  # noqa: A002 - the round is what it is
    """Return the newest computing of the officers' figures of a round; none before the first."""
    rows = await raw(_LIST + "WHERE r.code = {} ORDER BY e.number DESC LIMIT 1", round)
    return _list(rows[0]) if rows else None


async def figures(actor: Actor, round: Code) -> OfficerList | None:  # noqa: A002
    """Return the newest figures of a round to who may propose by them."""
    actor.require(*rules.READERS)
    return await made(round)


def _list(row: Mapping[str, Any]) -> OfficerList:
    plain = _opened(row["sealed"], list_context(row["round"], row["number"]))
    return OfficerList(
        id=row["id"],
        round_code=Code(row["round_code"]),
        number=row["number"],
        rulebook_code=Code(row["rulebook"]),
        method=Method(row["method"]),
        computed_by=_person(row["computed_by"]),
        computed_at=row["computed_at"],
        input_hash=row["input_hash"],
        attributed=row["attributed"],
        unattributed=row["unattributed"],
        figures=msgspec.json.decode(plain, type=tuple[Figure, ...]),
    )


async def candidates(actor: Actor, round: Code) -> list[Candidate]:  # noqa: A002
    """Return who may be proposed by the newest figures of a round and by verified evidence."""
    found = await figures(actor, round)
    if found is None:
        return []
    book = (await rulebooks.version(found.rulebook_code)).rulebook
    view = await rounds.round(round)
    praise = await praised(view)
    known = {each.officer for each in found.figures}
    extra = tuple(
        await _unvisited([code for code in praise if code not in known]) if praise else ()
    )
    whole = msgspec.structs.replace(found, figures=found.figures + extra)
    return rules.candidates(whole, praise, book.officers)


async def _unvisited(officers: Sequence[Code]) -> list[Figure]:
    """Return empty lines for officers without any visit who were commended in writing."""
    return [
        rules.unvisited(each.code, each.unit_code)
        for each in await duty.officers()
        if each.code in officers
    ]


async def praised(view: RoundView) -> dict[Code, list[Code]]:
    """Return the verified commendations of each officer in the year of a round, up to its end."""
    last = rules.local(view.draft.ends)
    found: dict[Code, list[Code]] = {}
    for each in await _commendations("WHERE c.verified_at IS NOT NULL "):
        if date(last.year, 1, 1) <= each.received_on <= last:
            found.setdefault(each.officer, []).append(each.code)
    return found


async def commendations(actor: Actor) -> list[CommendationView]:
    """Return the written commendations without what they say, the newest first."""
    actor.require(*rules.READERS)
    return await _commendations()


async def _commendations(where: str = "", *values: object) -> list[CommendationView]:
    rows = await raw(
        "SELECT c.*, o.code AS officer_code FROM officer_commendation c "
        f"JOIN officer o ON o.id = c.officer {where}ORDER BY c.id DESC",
        *values,
    )
    return [
        CommendationView(
            code=Code(row["code"]),
            officer=Code(row["officer_code"]),
            received_on=_day(row["received_on"]) or date.min,
            document=row["document"],
            recorded_by=_person(row["recorded_by"]),
            recorded_at=row["recorded_at"],
            verified_by=_person(row["verified_by"]),
            verified_at=row["verified_at"],
        )
        for row in rows
    ]


async def commendation(code: Code) -> CommendationView:
    """Return one commendation."""
    found = await _commendations("WHERE c.code = {} ", code)
    if not found:
        raise Missing("officers.no_commendation")
    return found[0]


async def served(
    officers: Iterable[OfficerView], views: Sequence[RoundView], least: int
) -> dict[Code, tuple[tuple[str, str], ...]]:
    """Return where officers served by confirmed rosters in the time of some rounds, by code.

    A window at which fewer than ``least`` people served is named by its hall alone: with the post
    beside it, it would name a person.
    """
    windows = {each.id: each for each in await places.windows()}
    shifts = attribution.Duty(await duty.confirmed(*span(views)))
    by_id = {each.id: each.code for each in officers}
    found: dict[Code, dict[tuple[str, str], None]] = {code: {} for code in by_id.values()}
    for window_id, staff in sorted(shifts.staff().items()):
        window = windows[window_id]
        few = len(staff) < least
        name = (window.hall_name, window.hall_name_en) if few else (window.name, window.name_en)
        for number in staff & by_id.keys():
            found[by_id[number]][name] = None
    return {code: tuple(names) for code, names in found.items()}


def span(views: Sequence[RoundView]) -> tuple[date, date]:
    """Return the first and the last day of some rounds."""
    return (
        min(rules.local(view.draft.starts) for view in views),
        max(rules.local(view.draft.ends) for view in views),
    )


async def published_names(*, at: datetime) -> list[PublishedOfficer]:
    """Return what may be shown of published lists now, for the part that can be removed again.

    The look at the names was noted when somebody decided to publish them. Nothing of level
    ``internal`` is here, nothing whose time is over, and no name where the post alone is told.
    """
    rows = await raw(
        _CASE + "WHERE c.state = {} AND c.level <> {} ORDER BY r.id, c.side DESC, c.id",
        CaseState.PUBLISHED,
        Disclosure.INTERNAL,
    )
    found = []
    for row in rows:
        view = _case(row)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        published = view.published_at or view.nominated_at
        until = rules.shown_until(published, book.publication.named_years)
        if rules.local(at) > until:
            continue
        officer = await duty.officer(view.officer)
        together = await rounds.counting_with(await rounds.round(view.round_code))
        where = await served([officer], together, book.ranking.window_minimum_staff)
        named = view.level is Disclosure.NAMED
        names = await vault.opened([view.person], ["name"]) if named else {}
        found.append(
            PublishedOfficer(
                case=view.code,
                round_code=view.round_code,
                side=view.side,
                level=Disclosure.NAMED if named else Disclosure.POST_ONLY,
                name=names[view.person].name if view.person in names else "",
                post=officer.post,
                post_en=officer.post_en,
                unit_name=officer.unit_name,
                unit_name_en=officer.unit_name_en,
                places=where[officer.code],
                document=view.decision_document,
                approval=view.approval,
                published_at=published,
                until=until,
            )
        )
    return found

"""Vetting by offices: a list goes out, its stamped reply comes in, hits are decided one by one."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from panel.actor import Actor, Role, Signature
from panel.audit.commands import entry
from panel.chance import digest
from panel.db import Duplicate, insert_rows, insert_values, raw
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Fault
from panel.ids import Code, PersonId
from panel.recruitment import queries
from panel.recruitment.commands.screening import clerk, hold, settle
from panel.recruitment.queries import vetting as lists
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules import screening, vetting
from panel.recruitment.tables import Listed, Vetting, VettingList
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView, Verdict, VettingReport
from panel.recruitment.types.vetting import LIST_COLUMNS, ListedState, ListState, ListView
from panel.roster.rules.tables import read_table
from panel.vault import commands as vault
from panel.vault.types import Identity

MAX_ROWS: Final = 60_000
_LOOKED: Final = ("name", "national_id", "employer")
_PIECE: Final = 1000
"""Names of one logged look: short transactions, so that others write in between."""
_REQUIRED: Final = ("报名号", "姓名", "身份证号", "核对码", "审查意见")
_CLERKS: Final = (Role.VETTING_CLERK, Role.COORDINATOR)


async def send_list(
    actor: Actor, campaign: Code, office: str, *, disputed: bool = False, at: dt.datetime
) -> ListView:
    """Put everybody whom an office has still to check on a list to it.

    With ``disputed`` only those about whom two verdicts differ: the office is the third.
    """
    actor.require(*_CLERKS)
    name = vetting.read_office(office)
    async with entry(actor, "recruitment.send_list", at=at) as note:
        found = await queries.campaign(campaign)
        rules.may_screen(found, at)
        await hold(found)
        wanted = await lists.to_list(found, name, disputed=disputed)
        if not wanted:
            raise Conflict("vetting.list_empty")
        row = VettingList(
            code=fresh_code(),
            campaign=found.id,
            office=name,
            size=len(wanted),
            root=vetting.root([each["code"] for each in wanted]),
            state=ListState.SENT,
            sent_at=at,
            sent_by=actor.person,
        )
        (number,) = await insert_rows(VettingList, [row])
        row.id = number
        await insert_values(
            Listed,
            ("sheet", "application", "state"),
            [(number, each["id"], ListedState.SENT.value) for each in wanted],
        )
        note.seal(row, "code", "campaign", "office", "size", "root")
        note.about("vetting_list", row.code, office=name, size=row.size, root=row.root)
    return await lists.vetting_list(found, Code(row.code))


async def open_list(
    actor: Actor, campaign: Code, code: Code, *, at: dt.datetime
) -> list[tuple[Code, PersonId, Identity]]:
    """Open the names of a list to write its spreadsheet; each look is shown to the applicant.

    Whoever has withdrawn since is left out: there is no name any more.
    """
    actor.require(*_CLERKS)
    found = await queries.campaign(campaign)
    sheet = await lists.vetting_list(found, code)
    vetting.may_return(sheet.state)
    people = [(ticket, person) for ticket, (_, person, _) in (await lists.listed(sheet)).items()]
    reason = f"{sheet.office} {sheet.code}"
    lines: list[tuple[Code, PersonId, Identity]] = []
    for start in range(0, len(people), _PIECE):
        some = people[start : start + _PIECE]
        opened = await vault.look_many(
            actor, [person for _, person in some], _LOOKED, reason, at=at
        )
        lines += [(ticket, person, opened[person]) for ticket, person in some if person in opened]
    return lines


async def take_reply(
    actor: Actor,
    campaign: Code,
    code: Code,
    data: bytes,
    filename: str,
    *,
    at: dt.datetime,
    paper: Signature,
    words: Mapping[str, Sequence[str]] | None = None,
) -> VettingReport:
    """Take in an office's stamped reply: everybody without a finding passes, hits wait.

    Refused whole, row by row explained: unknown or missing rows, another's ticket, no opinion.
    ``words`` are the texts that the list offered for reasons without words of the rulebook.
    """
    actor.require(*_CLERKS)
    person = clerk(actor)
    found = await queries.campaign(campaign)
    sheet = await lists.vetting_list(found, code)
    vetting.may_return(sheet.state)
    known = await lists.listed(sheet)
    present = {
        ticket: each for ticket, each in known.items()
        if each[2] is not ApplicationState.WITHDRAWN
    }  # fmt: skip
    reasons = {
        key: (key, *(filter(None, (text.zh, text.en)) if text else (words or {}).get(key, ())))
        for key, text in (await queries.reasons(found)).items()
    }
    reply = await asyncio.to_thread(
        _read_reply,
        data,
        filename,
        sheet.code,
        gone=set(known) - set(present),
        present=set(present),
        reasons=reasons,
    )
    async with entry(actor, "recruitment.take_reply", at=at, paper=paper) as note:
        rules.may_screen(await queries.campaign(campaign), at)
        await hold(found)
        vetting.may_enter(actor, await lists.hands(sheet))
        await _return(sheet, actor, paper, at)
        await _mark(sheet, {known[ticket][0]: why for ticket, why in reply.hits.items()})
        report = await _pass(found, sheet, present, reply, person, at)
        note.about("vetting_list", sheet.code, passed=len(reply.passed), hits=len(reply.hits))
        note.bulk("application", [digest([ticket, "pass"]) for ticket in reply.passed])
        note.bulk("hit", [digest([ticket, why]) for ticket, why in reply.hits.items()])
    return report


def _read_reply(
    data: bytes,
    filename: str,
    code: Code,
    *,
    gone: Collection[Code],
    present: Collection[Code],
    reasons: Mapping[str, Sequence[str]],
) -> vetting.Reply:
    """Read a reply; lines of people who have withdrawn since are passed over."""
    faults: list[Fault] = []
    table = read_table(
        data, filename, LIST_COLUMNS, required=_REQUIRED, faults=faults, most=MAX_ROWS
    )
    rows = [row for row in table.rows if row.cells["报名号"].strip().upper() not in gone]
    return vetting.read_reply(
        rows, present, reasons, lambda line: lists.check_code(code, *line), faults
    )


async def _return(sheet: ListView, actor: Actor, paper: Signature, at: dt.datetime) -> None:
    returned = (
        await VettingList.update(
            {
                VettingList.state: ListState.RETURNED,
                VettingList.returned_at: at,
                VettingList.returned_by: actor.person,
                VettingList.returned_office: vetting.clerk_of(actor),
                VettingList.document: paper.document,
            }
        )
        .where(VettingList.id == sheet.id, VettingList.state == ListState.SENT)
        .returning(VettingList.id)
    )
    if not returned:
        raise Conflict("vetting.list_returned")


async def _mark(sheet: ListView, found: Mapping[int, str]) -> None:
    """Mark the lines of a list as passed, and those with a finding as hits."""
    await raw("UPDATE vetting_listed SET state = {} WHERE sheet = {}", ListedState.PASSED, sheet.id)
    for number, why in found.items():
        await raw(
            "UPDATE vetting_listed SET state = {}, hit = {} WHERE sheet = {} AND application = {}",
            ListedState.HIT,
            why,
            sheet.id,
            number,
        )


async def _pass(  # noqa: PLR0917 - a reply with everything it is about
    campaign: CampaignView,
    sheet: ListView,
    present: Mapping[Code, tuple[int, PersonId, ApplicationState]],
    reply: vetting.Reply,
    person: PersonId,
    at: dt.datetime,
) -> VettingReport:
    """Give the office's verdict on everybody without a finding, and settle what is decided."""
    cast = await queries.votes(campaign, only_open=True)
    passed = {present[ticket][0]: present[ticket][2] for ticket in reply.passed}
    vote = screening.Vote(person, sheet.office, Verdict.PASS, "", listed=True)
    given = [
        number
        for number in passed
        if all(each.office != sheet.office for each in cast.get(number, []))
    ]
    await insert_values(
        Vetting,
        ("application", "clerk", "office", "verdict", "reason", "listed", "at"),
        [(number, person, sheet.office, Verdict.PASS.value, "", True, at) for number in given],
    )
    heard = set(given)
    after = {
        number: [*cast.get(number, []), *([vote] if number in heard else [])]
        for number, state in passed.items()
        if state is ApplicationState.SUBMITTED
    }
    return await settle(campaign, after, at=at)


async def decide_hit(
    actor: Actor,
    campaign: Code,
    code: Code,
    ticket: Code,
    *,
    confirm: bool,
    reason: str = "",
    at: dt.datetime,
) -> VettingReport:
    """Decide what an office found about one applicant: it stands, or it is somebody else's."""
    actor.require(*_CLERKS)
    person = clerk(actor)
    try:
        async with entry(actor, "recruitment.decide_hit", at=at) as note:
            found = await queries.campaign(campaign)
            rules.may_screen(found, at)
            await hold(found)
            sheet = await lists.vetting_list(found, code)
            view = await queries.application(found, ticket)
            line = await _line(sheet, view.id)
            votes = await queries.votes_on(view.id)
            vetting.may_decide(ListedState(line["state"]), votes, person)
            state = ListedState.CONFIRMED if confirm else ListedState.MISTAKEN
            verdict = vetting.verdict_of(state)
            known = await queries.reasons(found)
            why = screening.read_reason(verdict, reason or line["hit"], known)
            await _decide(line["id"], state, person, at)
            own = screening.Vote(person, sheet.office, verdict, why, listed=True)
            await insert_values(
                Vetting,
                ("application", "clerk", "office", "verdict", "reason", "listed", "at"),
                [(view.id, person, sheet.office, verdict.value, why, True, at)],
            )
            note.about("application", ticket, hit=state.value, sheet=sheet.code)
            is_open = view.state is ApplicationState.SUBMITTED
            return await settle(found, {view.id: [*votes, own]} if is_open else {}, at=at)
    except Duplicate as fault:
        raise Conflict("vetting.same_person") from fault


async def _line(sheet: ListView, application: int) -> dict[str, str]:
    row = (
        await Listed.select(Listed.id, Listed.state, Listed.hit)
        .where(Listed.sheet == sheet.id, Listed.application == application)
        .first()
    )
    if row is None:
        raise Conflict("vetting.hit_decided")
    return dict(row)


async def _decide(line: object, state: ListedState, person: PersonId, at: dt.datetime) -> None:
    decided = (
        await Listed.update({Listed.state: state, Listed.decided_by: person, Listed.decided_at: at})
        .where(Listed.id == line, Listed.state == ListedState.HIT)
        .returning(Listed.id)
    )
    if not decided:
        raise Conflict("vetting.hit_decided")


async def recall_list(
    actor: Actor, campaign: Code, code: Code, reason: str, *, at: dt.datetime
) -> VettingReport:
    """Call a list back that its office will not answer; what it held up goes on."""
    actor.require(*_CLERKS)
    why = screening.read_text(reason, "reason")
    async with entry(actor, "recruitment.recall_list", at=at, reason=why) as note:
        found = await queries.campaign(campaign)
        rules.may_screen(found, at)
        await hold(found)
        sheet = await lists.vetting_list(found, code)
        recalled = (
            await VettingList.update({VettingList.state: ListState.CANCELLED})
            .where(VettingList.id == sheet.id, VettingList.state == ListState.SENT)
            .returning(VettingList.id)
        )
        if not recalled:
            raise Conflict("vetting.list_returned")
        cast = await queries.votes(found, only_open=True)
        on_it = {number for number, _, _ in (await lists.listed(sheet)).values()}
        note.about("vetting_list", sheet.code, recalled=True)
        freed = {number: votes for number, votes in cast.items() if number in on_it}
        return await settle(found, freed, at=at)

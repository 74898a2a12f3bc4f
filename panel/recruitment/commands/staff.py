"""Staff lists of evaluated units: taken in as keyed hashes, compared, hits decided."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Final

import msgspec

from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import Note, entry
from panel.chance import canonical, digest
from panel.db import Duplicate, insert_rows, insert_values
from panel.errors import Conflict, Fault, Missing
from panel.ids import Code
from panel.members import commands as members
from panel.members import queries as seats
from panel.members.types import ExclusionKind
from panel.recruitment import queries
from panel.recruitment.commands.screening import clerk
from panel.recruitment.queries import keyed
from panel.recruitment.queries import staff as lists
from panel.recruitment.rules import campaigns as campaigns_rules
from panel.recruitment.rules import screening
from panel.recruitment.rules import staff as rules
from panel.recruitment.tables import (
    Application,
    StaffCheck,
    StaffHit,
    StaffList,
    StaffMark,
    Vetting,
)
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import Verdict
from panel.recruitment.types.vetting import (
    STAFF_COLUMNS,
    CheckView,
    HitKind,
    HitState,
    HitView,
)
from panel.roster import queries as roster
from panel.roster.rules.tables import read_table
from panel.rulebook import queries as rulebook
from panel.workdays import SHANGHAI

_CLERKS: Final = (Role.VETTING_CLERK, Role.COORDINATOR)


async def take_staff_list(
    actor: Actor, unit: Code, data: bytes, filename: str, *, at: dt.datetime
) -> int:
    """Keep a unit's staff as keyed hashes, and nothing else of them; replaces the old list."""
    actor.require(*_CLERKS)
    found = await roster.unit(unit)
    marks = await asyncio.to_thread(_marks, data, filename)
    async with entry(actor, "recruitment.take_staff_list", at=at) as note:
        replaced = (
            await StaffList.update({StaffList.current: False})
            .where(StaffList.unit == found.code, StaffList.current.eq(value=True))
            .returning(StaffList.id)
        )
        if replaced:
            await StaffMark.delete().where(StaffMark.sheet.is_in([row["id"] for row in replaced]))
        row = StaffList(
            unit=found.code, size=len(marks), current=True, received_at=at, received_by=actor.person
        )
        (number,) = await insert_rows(StaffList, [row])
        await insert_values(StaffMark, ("sheet", "mark"), [(number, mark) for mark in marks])
        note.about("unit", found.code, staff=len(marks))
    return len(marks)


def _marks(data: bytes, filename: str) -> list[str]:
    faults: list[Fault] = []
    table = read_table(data, filename, STAFF_COLUMNS, required=("身份证号",), faults=faults)
    return [keyed.mark(number) for number in rules.read(table.rows, faults)]


async def compare_staff(actor: Actor, *, at: dt.datetime) -> CheckView:
    """Look for applicants and serving members on the current staff lists, whenever it is wanted."""
    actor.require(*_CLERKS)
    if not await lists.staff_lists():
        raise Conflict("staff.no_list")
    return await _compare(actor, at=at)


async def compare_known(actor: Actor, *, at: dt.datetime) -> None:
    """Compare with the lists that there are, as part of the caller's command."""
    if await lists.staff_lists():
        await _compare(actor, at=at)


async def compare_due(*, at: dt.datetime) -> CheckView | None:
    """Compare once a quarter by itself; None when that has been done, or there is no list."""
    quarter = rules.quarter(at)
    if await StaffCheck.exists().where(StaffCheck.quarter == quarter):
        return None
    if not await lists.staff_lists():
        return None
    return await _compare(SYSTEM, at=at)


async def _compare(actor: Actor, *, at: dt.datetime) -> CheckView:
    """Store who is new on a list; joins the caller's command."""
    async with entry(actor, "recruitment.compare_staff", at=at) as note:
        serving = await seats.serving(at)
        codes = {each.person: each.code for each in serving}
        found = [
            (HitKind.APPLICANT.value, ticket, unit)
            for ticket, unit in await lists.applicants_on_lists()
        ]
        found += [
            (HitKind.MEMBER.value, codes[person], unit)
            for person, unit in await lists.people_on_lists(codes)
        ]
        excluded = await seats.exclusions()
        known = await lists.decided_before()
        quarter = rules.quarter(at)
        known |= {
            (row["kind"], row["subject"], row["unit"])
            for row in await StaffHit.select(StaffHit.kind, StaffHit.subject, StaffHit.unit).where(
                StaffHit.quarter == quarter
            )
        }
        fresh = [
            each
            for each in found
            if each not in known
            and not (each[0] == HitKind.MEMBER and each[2] in excluded.get(Code(each[1]), ()))
        ]
        await insert_values(
            StaffHit,
            ("kind", "subject", "unit", "quarter", "state", "found_at"),
            [(*each, quarter, HitState.OPEN.value, at) for each in fresh],
        )
        view = CheckView(
            quarter=quarter,
            day=at.astimezone(SHANGHAI).date(),
            lists=len(await lists.staff_lists()),
            compared=len(codes) + await lists.applicants_compared(),
            hits=len(fresh),
        )
        await _keep(view)
        note.about("staff_check", quarter, compared=view.compared, hits=len(fresh))
        note.bulk("hit", [digest(list(each)) for each in fresh])
    return view


async def _keep(view: CheckView) -> None:
    """Store a comparison; one more in the same quarter adds what it found."""
    earlier = (
        await StaffCheck.update(
            {
                StaffCheck.day: view.day,
                StaffCheck.lists: view.lists,
                StaffCheck.compared: view.compared,
                StaffCheck.hits: StaffCheck.hits + view.hits,
            }
        )
        .where(StaffCheck.quarter == view.quarter)
        .returning(StaffCheck.id)
    )
    if not earlier:
        await insert_rows(StaffCheck, [StaffCheck(**msgspec.structs.asdict(view))])


async def decide_staff_hit(
    actor: Actor,
    number: int,
    state: HitState,
    *,
    reason: str = "",
    note: str = "",
    at: dt.datetime,
) -> HitView:
    """Decide about somebody on a staff list: recused from that unit, ineligible, or a mistake."""
    actor.require(*_CLERKS)
    person = clerk(actor)
    kept = rules.read_note(state, note)
    try:
        async with entry(actor, "recruitment.decide_staff_hit", at=at) as told:
            hit = await lists.staff_hit(number)
            rules.may_decide(hit, state)
            decided = (
                await StaffHit.update(
                    {
                        StaffHit.state: state,
                        StaffHit.decided_by: person,
                        StaffHit.decided_at: at,
                        StaffHit.note: kept,
                    }
                )
                .where(StaffHit.id == number, StaffHit.state == HitState.OPEN)
                .returning(StaffHit.id)
            )
            if not decided:
                raise Conflict("staff.decided")
            if state is HitState.RECUSED:
                await _recuse(actor, hit, told, at=at)
            elif state is HitState.INELIGIBLE:
                await _strike(actor, hit, reason, at=at)
            if hit.kind is HitKind.APPLICANT:
                told.about("application", hit.subject, staff=state.value)
    except Duplicate as fault:
        raise Conflict("vetting.same_person") from fault
    return await lists.staff_hit(number)


async def _recuse(actor: Actor, hit: HitView, told: Note, *, at: dt.datetime) -> None:
    """Keep a member, or whoever will become one, from judging the unit."""
    if hit.kind is HitKind.MEMBER:
        await members.exclude(actor, hit.subject, hit.unit, ExclusionKind.STAFF, at=at)
        return
    row = (
        await Application.select(Application.id, Application.exclusions)
        .where(Application.code == hit.subject)
        .first()
    )
    if row is None:
        raise Missing("application.unknown")
    units: list[list[str]] = msgspec.json.decode(row["exclusions"])
    wanted = [hit.unit, ExclusionKind.STAFF.value]
    if wanted in units:
        return
    changed = (
        await Application.update({Application.exclusions: canonical([*units, wanted]).decode()})
        .where(Application.id == row["id"], Application.exclusions == row["exclusions"])
        .returning(Application.id)
    )
    if not changed:
        raise Conflict("vetting.settled")
    told.about("exclusion", hit.subject, unit=hit.unit)


async def _strike(actor: Actor, hit: HitView, reason: str, *, at: dt.datetime) -> None:
    """Find an applicant ineligible by a unit's own list; the right to reply is the same."""
    if hit.campaign is None:
        raise Missing("application.unknown")
    found = await queries.campaign(hit.campaign)
    campaigns_rules.may_screen(found, at)
    kept = screening.read_reason(Verdict.FAIL, reason, await queries.reasons(found))
    view = await queries.application(found, hit.subject)
    until = screening.answer_until(at, (await rulebook.version(found.rulebook)).rulebook)
    struck = (
        await Application.update(
            {
                Application.state: ApplicationState.INELIGIBLE,
                Application.reason: kept,
                Application.answer_until: until,
            }
        )
        .where(
            Application.id == view.id,
            Application.state.is_in([each.value for each in rules.STRIKABLE]),
        )
        .returning(Application.id)
    )
    if not struck:
        raise Conflict("vetting.settled")
    await insert_rows(
        Vetting,
        [
            Vetting(
                application=view.id,
                clerk=clerk(actor),
                office=actor.office,
                verdict=Verdict.FAIL,
                reason=kept,
                at=at,
            )
        ],
    )

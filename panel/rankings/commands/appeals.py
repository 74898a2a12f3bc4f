"""Appeals: filed, admitted, decided by somebody independent, carried out, asked for once more.

Rankings, annual marks and decisions on officers are appealed against alike. Whoever answers for
the last two checks that something may be appealed against, calls `file` in an own command, and
`applied` once what was upheld is carried out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec
from piccolo.columns import Column

from panel import keys
from panel.accounts import queries as accounts
from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import Note, entry
from panel.chance import canonical
from panel.db import Duplicate, insert_rows, savepoint
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Forbidden
from panel.evaluations import queries as evaluations
from panel.ids import Code, PersonId
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.rankings.commands.overdue import handlers
from panel.rankings.queries import appeals as queries
from panel.rankings.rules import appeals as rules
from panel.rankings.tables import Appeal, AppealFile, AppealSheet, AppealStep
from panel.rankings.types import (
    AppealDraft,
    AppealKind,
    AppealState,
    AppealView,
    CaseStep,
    RecordSheet,
    Verdict,
)
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.visits import queries as rounds

SEALED: Final = (
    "code",
    "kind",
    "subject",
    "unit",
    "ground",
    "filed_by",
    "state",
    "instance",
    "reviewer",
    "outcome",
    "reasons",
)


async def file(
    actor: Actor,
    kind: AppealKind,
    subject: str,
    unit: Code,
    draft: AppealDraft,
    *,
    until: datetime,
    rulebook: Code,
    at: datetime,
    edition: int = 1,
    handled_by: Collection[PersonId] = (),
) -> Code:
    """File an appeal of a unit against one thing, once; returns its code.

    ``until`` is the last moment at which it may be filed, ``handled_by`` who took part in the
    matter. A liaison files for the own unit; an office clerk records what came on paper, from an
    officer too. Refuses late ones (``Closed``), a second one, and one without leader or paper.
    """
    if actor.may(Role.LIAISON) and actor.unit != unit:
        raise Forbidden("appeal.not_own_unit")
    actor.require(Role.LIAISON, Role.COORDINATOR)
    async with entry(actor, "rankings.file_appeal", at=at) as note:
        rules.in_time(until, at)
        tidy = rules.check(draft)
        book = (await rulebooks.version(rulebook)).rulebook
        code = fresh_code()
        said = {"statement": tidy.statement, "leader": tidy.leader}
        row = Appeal(
            code=code,
            kind=kind.value,
            subject=subject,
            edition=edition,
            unit=(await roster.unit(unit)).id,
            ground=tidy.ground,
            content=queries.sealed(msgspec.json.encode(said).decode(), code, "content"),
            document=tidy.document,
            handled_by=_people(handled_by),
            rulebook=rulebook,
            filed_by=actor.person,
            filed_at=at,
            state=AppealState.FILED.value,
            due_at=rules.limit(book, "appeal_decision", at),
        )
        try:
            async with savepoint():
                (row.id,) = await insert_rows(Appeal, [row])
        except Duplicate as known:
            raise Conflict("appeal.filed") from known
        await _keep_files(row.id, tidy.pictures, at=at)
        await _tell(row.id, CaseStep.FILED, actor, at=at)
        note.seal(row, *SEALED)
        note.about("appeal", code, appeal=kind.value, subject=subject, unit=unit)
    return code


def _people(persons: Collection[PersonId]) -> str:
    return canonical(sorted(int(each) for each in set(persons))).decode()


async def _keep_files(appeal: int, pictures: Collection[bytes], *, at: datetime) -> None:
    rows = []
    for picture in pictures:
        code = fresh_code()
        data = keys.current().seal("reporter", picture, queries.context(code, "file"))
        rows.append(AppealFile(code=code, appeal=appeal, media="image/jpeg", sealed=data, at=at))
    await insert_rows(AppealFile, rows)


async def _tell(appeal: int, step: CaseStep, actor: Actor, *, at: datetime, text: str = "") -> None:
    row = AppealStep(appeal=appeal, step=step.value, at=at, by=actor.name, text=text)
    await insert_rows(AppealStep, [row])


async def _change(view: AppealView, note: Note, **columns: Any) -> None:
    """Change an appeal that is still as it was read, and protect its new state."""
    changes: dict[Column | str, Any] = {Appeal.revision: view.revision + 1}
    changes.update(columns.items())
    rows = (
        await Appeal.update(changes)
        .where(Appeal.id == view.id, Appeal.revision == view.revision)
        .returning(*Appeal.all_columns())
    )
    if not rows:
        raise Conflict("appeal.changed")
    note.seal(Appeal(**rows[0]), *SEALED)
    note.about("appeal", view.code, before=view.state.value, after=rows[0]["state"])


async def _tell_unit(view: AppealView, occasion: str, *, at: datetime) -> None:
    """Put a message without content into the outbox for whoever speaks for the unit.

    An officer's case is not the unit's: the officer is told on paper.
    """
    if view.kind is AppealKind.OFFICER:
        return
    persons = (await accounts.liaisons([view.unit_code])).get(view.unit_code, [])
    kind = MessageKind.UNIT_WAITS
    await notices.post(persons, kind, f"appeal {view.code} {occasion}", at=at)


async def acknowledge(actor: Actor, code: Code, *, at: datetime) -> None:
    """Confirm to a unit that its appeal came in."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.acknowledge_appeal", at=at) as note:
        view = await queries.appeal(code)
        rules.in_state(view, AppealState.FILED)
        await _change(view, note, state=AppealState.ACKNOWLEDGED.value, acknowledged_at=at)
        await _tell(view.id, CaseStep.ACKNOWLEDGED, actor, at=at)
        await _tell_unit(view, "acknowledged", at=at)


async def admit(actor: Actor, code: Code, *, at: datetime) -> None:
    """Let an appeal be gone into. Whoever it is directed against can only do this, never refuse."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER)
    async with entry(actor, "rankings.admit_appeal", at=at) as note:
        view = await queries.appeal(code)
        rules.in_state(view, AppealState.FILED, AppealState.ACKNOWLEDGED)
        await _change(
            view,
            note,
            state=AppealState.ADMITTED.value,
            acknowledged_at=view.acknowledged_at or at,
        )
        await _tell(view.id, CaseStep.ADMITTED, actor, at=at)


async def independent(actor: Actor, view: AppealView) -> None:
    """Refuse everybody who took part in what is appealed against, also as a member of the panel."""
    rules.apart(actor, view, await queries.involved(view))
    # The same person may have another account, by which the unit speaks.
    speakers = await accounts.liaisons([view.unit_code])
    if actor.person in speakers.get(view.unit_code, []):
        raise Forbidden("appeal.of_the_unit")
    if view.kind is not AppealKind.RANKING:
        return
    for each in await rounds.counting_with(await rounds.round(Code(view.subject))):
        own = await evaluations.own_links(actor.person, each.code)
        if await queries.made_a_visit(own):
            raise Forbidden("appeal.involved")


async def refuse(actor: Actor, code: Code, reason: str, words: str, *, at: datetime) -> None:
    """Say as an independent reviewer that an appeal is not gone into, and why."""
    async with entry(actor, "rankings.refuse_appeal", at=at, reason=reason) as note:
        view = await queries.appeal(code)
        await independent(actor, view)
        given = rules.may_refuse(view, reason, words)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        await _change(
            view,
            note,
            state=AppealState.INADMISSIBLE.value,
            inadmissible=given.value,
            acknowledged_at=view.acknowledged_at or at,
            first_reviewer=actor.person,
            reasons=queries.sealed(words.strip(), code, "reasons"),
            decided_at=at,
            reconsider_by=rules.limit(book, "reconsideration", at),
        )
        await _tell(view.id, CaseStep.INADMISSIBLE, actor, at=at, text=given.value)
        await _tell_unit(view, "inadmissible", at=at)


async def take(actor: Actor, code: Code, *, at: datetime) -> None:
    """Take an admitted appeal, or a reconsideration, as an independent reviewer."""
    async with entry(actor, "rankings.take_appeal", at=at) as note:
        view = await queries.appeal(code)
        rules.in_state(view, AppealState.ADMITTED, AppealState.RECONSIDERATION)
        await independent(actor, view)
        await _change(
            view,
            note,
            state=AppealState.REVIEWING.value,
            reviewer=actor.person,
            taken_at=at,
        )
        await _tell(view.id, CaseStep.TAKEN, actor, at=at)


async def give_up(actor: Actor, code: Code, *, at: datetime) -> None:
    """Give an appeal back that one can't decide; the next one takes it, the time runs on."""
    async with entry(actor, "rankings.give_up_appeal", at=at) as note:
        view = await queries.appeal(code)
        rules.own_case(actor, view)
        before = AppealState.ADMITTED if view.instance == 1 else AppealState.RECONSIDERATION
        await _change(view, note, state=before.value, reviewer=None, taken_at=None)
        await _tell(view.id, CaseStep.GIVEN_UP, actor, at=at)


async def open_record(actor: Actor, code: Code, *, at: datetime) -> tuple[RecordSheet, ...]:
    """Return the redacted sheets to whoever decides; each look leaves its entry."""
    async with entry(actor, "rankings.open_record", at=at) as note:
        view = await queries.appeal(code)
        rules.own_case(actor, view)
        found = tuple(sheet for _, sheet in await queries.record(view))
        note.about("appeal", code, record=len(found))
    return found


async def decide(actor: Actor, code: Code, verdict: Verdict, *, at: datetime) -> None:
    """Decide an appeal that one has taken, in writing; nothing is void before the office acts.

    The sheets that must be void go to the reviewing office, where two persons do it as always.
    """
    async with entry(actor, "rankings.decide_appeal", at=at) as note:
        view = await queries.appeal(code)
        rules.own_case(actor, view)
        await independent(actor, view)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        sheets = [each for each, _ in await queries.record(view)] if verdict.sheets else []
        outcome = rules.may_decide(view, verdict, book, len(sheets))
        await _want_void(view, [sheets[n - 1] for n in verdict.sheets], verdict.void_reason)
        columns: dict[str, Any] = {
            "state": rules.decided_as(view, outcome).value,
            "outcome": outcome.value,
            "reasons": queries.sealed(verdict.reasons.strip(), code, "reasons"),
            "decided_at": at,
        }
        if view.instance == 1:
            columns["reconsider_by"] = rules.limit(book, "reconsideration", at)
        await _change(view, note, **columns)
        note.about("appeal", code, confirmed=",".join(sorted(verdict.checked)))
        await _tell(view.id, CaseStep.DECIDED, actor, at=at, text=outcome.value)
        await _tell_unit(view, f"decided {view.instance}", at=at)


async def _want_void(view: AppealView, sheets: Collection[Code], reason: str) -> None:
    known = {each.code for each in await queries.sheet_tasks(view)}
    rows = [
        AppealSheet(appeal=view.id, sheet=each, reason=reason)
        for each in dict.fromkeys(sheets)
        if each not in known
    ]
    await insert_rows(AppealSheet, rows)


async def applied(
    actor: Actor, code: Code, *, at: datetime, edition: int | None = None
) -> AppealState:
    """Record that what was upheld is carried out; joins the command that does it.

    Refuses a rejected appeal, and while a sheet that must be void still counts.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.apply_appeal", at=at) as note:
        view = await queries.appeal(code)
        state = rules.may_apply(view, await queries.sheet_tasks(view))
        await _change(view, note, state=state.value, applied_at=at, applied_edition=edition)
        await _tell(view.id, CaseStep.APPLIED, actor, at=at)
        await _tell_unit(view, f"applied {view.instance}", at=at)
    return state


async def ask_again(
    actor: Actor,
    code: Code,
    text: str,
    *,
    at: datetime,
    handled_by: Collection[PersonId] = (),
) -> None:
    """Ask once, for the own unit, that another person looks at a decision again.

    ``handled_by`` adds who took part in the matter since the appeal was filed.
    """
    actor.require(Role.LIAISON, Role.COORDINATOR)
    async with entry(actor, "rankings.ask_again", at=at) as note:
        view = await queries.appeal(code)
        if actor.may(Role.LIAISON) and actor.unit != view.unit_code:
            raise Forbidden("appeal.not_own_unit")
        words = rules.may_ask_again(view, text, at)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        texts = await queries.appeal_texts(code)
        await _change(
            view,
            note,
            state=AppealState.RECONSIDERATION.value,
            instance=2,
            again=queries.sealed(words, code, "again"),
            first_reviewer=view.first_reviewer or view.reviewer,
            first_outcome=view.outcome.value if view.outcome else "",
            first_reasons=queries.sealed(texts.reasons, code, "reasons"),
            first_decided_at=view.decided_at,
            reviewer=None,
            outcome="",
            reasons="",
            decided_at=None,
            due_at=rules.limit(book, "appeal_decision", at),
            escalated_at=None,
            told_head_at=None,
            handled_by=_people({*view.handled_by, *handled_by}),
        )
        await _tell(view.id, CaseStep.ASKED_AGAIN, actor, at=at)


async def turn_clocks(*, at: datetime) -> int:
    """Escalate decisions that are late, and end what nobody asked to be looked at again.

    One entry for each; what another hand moved meanwhile is left for the next turn. Lateness
    decides nothing.
    """
    turned = 0
    for view in await queries.appeals():
        late, over = rules.escalates(view, at), rules.ended(view, at)
        head = rules.reaches_head(view, at)
        if not late and not over and not head:
            continue
        try:
            async with entry(SYSTEM, "rankings.turn_appeal", at=at) as note:
                if late or head:
                    await _escalate(view, note, late=late, head=head, at=at)
                else:
                    await _change(view, note, state=AppealState.FINAL.value)
                    await _tell(view.id, CaseStep.FINAL, SYSTEM, at=at)
        except Conflict:
            continue
        turned += 1
    return turned


async def _escalate(view: AppealView, note: Note, *, late: bool, head: bool, at: datetime) -> None:
    """Write to whoever is to decide, a day later to those above; once each, without content."""
    about = f"appeal {view.code} {view.instance}"
    columns: dict[str, Any] = {}
    if late:
        columns["escalated_at"] = at
        people = await handlers(view.reviewer, Role.INDEPENDENT_REVIEWER, Role.COORDINATOR)
        await notices.post(people, MessageKind.STAFF_WAITS, f"{about} late", at=at)
    if head:
        columns["told_head_at"] = at
        leaders = await accounts.holders(Role.PUBLISHER)
        await notices.post(leaders, MessageKind.LEADER_WAITS, f"{about} head", at=at)
    await _change(view, note, **columns)
    if late:
        await _tell(view.id, CaseStep.ESCALATED, SYSTEM, at=at)

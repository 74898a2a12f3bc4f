"""What a visitor does with a sheet: drafts, a look before sending, sending it once."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import msgspec

from panel import keys
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import canonical, digest
from panel.db import Duplicate, insert_values, raw, transaction
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.evaluations import queries, rules
from panel.evaluations.tables import Submission
from panel.evaluations.types import Answers, Receipt, Score, SheetState
from panel.ids import Code, read_key
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Form, Frozen
from panel.visits import commands as visits
from panel.visits import queries as tasks
from panel.visits.commands.tasks import pseudonym
from panel.visits.types import TaskView

SEALED_COLUMNS = (
    "task", "version", "answers", "score", "state", "body_digest", "veto_confirmed",
)  # fmt: skip


class _Body(msgspec.Struct, frozen=True):
    """A sheet as it is stored: answers without sealed accusations, those apart, their digest."""

    answers: str
    sealed: dict[str, str]
    digest: str


async def save_draft(
    actor: Actor,
    code: Code,
    answers: Answers,
    *,
    at: datetime,
    opened_at: datetime | None = None,
) -> datetime:
    """Keep what was typed so far, encrypted; no entry in the history. Returns when it was kept.

    Refuses a task that is not open or out of time, like the sheet itself.
    """
    actor.require(Role.MEMBER)
    task = await tasks.member_task(actor.member, code)
    rules.may_write(task, at)
    await tasks.may_begin(actor.member, task, at=at)
    sealed = keys.current().seal(
        "reporter", msgspec.json.encode(answers), queries.draft_context(task.id)
    )
    async with transaction(brief=True):
        await visits.start(task.id, at=at)
        await raw(
            "INSERT INTO sheet_draft (task, content, started_at, saved_at) "
            "VALUES ({}, {}, {}, {}) ON CONFLICT (task) DO UPDATE "
            "SET content = excluded.content, saved_at = excluded.saved_at",
            task.id,
            base64.b64encode(sealed).decode(),
            min(opened_at or at, at),
            at,
        )
    return at


async def check(actor: Actor, code: Code, answers: Answers, *, at: datetime) -> Score:
    """Judge a sheet before it is sent; writes nothing, refuses what ``submit`` would refuse."""
    actor.require(Role.MEMBER)
    task = await tasks.member_task(actor.member, code)
    rules.may_write(task, at)
    version = await rulebooks.version(task.rulebook_code)
    form = version.rulebook.form(task.form_key)
    return rules.check(form, task, answers, declared=False, at=at)


async def submit(
    actor: Actor,
    code: Code,
    answers: Answers,
    key: str,
    *,
    filled_at: datetime,
    at: datetime,
    seen: TaskView | None = None,
) -> Receipt:
    """Send a sheet once; the same key gives the same receipt again.

    ``seen`` is the task where the caller has just read it.

    Refuses somebody else's task (``Missing``), faults by their fields (``Invalid``), a sheet after
    its grace (``Closed``), the same key with other answers (``Conflict`` ``sheet.other_body`` with
    the code of what was received). Not to be called inside a transaction: eight equal posts at once
    are told apart by which of them commits.
    """
    actor.require(Role.MEMBER)
    read_key(key)
    task = seen or await tasks.task(code)
    tasks.of_member(actor.member, task)
    version = await rulebooks.frozen(task.rulebook_code)
    form = version.rulebook.form(task.form_key)
    body = _body(task, version, form, answers)
    earlier = await queries.received(task)
    known = _received(earlier, key, body)
    if known is not None:
        return known
    try:
        return await _send(
            actor, task, version, form, answers, body, key, filled_at, at, earlier=len(earlier)
        )
    except (Conflict, Duplicate):
        known = _received(await queries.received(task), key, body)
        if known is None:
            raise
        return known


async def send_for(
    actor: Actor,
    task: TaskView,
    answers: Answers,
    key: str,
    *,
    filled_at: datetime,
    counts_at: datetime,
    at: datetime,
) -> Receipt:
    """Send a sheet for its visitor, who handed it in on paper; joins the caller's command.

    Refuses what ``submit`` refuses at ``counts_at``; that the office read it rightly, and that it
    came in time, is the caller's to know.
    """
    version = await rulebooks.frozen(task.rulebook_code)
    form = version.rulebook.form(task.form_key)
    body = _body(task, version, form, answers)
    earlier = await queries.received(task)
    return await _send(
        actor, task, version, form, answers, body, key, filled_at, at,
        earlier=len(earlier), counts_at=counts_at,
    )  # fmt: skip


def _received(earlier: dict[str, Receipt], key: str, body: _Body) -> Receipt | None:
    """Return the receipt that this key has got already; refuse another body under it."""
    known = earlier.get(key)
    if known is not None and known.digest != body.digest:
        raise Conflict("sheet.other_body", receipt=known.code)
    return known


def _body(task: TaskView, version: Frozen, form: Form, answers: Answers) -> _Body:
    """Part the answers from what the discipline office alone may read."""
    kinds = {veto.id for veto in form.vetoes if veto.sealed}
    sealed = {key: text for key, text in answers.vetoes.items() if key in kinds}
    open_vetoes = {key: text for key, text in answers.vetoes.items() if key not in kinds}
    stored = msgspec.to_builtins(msgspec.structs.replace(answers, vetoes=open_vetoes))
    # Keyed, since the digest stands on a paper receipt and in the database beside the answers.
    mark = keys.current().hash("reporter", canonical(sealed).decode()) if sealed else ""
    facts = {
        "task": task.code,
        "form": form.key,
        "rulebook": version.hash,
        "answers": stored,
        "sealed": mark,
    }
    return _Body(answers=canonical(stored).decode(), sealed=sealed, digest=digest(facts))


async def _send(  # noqa: PLR0917 - all that one row is made of
    actor: Actor,
    task: TaskView,
    version: Frozen,
    form: Form,
    answers: Answers,
    body: _Body,
    key: str,
    filled_at: datetime,
    at: datetime,
    *,
    earlier: int,
    counts_at: datetime | None = None,
) -> Receipt:
    in_time = counts_at or at
    rules.may_write(task, in_time)
    score = rules.check(form, task, answers, declared=True, at=at)
    sample = rules.text_sample(answers)
    texts = keys.current().hash("visit", sample) if sample else ""
    copied = bool(texts) and await queries.copied(task, texts)
    late = rules.is_late(task, answers, at)
    filled_at = min(filled_at, at)
    code, number = fresh_code(), earlier + 1
    sealed = {
        "task": task.id, "version": number, "answers": body.answers, "score": score.hundredths,
        "state": SheetState.SUBMITTED.value, "body_digest": body.digest, "veto_confirmed": False,
    }  # fmt: skip
    async with entry(actor, "evaluations.submit", at=at, name=pseudonym(task), brief=True) as note:
        await visits.complete(task, at=in_time)
        if answers.recognised:
            await visits.note_recognised(task.id, at=at)
        began = await raw("DELETE FROM sheet_draft WHERE task = {} RETURNING started_at", task.id)
        raised = rules.flags(
            form,
            answers,
            score,
            late=late,
            copied=copied,
            took=filled_at - began[0]["started_at"] if began else None,
            fast=timedelta(seconds=version.rulebook.reviewing.fast_seconds),
        )
        values = sealed | {
            "code": code,
            "form_key": form.key,
            "rulebook": version.code,
            "rulebook_hash": version.hash,
            "sealed": _sealed(code, body),
            "answered_weight": score.answered_weight,
            "key": key,
            "texts_digest": texts,
            "visited_on": answers.visited_on,
            "errand": answers.errand or task.errand,
            "filled_at": filled_at,
            "received_at": at,
            "late": late,
            "flags": ",".join(raised),
            "urgency": rules.urgency(raised),
        }
        (row,) = await insert_values(Submission, tuple(values), [tuple(values.values())])
        note.seal_values("sheet_submission", row, sealed)
        note.about("task", task.code, sheet=code, version=number, digest=body.digest, late=late)
    return Receipt(
        code=code,
        task_code=task.code,
        version=number,
        received_at=at,
        digest=body.digest,
        late=late,
    )


def _sealed(code: Code, body: _Body) -> str:
    if not body.sealed:
        return ""
    plain = msgspec.json.encode(body.sealed)
    sealed = keys.current().seal("reporter", plain, queries.sealed_context(code))
    return base64.b64encode(sealed).decode()

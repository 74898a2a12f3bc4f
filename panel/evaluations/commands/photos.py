"""What a visitor adds to a sheet as evidence: pictures, and where the phone was."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from panel import keys
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows, raw
from panel.entropy import code as fresh_code
from panel.errors import Closed, Missing
from panel.evaluations import queries, rules
from panel.evaluations.tables import Photo
from panel.evaluations.types import Position
from panel.ids import Code, read_key
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.visits import queries as tasks
from panel.visits.commands.tasks import pseudonym
from panel.visits.types import TaskView


async def add_photo(
    actor: Actor, code: Code, item: str, key: str, data: bytes, *, at: datetime
) -> Code:
    """Keep a picture with a task, encrypted; the same key gives the same picture again.

    ``data`` is a JPEG that was made anew. Refuses somebody else's task (``Missing``), a picture
    that the form does not ask for (``Invalid``), one after the end (``Closed``).
    """
    actor.require(Role.MEMBER)
    read_key(key)
    task = await tasks.member_task(actor.member, code)
    known = await _known(task, key)
    if known is not None:
        return known
    try:
        return await _add(actor, task, item, key, data, at)
    except Duplicate:
        known = await _known(task, key)
        if known is None:
            raise
        return known


async def _known(task: TaskView, key: str) -> Code | None:
    """Return the picture that came under this key before."""
    rows = await raw("SELECT code FROM sheet_photo WHERE task = {} AND key = {}", task.id, key)
    return Code(rows[0]["code"]) if rows else None


async def _add(  # noqa: PLR0917 - all that one row is made of
    actor: Actor, task: TaskView, item: str, key: str, data: bytes, at: datetime
) -> Code:
    version = await rulebooks.version(task.rulebook_code)
    form = version.rulebook.form(task.form_key)
    plain = hashlib.sha256(data).hexdigest()
    async with entry(actor, "evaluations.add_photo", at=at, name=pseudonym(task)) as note:
        count = await raw("SELECT count(*) AS n FROM sheet_photo WHERE task = {}", task.id)
        rules.may_add(task, form, item, count[0]["n"], at)
        code = fresh_code()
        sealed = keys.current().seal("visit", data, queries.photo_context(code))
        digest = keys.current().hash("visit", plain)
        row = Photo(
            code=code, task=task.id, item=item, key=key, sealed=sealed,
            digest=digest, size=len(data), kept_at=at,
        )  # fmt: skip
        await insert_rows(Photo, [row])
        note.about("task", task.code, photo=code, item=item, digest=digest)
    return code


async def remove_photo(actor: Actor, code: Code, *, at: datetime) -> TaskView:
    """Take a picture back before the sheet is sent; afterwards it is evidence and stays."""
    actor.require(Role.MEMBER)
    found = await queries.own_photo(actor.member, code)
    task = await tasks.member_task(actor.member, (await tasks.task_by_id(found.view.task_id)).code)
    rules.may_write(task, at)
    sent = await queries.latest(task)
    if sent is not None and found.view.kept_at <= sent.received_at:
        raise Closed("photo.sent")
    async with entry(actor, "evaluations.remove_photo", at=at, name=pseudonym(task)) as note:
        gone = await raw("DELETE FROM sheet_photo WHERE code = {} RETURNING id", code)
        if not gone:
            raise Missing("photo.missing")
        note.about("task", task.code, photo=code, removed=True)
    return task


async def keep_place(actor: Actor, code: Code, place: Position, *, at: datetime) -> int | None:
    """Keep where the phone was when its visitor chose so, encrypted; returns the distance.

    The place itself is never shown: readers get the distance to the hall. The newest one stays.
    """
    actor.require(Role.MEMBER)
    task = await tasks.member_task(actor.member, code)
    rules.check_position(place)
    distance = None
    if task.window_code is not None:
        hall = await roster.window(task.window_code)
        distance = rules.metres(place, hall.latitude, hall.longitude)
    plain = msgspec.json.encode(place)
    sealed = keys.current().seal("visit", plain, queries.whereabouts_context(task.id))
    async with entry(actor, "evaluations.keep_place", at=at, name=pseudonym(task)) as note:
        await raw(
            "INSERT INTO sheet_whereabouts (task, sealed, distance, kept_at) "
            "VALUES ({}, {}, {}, {}) ON CONFLICT (task) DO UPDATE SET sealed = excluded.sealed, "
            "distance = excluded.distance, kept_at = excluded.kept_at",
            task.id, sealed, distance, at,
        )  # fmt: skip
        note.about("task", task.code, place=True)
    return distance

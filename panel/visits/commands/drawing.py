"""Committing to a draw and drawing: who visits what, from a code that nobody could choose."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from panel import entropy
from panel.actor import Actor, Role
from panel.audit import commands as audit
from panel.audit import queries as history
from panel.audit.commands import entry
from panel.audit.types import ChainCode
from panel.chance import canonical
from panel.db import insert_rows
from panel.errors import Conflict, Forbidden
from panel.ids import Code
from panel.members import queries as members
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook, RulebookVersion
from panel.visits import queries, rules
from panel.visits.commands.rounds import seal, step
from panel.visits.tables import RoundWindow, Task
from panel.visits.types import (
    Announced,
    Drawn,
    Offer,
    RoundKind,
    RoundState,
    RoundView,
    TaskState,
    Witnesses,
)


async def commit(
    actor: Actor, code: Code, *, at: datetime, announced: Sequence[Announced] = ()
) -> RoundView:
    """Fix roster, places, rules and sources of chance before the draw.

    Refuses a round that is not approved, whose tasks the members of today can't carry, or public
    lotteries whose numbers may be known already.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "visits.commit", at=at) as note:
        view = await queries.round(code)
        rules.in_state(view, RoundState.APPROVED)
        view = rules.announce(view, announced, at)
        version = await rulebooks.version(view.rulebook_code)
        places = await queries.frozen_places(view)
        qualified = [member.code for member in await members.ready_for(version, at=at)]
        rules.fits(rules.capacity(view.draft, version.rulebook, places, len(qualified)))
        labels = sorted(queries.links(qualified, code))
        position = await audit.commit_code("round", code, at=at)
        fixed = rules.commitment(
            view,
            version.rulebook,
            labels,
            places,
            history.chain_code(position),
            blind=queries.blind(code),
        )
        await step(
            view,
            RoundState.COMMITTED,
            {
                "commitment": fixed,
                "labels": canonical(list(labels)).decode(),
                "committed_at": at,
                "announced": canonical(
                    [msgspec.to_builtins(each) for each in view.announced]
                ).decode(),
            },
        )
        await seal(note, view.id)
        note.about(
            "round",
            code,
            before=view.state.value,
            after=RoundState.COMMITTED.value,
            root=rules.root_of(labels),
            n=len(labels),
            position=position,
            issues=[each.issue for each in view.announced],
        )
    return await queries.round(code)


async def draw(
    actor: Actor, code: Code, *, at: datetime, witnesses: Witnesses | None = None
) -> RoundView:
    """Reveal the promised code, assign members to places, offer the tasks.

    The assignment runs in a thread and outside of the transaction; its result is stored only if
    nobody drew meanwhile. The code leaves the process with the stored result, not before. Refuses
    a draw without its announced numbers, or within the hour without witnesses.
    """
    actor.require(Role.COORDINATOR)
    if actor.person is None:
        raise Forbidden("actor.role", roles=(Role.COORDINATOR.value,))
    view = await queries.round(code)
    seen = rules.may_draw(view, witnesses, at)
    view = msgspec.structs.replace(view, witnesses=seen)
    version = await rulebooks.version(view.rulebook_code)
    chain = history.chain_code(_position(view))
    drawn = await _assign(view, version, chain, at)
    async with entry(actor, "visits.draw", at=at) as note:
        await step(
            view,
            RoundState.RUNNING,
            {
                "record": drawn.record,
                "record_hash": drawn.record_hash,
                "drawn_by": actor.person,
                "drawn_at": at,
                "witnesses": msgspec.json.encode(seen).decode() if seen else "",
            },
        )
        if await audit.reveal(code, at=at) != chain:
            raise Conflict("round.code_broken")
        tasks = [
            _task(view, version.rulebook, offer, assigned_by=actor.person, at=at)
            for offer in drawn.offers
        ]
        await insert_rows(Task, tasks)
        await _store_reserves(view, drawn)
        await seal(note, view.id)
        note.about(
            "round",
            code,
            before=view.state.value,
            after=RoundState.RUNNING.value,
            position=chain.position,
            record_hash=drawn.record_hash,
            unmet=drawn.unmet,
        )
        note.bulk("task", [_digest(task) for task in tasks])
    return await queries.round(code)


def _position(view: RoundView) -> int:
    """Return the position in the chain that the round was promised."""
    fixed = msgspec.json.decode(view.commitment)
    return int(fixed["source"]["position"])


async def _assign(
    view: RoundView, version: RulebookVersion, chain: ChainCode, at: datetime
) -> Drawn:
    """Gather what the assignment needs and run it in a thread."""
    serving = [member.code for member in await members.serving(at)]
    qualified = {member.code: member for member in await members.ready_for(version, at=at)}
    places = await queries.frozen_places(view)
    labels = await queries.labels(view.id)
    of_link = queries.links(qualified, view.code)
    bounds = version.rulebook.rounds
    candidates = rules.visitors(
        {label: qualified[member] for label, member in of_link.items()},
        await members.exclusions(),
        await queries.past(serving, view, bounds.rotation_days, bounds.rest_rounds),
        places,
        view.draft.max_tasks,
    )
    return await asyncio.to_thread(
        rules.draw,
        view,
        version.rulebook,
        labels,
        candidates,
        places,
        code=chain,
        unqualified=len(serving) - len(qualified),
        rested=await _rested(view, version.rulebook, serving, at),
        blind=queries.blind(view.code) if rules.is_blinded(view) else "",
    )


async def _rested(
    view: RoundView, rulebook: Rulebook, serving: Sequence[Code], at: datetime
) -> frozenset[str]:
    """Return the labels of those whom another targeted evaluation drew lately."""
    if view.draft.kind is not RoundKind.TARGETED:
        return frozenset()
    days = rulebook.targeting.rest_days
    return frozenset(queries.links(await queries.rested(serving, view, days, at=at), view.code))


def _task(
    view: RoundView,
    rulebook: Rulebook,
    offer: Offer,
    *,
    assigned_by: int,
    at: datetime,
) -> Task:
    """Return the row of an offered task."""
    return Task(
        code=entropy.code(),
        round=view.id,
        place=offer.place.id,
        unit=offer.place.unit_id,
        window=offer.place.window_id,
        visitor=offer.visitor,
        mode=offer.mode,
        errand=offer.errand,
        form_key=rulebook.form_of(offer.place.peer_group).key,
        state=TaskState.OFFERED,
        opens_at=view.draft.starts,
        due_at=offer.due_at,
        answer_by=rules.answer_by(at, view.draft.ends, rulebook),
        offered_at=at,
        assigned_by=assigned_by,
        why=canonical(msgspec.to_builtins(offer.why)).decode(),
        pair=offer.pair,
    )


async def _store_reserves(view: RoundView, drawn: Drawn) -> None:
    """Store the substitutes of each place, encrypted."""
    for place in await queries.frozen_places(view):
        names = drawn.reserves.get(place.code, ())
        await RoundWindow.update(
            {RoundWindow.reserve: queries.seal_reserve(names, place.id)}
        ).where(RoundWindow.id == place.id)


def _digest(task: Task) -> str:
    """Return the digest of an offered task for the root in the history."""
    facts = f"{task.code} {task.visitor} {task.mode} {task.due_at.isoformat()}"
    return hashlib.sha256(facts.encode()).hexdigest()

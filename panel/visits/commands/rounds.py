"""Planning a round, approving it, closing it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from piccolo.columns import Column

from panel import entropy
from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import Note, entry
from panel.chance import canonical
from panel.db import insert_rows
from panel.errors import Conflict, Forbidden
from panel.ids import Code
from panel.members import queries as members
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import queries, rules
from panel.visits.tables import Round, RoundWindow, Task
from panel.visits.types import RoundDraft, RoundState, RoundView, TaskState

_SEALED: Final = (
    "code",
    "state",
    "groups",
    "unranked",
    "covert_percent",
    "visits_per_window",
    "visits_per_unit",
    "legal_basis",
    "register_number",
    "max_tasks",
    "rulebook",
    "created_by",
    "approved_by",
    "approval_document",
    "commitment",
    "record_hash",
    "drawn_by",
    "kind",
    "parent",
    "targets",
    "claims",
    "double_percent",
    "source",
    "announced",
    "witnesses",
    "cancelled_by",
    "cancelled_reason",
)


async def seal(note: Note, round_id: int) -> None:
    """Keep the digest of what a step left in a round."""
    row = await Round.objects().where(Round.id == round_id).first()
    if row is not None:
        note.seal(row, *_SEALED)


def _columns(draft: RoundDraft, rulebook: Rulebook) -> dict[str, Any]:
    """Return the columns that a plan fills."""
    return {
        "title": draft.title.strip(),
        "title_en": draft.title_en.strip(),
        "theme": draft.theme.strip(),
        "groups": canonical(list(draft.groups)).decode(),
        "unranked": canonical(list(draft.unranked)).decode(),
        "covert_percent": draft.covert_percent,
        "visits_per_window": draft.visits_per_window,
        "visits_per_unit": draft.visits_per_unit,
        "starts": draft.starts,
        "ends": draft.ends,
        "closes_at": rules.closing(draft.ends, rulebook),
        "due_hours": draft.due_hours,
        "legal_basis": draft.legal_basis.strip(),
        "register_number": draft.register_number.strip(),
        "max_tasks": draft.max_tasks,
        "disclosure": draft.disclosure.strip(),
        "disclosed_on": draft.disclosed_on,
        "kind": draft.kind,
        "parent": draft.parent,
        "targets": canonical(dict(draft.targets)).decode(),
        "claims": draft.claims,
        "double_percent": draft.double_percent,
        "source": draft.source,
    }


async def plan(actor: Actor, draft: RoundDraft, *, at: datetime) -> RoundView:
    """Store a plan under the rulebook in force; refuses every fault of it by its field."""
    actor.require(Role.COORDINATOR)
    if actor.person is None:
        raise Forbidden("actor.role", roles=(Role.COORDINATOR.value,))
    async with entry(actor, "visits.plan", at=at) as note:
        version = await rulebooks.current()
        rules.check(draft, version.rulebook)
        row = Round(
            code=entropy.code(),
            state=RoundState.DRAFT,
            rulebook=version.code,
            created_by=actor.person,
            created_at=at,
            **_columns(draft, version.rulebook),
        )
        (number,) = await insert_rows(Round, [row])
        await seal(note, number)
        note.about("round", row.code, state=RoundState.DRAFT.value)
    return await queries.round(Code(row.code))


async def revise(actor: Actor, code: Code, draft: RoundDraft, *, at: datetime) -> RoundView:
    """Change a plan that nobody approved yet; refuses every fault of it by its field."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "visits.revise", at=at) as note:
        view = await queries.round(code)
        rules.may_revise(view, draft)
        version = await rulebooks.version(view.rulebook_code)
        rules.check(draft, version.rulebook)
        await step(view, view.state, _columns(draft, version.rulebook))
        await seal(note, view.id)
        note.about("round", code, state=view.state.value)
    return await queries.round(code)


async def approve(
    actor: Actor, code: Code, *, at: datetime, paper: Signature | None = None
) -> RoundView:
    """Approve a plan as a second person, or record that a leader did on paper; freezes its places.

    Refuses the author, missing disclosure of covert visits, a ranked group under its minimum,
    more tasks than the qualified members may get.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "visits.approve", at=at, paper=paper) as note:
        view = await queries.round(code)
        second_person(view.created_by, actor, paper)
        version = await rulebooks.version(view.rulebook_code)
        places = await queries.places(view.draft)
        qualified = len(await members.ready_for(version, at=at))
        found = rules.capacity(view.draft, version.rulebook, places, qualified)
        rules.may_approve(view, found, at)
        await step(
            view,
            RoundState.APPROVED,
            {
                "approved_by": actor.person,
                "approved_at": at,
                "approval_document": paper.document if paper is not None else "",
            },
        )
        await insert_rows(
            RoundWindow,
            [
                RoundWindow(
                    round=view.id,
                    unit=place.unit_id,
                    window=place.window_id,
                    demand=place.demand,
                    covert_ok=place.covert_ok,
                )
                for place in places
            ],
        )
        await seal(note, view.id)
        note.about(
            "round",
            code,
            before=view.state.value,
            after=RoundState.APPROVED.value,
            places=len(places),
            tasks=found.tasks,
        )
    return await queries.round(code)


async def step(view: RoundView, after: RoundState, columns: dict[str, Any]) -> None:
    """Move a round on if it is still where it was read; ``Conflict`` if somebody was faster."""
    changes: dict[Column | str, Any] = {Round.state: after}
    changes.update(columns.items())
    done = (
        await Round.update(changes)
        .where(Round.id == view.id, Round.state == view.state)
        .returning(Round.id)
    )
    if not done:
        raise Conflict("round.state_changed")


async def end_unfinished(view: RoundView, after: TaskState) -> int:
    """End the tasks of a round that nobody finished; return how many; joins the caller's entry."""
    ended = (
        await Task.update({Task.state: after})
        .where(Task.round == view.id, Task.state.is_in([*rules.UNFINISHED]))
        .returning(Task.code)
    )
    return len(ended)


async def close(actor: Actor, code: Code, *, at: datetime) -> RoundView:
    """Close a round after its end and grace: what is unfinished lapses, nobody is asked again."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "visits.close", at=at) as note:
        view = await queries.round(code)
        rules.may_close(view, at)
        await step(view, RoundState.CLOSED, {"closed_at": at})
        lapsed = await end_unfinished(view, TaskState.LAPSED)
        await seal(note, view.id)
        note.about(
            "round",
            code,
            before=view.state.value,
            after=RoundState.CLOSED.value,
            lapsed=lapsed,
        )
    return await queries.round(code)


async def mark_computed(actor: Actor, round_id: int, *, at: datetime) -> None:
    """Note that the ranking of a closed round stands; joins the caller's entry."""
    async with entry(actor, "visits.mark_computed", at=at) as note:
        view = await queries.round_by_id(round_id)
        rules.in_state(view, RoundState.CLOSED)
        await step(view, RoundState.COMPUTED, {})
        await seal(note, view.id)

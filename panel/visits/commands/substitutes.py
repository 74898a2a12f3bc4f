"""Offering a task that came back to the next in the recorded order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from panel import entropy
from panel.audit.commands import Note
from panel.chance import canonical
from panel.db import insert_rows
from panel.members import queries as members
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import RulebookVersion
from panel.visits import queries, rules
from panel.visits.tables import Round, Task
from panel.visits.types import Place, RoundState, RoundView, TaskState, TaskView
from panel.visits.types.assignment import Visitor


class Bench:
    """Who may still step in during one transaction: loads, recusals and seats of one round."""

    def __init__(self, view: RoundView, version: RulebookVersion) -> None:
        """Remember the round; `load` fills the rest."""
        self.view = view
        self._version = version
        self._rulebook = version.rulebook
        self._loads: dict[str, int] = {}
        self._visitors: dict[str, Visitor] = {}
        self._places: dict[int, Place] = {}

    @classmethod
    async def of(cls, round_id: int, *, at: datetime) -> Bench:
        """Lock the round against other substitutions and read who may step in."""
        # Two visitors who hand back tasks at once must not overload the same substitute.
        await Round.update({Round.max_tasks: Round.max_tasks}).where(Round.id == round_id)
        view = await queries.round_by_id(round_id)
        version = await rulebooks.version(view.rulebook_code)
        bench = cls(view, version)
        await bench._load(at)
        return bench

    async def _load(self, at: datetime) -> None:
        """Read who may still be sent, each with what is closed to them by now."""
        ready = {member.code: member for member in await members.ready_for(self._version, at=at)}
        serving = [member.code for member in await members.serving(at)]
        bounds = self._rulebook.rounds
        self._places = {place.id: place for place in await queries.frozen_places(self.view)}
        found = rules.visitors(
            {link: ready[member] for link, member in queries.links(ready, self.view.code).items()},
            await members.exclusions(),
            await queries.past(serving, self.view, bounds.rotation_days, bounds.rest_rounds),
            list(self._places.values()),
            self.view.draft.max_tasks,
        )
        self._visitors = {each.member: each for each in found}
        self._loads = await queries.loads(self.view.id)

    def load(self, visitor: str) -> int:
        """Return how many tasks a visitor carries in the round."""
        return self._loads.get(visitor, 0)

    async def who_may(self, visitors: Sequence[str], place: Place) -> list[str]:
        """Return who of some visitors may be sent to a place: no tie, no repeat, room.

        Whoever was asked to visit the unit in this round, or lives with somebody who was, is not
        asked again.
        """
        met = await queries.unit_visitors(self.view.id, place.unit_id)
        homes = {self._visitors[each].household for each in met if each in self._visitors} - {""}
        found = []
        for visitor in visitors:
            own = self._visitors.get(visitor)
            if own is None or visitor in met or own.household in homes:
                continue
            own = msgspec.structs.replace(own, load=self.load(visitor))
            if rules.allowed(own, place, frozenset()):
                found.append(visitor)
        return found

    async def may_go(self, visitor: str, place: Place) -> bool:
        """Tell whether a visitor may be sent to a place."""
        return bool(await self.who_may([visitor], place))

    def release(self, task: TaskView) -> None:
        """Take a task that was handed back off its visitor's load."""
        self._loads[task.visitor] = max(0, self._loads.get(task.visitor, 0) - 1)

    async def offer_next(self, task: TaskView, note: Note, *, at: datetime) -> None:
        """Offer a lost place to the next one; tell the history if there is none."""
        due = rules.substitute_due(task.due_at, self.view.draft.ends, at)
        found = None
        if self.view.state is RoundState.RUNNING and due is not None:
            found = await self._next(task)
        if found is None or due is None:
            note.about("task", task.code, substitute="none")
            return
        position, visitor = found
        row = self._row(task, visitor, position, due, at)
        row.pair = await queries.pair_of(task.id)
        await insert_rows(Task, [row])
        self._loads[visitor] = self._loads.get(visitor, 0) + 1
        note.about(
            "task", row.code, after=TaskState.OFFERED.value, position=position, replaces=task.code
        )

    async def _next(self, task: TaskView) -> tuple[int, str] | None:
        reserve = await queries.reserve(task.place_id)
        free = await self.who_may(reserve, self._places[task.place_id])
        return rules.substitute(
            reserve,
            met=frozenset(),
            barred=frozenset(reserve) - frozenset(free),
            loads=self._loads,
            max_tasks=self.view.draft.max_tasks,
        )

    def _row(
        self, task: TaskView, visitor: str, position: int, due: datetime, at: datetime
    ) -> Task:
        why = msgspec.structs.replace(
            task.why, position=position, load=self._loads.get(visitor, 0) + 1, far=None
        )
        return Task(
            code=entropy.code(),
            round=task.round_id,
            place=task.place_id,
            unit=task.unit_id,
            window=task.window_id,
            visitor=visitor,
            mode=task.mode,
            errand=task.errand,
            form_key=task.form_key,
            state=TaskState.OFFERED,
            opens_at=task.opens_at,
            due_at=due,
            answer_by=rules.answer_by(at, self.view.draft.ends, self._rulebook),
            offered_at=at,
            assigned_by=task.assigned_by,
            why=canonical(msgspec.to_builtins(why)).decode(),
        )

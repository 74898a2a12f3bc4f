"""Offering a task that came back to the next in the recorded order."""

from __future__ import annotations

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
from panel.visits.types import RoundState, RoundView, TaskState, TaskView


class Bench:
    """Who may still step in during one transaction: loads, recusals and seats of one round."""

    def __init__(self, view: RoundView, version: RulebookVersion) -> None:
        """Remember the round; `load` fills the rest."""
        self.view = view
        self._version = version
        self._rulebook = version.rulebook
        self._loads: dict[str, int] = {}
        self._qualified: dict[str, frozenset[str]] = {}

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
        closed = await members.exclusions()
        codes = [member.code for member in await members.ready_for(self._version, at=at)]
        self._qualified = {
            link: frozenset(closed.get(member, frozenset()))
            for link, member in queries.links(codes, self.view.code).items()
        }
        self._loads = await queries.loads(self.view.id)

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
        await insert_rows(Task, [row])
        self._loads[visitor] = self._loads.get(visitor, 0) + 1
        note.about(
            "task", row.code, after=TaskState.OFFERED.value, position=position, replaces=task.code
        )

    async def _next(self, task: TaskView) -> tuple[int, str] | None:
        met = await queries.unit_visitors(task.round_id, task.unit_id)
        reserve = await queries.reserve(task.place_id)
        barred = {
            visitor
            for visitor in reserve
            if task.unit_code in self._qualified.get(visitor, frozenset({task.unit_code}))
        }
        return rules.substitute(
            reserve,
            met=met,
            barred=frozenset(barred),
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

"""A member's own tasks, the questions of a sheet, and sending it exactly once."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, HeaderParameter, JSONBody

from panel.errors import Missing
from panel.evaluations import commands, queries
from panel.evaluations.types import Answers, Receipt
from panel.ids import read_code
from panel.rulebook.types import Item, Veto
from panel.visits import queries as visits
from panel.visits.types import TaskView
from web import guards
from web.api.sessions import NO_STORE
from web.pages import Request


class Task(msgspec.Struct, frozen=True):
    """One task of the member; of a covert visit the place is empty until shortly before."""

    code: str
    state: str
    mode: str
    errand: str
    unit: str
    window: str
    place: str
    opens_at: dt.datetime
    due_at: dt.datetime
    closes_at: dt.datetime
    answer_by: dt.datetime | None


class Questions(msgspec.Struct, frozen=True):
    """What the sheet of a task asks, as the measures say it, under the hash of the measures."""

    task: str
    form: str
    items: tuple[Item, ...]
    vetoes: tuple[Veto, ...]
    minimum_answered_weight: int
    decisive: tuple[str, ...]


class Submission(msgspec.Struct, frozen=True):
    """A filled sheet and the moment at which it was filled in."""

    answers: Answers
    filled_at: dt.datetime


def _task(found: TaskView) -> Task:
    return Task(
        code=found.code,
        state=found.state.value,
        mode=found.mode.value,
        errand=found.errand.value,
        unit=found.unit_name,
        window=found.window_name,
        place=found.place,
        opens_at=found.opens_at,
        due_at=found.due_at,
        closes_at=found.closes_at,
        answer_by=found.answer_by,
    )


@get("/tasks", guards=[guards.api_member], security=[{"member": []}])
async def index(request: Request) -> Response[list[Task]]:
    """List the member's own tasks by due date."""
    found = await visits.member_tasks(request.actor.member, at=request.at)
    return Response([_task(each) for each in found], headers=NO_STORE)


@get("/tasks/{code:str}/sheet", guards=[guards.api_member], security=[{"member": []}])
async def sheet(request: Request, code: FromPath[str]) -> Response[Questions]:
    """Give the questions of an own task that may be filled in now."""
    filling = await queries.filling(request.actor.member, read_code(code), at=request.at)
    blank = filling.blank
    return Response(
        Questions(
            task=blank.task.code,
            form=blank.form.key,
            items=blank.items,
            vetoes=blank.form.vetoes,
            minimum_answered_weight=blank.form.minimum_answered_weight,
            decisive=blank.form.decisive,
        ),
        headers=NO_STORE,
    )


@post(
    "/tasks/{code:str}/submissions",
    guards=[guards.api_member],
    security=[{"member": []}],
    status_code=201,
)
async def submit(
    request: Request,
    code: FromPath[str],
    data: JSONBody[Submission],
    idempotency_key: Annotated[str, HeaderParameter(name="Idempotency-Key")],
) -> Response[Receipt]:
    """Send a sheet once. The same key gives the same receipt, with other answers a conflict."""
    filled_at = data.filled_at if data.filled_at.tzinfo else request.at
    receipt = await commands.submit(
        request.actor,
        read_code(code),
        data.answers,
        idempotency_key,
        filled_at=min(filled_at, request.at),
        at=request.at,
    )
    return Response(receipt, status_code=201, headers=NO_STORE)


@get("/receipts/{code:str}", guards=[guards.api_member], security=[{"member": []}])
async def receipt(request: Request, code: FromPath[str]) -> Response[Receipt]:
    """Give the receipt of an own sheet again."""
    if request.actor.member is None:
        raise Missing("sheet.missing")
    found = await queries.receipt(request.actor.member, read_code(code))
    return Response(found, headers=NO_STORE)


handlers: list[Any] = [index, sheet, submit, receipt]

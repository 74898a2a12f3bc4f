"""The steps of an officer's case, each a form of its page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.rankings.commands import officers as commands
from panel.rankings.types import AppealDraft
from panel.rankings.types.officers import Ballot
from web.forms import Form, fields
from web.office.officer_cases import shown
from web.office.officers import WORKERS
from web.pages import Request, redirect

Step = Callable[[Request, Code, Form], Awaitable[object]]


async def _done(request: Request, code: str, said: str, step: Step) -> Response[str]:
    """Take one step of a case and show it again, after a refusal with what was typed."""
    form, number = await fields(request), read_code(code)
    try:
        await step(request, number, form)
    except Invalid as refusal:
        return await shown(request, number, refusal, form)
    return redirect(request, f"/office/officers/cases/{number}?said={said}")


def _chosen(form: Form, name: str) -> bool:
    """Return a yes or no; refuse neither by its field."""
    value = form.text(name)
    if value not in {"yes", "no"}:
        raise Invalid("form.faults", Fault(name, "form.required"))
    return value == "yes"


async def _check(request: Request, code: Code, form: Form) -> None:
    await commands.check(
        request.actor, code, eligible=_chosen(form, "eligible"), document=form.text("document"),
        text=form.text("text"), at=request.at,
    )  # fmt: skip


async def _notify(request: Request, code: Code, form: Form) -> None:
    await commands.notify(
        request.actor, code, delivered_on=form.date("delivered_on"),
        document=form.text("document"), at=request.at,
    )  # fmt: skip


async def _hear(request: Request, code: Code, form: Form) -> None:
    await commands.hear(
        request.actor, code, form.text("hearing"), on=form.date("heard_on"),
        document=form.text("document"), record=form.text("record"), at=request.at,
    )  # fmt: skip


async def _vote(request: Request, code: Code, form: Form) -> None:
    ballot = Ballot(
        body=form.text("body"),
        held_on=form.date("held_on"),
        entitled=form.integer("entitled"),
        present=form.integer("present"),
        in_favour=form.integer("in_favour"),
        against=form.integer("against"),
        abstained=form.integer("abstained"),
        document=form.text("document"),
        record=form.text("record"),
    )
    await commands.vote(request.actor, code, ballot, at=request.at)


async def _decide(request: Request, code: Code, form: Form) -> None:
    await commands.decide(
        request.actor, code, listed=_chosen(form, "listed"), on=form.date("decided_on"),
        document=form.text("document"), text=form.text("text"), at=request.at,
    )  # fmt: skip


async def _tell(request: Request, code: Code, form: Form) -> None:
    await commands.tell(request.actor, code, told_on=form.date("told_on"), at=request.at)


async def _appeal(request: Request, code: Code, form: Form) -> None:
    draft = AppealDraft(
        ground=form.text("ground"),
        statement=form.text("statement"),
        leader=form.text("leader"),
        document=form.text("document"),
    )
    await commands.appeal(request.actor, code, draft, at=request.at)


async def _ask_again(request: Request, code: Code, form: Form) -> None:
    await commands.ask_again(request.actor, code, form.text("again"), at=request.at)


async def _publish(request: Request, code: Code, form: Form) -> None:
    await commands.publish(
        request.actor, code, form.text("level"), approval=form.text("approval"), at=request.at
    )


async def _drop(request: Request, code: Code, form: Form) -> None:
    await commands.drop(
        request.actor, code, document=form.text("document"), text=form.text("text"), at=request.at
    )


async def _withdraw(request: Request, code: Code, form: Form) -> None:
    await commands.withdraw(
        request.actor, code, document=form.text("document"), text=form.text("text"), at=request.at
    )


async def _propose(request: Request, code: Code, form: Form) -> None:
    await commands.propose(
        request.actor, code, body=form.text("body"), sent_on=form.date("sent_on"),
        document=form.text("document"), text=form.text("text"), at=request.at,
    )  # fmt: skip


async def _answer(request: Request, code: Code, form: Form) -> None:
    await commands.answer(
        request.actor, code, form.text("outcome"), on=form.date("answered_on"),
        document=form.text("document"), text=form.text("text"), at=request.at,
    )  # fmt: skip


@post(
    "/officers/cases/{code:str}/check", roles=(*WORKERS, Role.INDEPENDENT_REVIEWER), status_code=200
)
async def check(request: Request, code: FromPath[str]) -> Response[str]:
    """Find as a second person whether somebody may be proposed."""
    return await _done(request, code, "officer_checked", _check)


@post("/officers/cases/{code:str}/notify", roles=WORKERS, status_code=200)
async def notify(request: Request, code: FromPath[str]) -> Response[str]:
    """Record that the notice was handed over."""
    return await _done(request, code, "officer_notified", _notify)


@post("/officers/cases/{code:str}/hear", roles=WORKERS, status_code=200)
async def hear(request: Request, code: FromPath[str]) -> Response[str]:
    """Keep the record of the hearing."""
    return await _done(request, code, "hearing_recorded", _hear)


@post("/officers/cases/{code:str}/vote", roles=WORKERS, status_code=200)
async def vote(request: Request, code: FromPath[str]) -> Response[str]:
    """Record how the meeting voted."""
    return await _done(request, code, "officer_voted", _vote)


@post("/officers/cases/{code:str}/decide", roles=WORKERS, status_code=200)
async def decide(request: Request, code: FromPath[str]) -> Response[str]:
    """Record the decision with its number."""
    return await _done(request, code, "officer_decided", _decide)


@post("/officers/cases/{code:str}/tell", roles=WORKERS, status_code=200)
async def tell(request: Request, code: FromPath[str]) -> Response[str]:
    """Record that the decision was handed over."""
    return await _done(request, code, "officer_told", _tell)


@post("/officers/cases/{code:str}/appeal", roles=(Role.COORDINATOR,), status_code=200)
async def appeal(request: Request, code: FromPath[str]) -> Response[str]:
    """Take in the officer's appeal on paper."""
    return await _done(request, code, "officer_appealed", _appeal)


@post("/officers/cases/{code:str}/again", roles=(Role.COORDINATOR,), status_code=200)
async def ask_again(request: Request, code: FromPath[str]) -> Response[str]:
    """Take in that the officer asks once for a reconsideration."""
    return await _done(request, code, "officer_asked_again", _ask_again)


@post("/officers/cases/{code:str}/publish", roles=(Role.PUBLISHER,), status_code=200)
async def publish(request: Request, code: FromPath[str]) -> Response[str]:
    """Publish a decided case at a level."""
    return await _done(request, code, "officer_published", _publish)


@post("/officers/cases/{code:str}/drop", roles=WORKERS, status_code=200)
async def drop(request: Request, code: FromPath[str]) -> Response[str]:
    """End a decided case without publishing it."""
    return await _done(request, code, "officer_dropped", _drop)


@post("/officers/cases/{code:str}/withdraw", roles=WORKERS, status_code=200)
async def withdraw(request: Request, code: FromPath[str]) -> Response[str]:
    """Take a published officer off the list again."""
    return await _done(request, code, "officer_withdrawn", _withdraw)


@post("/officers/cases/{code:str}/propose", roles=WORKERS, status_code=200)
async def propose(request: Request, code: FromPath[str]) -> Response[str]:
    """Record a proposal to the competent body."""
    return await _done(request, code, "measure_proposed", _propose)


@post("/officers/cases/{code:str}/answer", roles=WORKERS, status_code=200)
async def answer(request: Request, code: FromPath[str]) -> Response[str]:
    """Record the competent body's answer."""
    return await _done(request, code, "measure_answered", _answer)


handlers: list[Any] = [
    check, notify, hear, vote, decide, tell, appeal, ask_again, publish, drop, withdraw, propose,
    answer,
]  # fmt: skip

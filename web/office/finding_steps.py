"""The steps that the office takes with a finding, by the names of their forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.evaluations.commands import findings as commands
from panel.evaluations.commands import replies, vetoes
from panel.evaluations.queries import findings as queries
from panel.evaluations.types.findings import Outcome, Triage
from panel.ids import Code, read_code
from web import forms
from web.forms import Form
from web.pages import Request

ROLES: Final = (Role.COORDINATOR, Role.REVIEWER, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER)
Taken = Callable[[Request, Code, Form], Awaitable[object]]


def code_in(form: Form, name: str) -> Code | None:
    """Return a typed code, or nothing where the field is empty."""
    return read_code(form.text(name)) if form.text(name) else None


async def _triage(request: Request, code: Code, form: Form) -> None:
    given = Triage(
        severity=form.integer("severity", 0),
        told=form.text("told"),
        checked=tuple(form.many("checked")),
        body=form.text("body"),
        document=form.text("document"),
    )
    await commands.triage(request.actor, code, given, at=request.at)


async def _drop(request: Request, code: Code, form: Form) -> None:
    await commands.drop(request.actor, code, form.text("reason"), at=request.at)


async def _send(request: Request, code: Code, form: Form) -> None:
    del form
    await commands.send(request.actor, code, at=request.at)


async def _inquire(request: Request, code: Code, form: Form) -> None:
    del form
    await commands.inquire(request.actor, code, at=request.at)


async def _receipt(request: Request, code: Code, form: Form) -> None:
    request.actor.require(*ROLES)
    await queries.finding(request.actor, code)
    await replies.record_receipt(request.actor, code, forms.signed(request, form), at=request.at)


async def _conclude(request: Request, code: Code, form: Form) -> None:
    if form.text("outcome") not in {each.value for each in Outcome} - {Outcome.DROPPED.value}:
        raise Invalid("finding.faults", Fault("outcome", "form.required"))
    await commands.conclude(
        request.actor,
        code,
        Outcome(form.text("outcome")),
        form.text("text"),
        checked=tuple(form.many("checked")),
        at=request.at,
    )


async def _propose(request: Request, code: Code, form: Form) -> None:
    del form
    await vetoes.propose_veto(request.actor, code, at=request.at)


async def _confirm(request: Request, code: Code, form: Form) -> None:
    await queries.finding(request.actor, code)
    await vetoes.confirm_veto(
        request.actor,
        code,
        form.text("text"),
        checked=tuple(form.many("checked")),
        paper=forms.paper(request, form),
        at=request.at,
    )


async def _refuse(request: Request, code: Code, form: Form) -> None:
    await vetoes.refuse_veto(request.actor, code, form.text("reason"), at=request.at)


async def _order(request: Request, code: Code, form: Form) -> None:
    await replies.order(
        request.actor,
        code,
        form.text("text"),
        checked=tuple(form.many("checked")),
        at=request.at,
    )


async def _rectified(request: Request, code: Code, form: Form) -> None:
    await replies.rectified(
        request.actor,
        code,
        sheet=code_in(form, "sheet"),
        document=form.text("document"),
        at=request.at,
    )


async def _not_rectified(request: Request, code: Code, form: Form) -> None:
    await replies.not_rectified(request.actor, code, form.text("reason"), at=request.at)


async def _close(request: Request, code: Code, form: Form) -> None:
    await commands.close(request.actor, code, form.text("reason"), at=request.at)


STEPS: Final[dict[str, Taken]] = {
    "triage": _triage,
    "drop": _drop,
    "send": _send,
    "inquire": _inquire,
    "receipt": _receipt,
    "conclude": _conclude,
    "propose": _propose,
    "confirm": _confirm,
    "refuse": _refuse,
    "order": _order,
    "rectified": _rectified,
    "not-rectified": _not_rectified,
    "close": _close,
}

"""The steps that the office takes with an order, by the names of their forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from panel.actor import Role
from panel.assessments.commands import plans, progress, revisits
from panel.assessments.types.orders import Verdict
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from web import forms
from web.forms import Form
from web.pages import Request

Taken = Callable[[Request, Code, Form], Awaitable[object]]
_DIGITS: Final = 6


async def _receipt(request: Request, code: Code, form: Form) -> None:
    request.actor.require(Role.COORDINATOR)
    paper = forms.signed(request, form)
    await plans.record_receipt(request.actor, code, paper, at=request.at)


async def _approve(request: Request, code: Code, form: Form) -> None:
    await plans.approve_plan(
        request.actor,
        code,
        desk={
            int(number)
            for number in form.many("desk")
            if number.isdecimal() and len(number) <= _DIGITS
        },
        checked=tuple(form.many("checked")),
        at=request.at,
    )


async def _back(request: Request, code: Code, form: Form) -> None:
    await plans.give_back(request.actor, code, form.text("reason"), at=request.at)


async def _accept(request: Request, code: Code, form: Form) -> None:
    del form
    await plans.accept_analysis(request.actor, code, at=request.at)


async def _extend(request: Request, code: Code, form: Form) -> None:
    await progress.extend(request.actor, code, form.text("reason"), at=request.at)


async def _refuse(request: Request, code: Code, form: Form) -> None:
    await progress.refuse_extension(request.actor, code, form.text("reason"), at=request.at)


async def _report_back(request: Request, code: Code, form: Form) -> None:
    await progress.give_back_report(request.actor, code, form.text("reason"), at=request.at)


async def _check(request: Request, code: Code, form: Form) -> None:
    await progress.check_document(
        request.actor, code, form.integer("number"), form.text("document"), at=request.at
    )


async def _judge(request: Request, code: Code, form: Form) -> None:
    if form.text("verdict") not in set(Verdict):
        raise Invalid("order.faults", Fault("verdict", "form.required"))
    await revisits.judge(
        request.actor,
        code,
        Verdict(form.text("verdict")),
        form.text("text"),
        checked=tuple(form.many("checked")),
        at=request.at,
    )


async def _missed(request: Request, code: Code, form: Form) -> None:
    await revisits.fail_unreported(request.actor, code, form.text("reason"), at=request.at)


async def _reopen(request: Request, code: Code, form: Form) -> None:
    finding = read_code(form.text("finding"))
    await revisits.reopen(request.actor, code, finding, at=request.at)


async def _letter(request: Request, code: Code, form: Form) -> None:
    body, document = form.text("body"), form.text("document")
    await revisits.write_letter(request.actor, code, body, document, at=request.at)


async def _answer(request: Request, code: Code, form: Form) -> None:
    await revisits.record_answer(
        request.actor,
        code,
        read_code(form.text("letter")),
        form.text("answer"),
        form.text("document"),
        at=request.at,
    )


STEPS: Final[dict[str, Taken]] = {
    "receipt": _receipt,
    "approve": _approve,
    "back": _back,
    "accept": _accept,
    "extend": _extend,
    "refuse": _refuse,
    "report-back": _report_back,
    "check": _check,
    "judge": _judge,
    "missed": _missed,
    "reopen": _reopen,
    "letter": _letter,
    "answer": _answer,
}

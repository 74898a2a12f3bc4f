"""The notice of open visits at the office's desk: written, hung, taken down."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.rulebook import queries as rulebooks
from panel.visits import commands, queries
from panel.visits.types import NoticeTexts, OpenNoticeView
from web import errors, forms
from web.forms import Form
from web.i18n import Lang, gettext
from web.pages import Request, page, redirect

_READERS: Final = (Role.COORDINATOR, Role.AUDITOR)
_FIELDS: Final = NoticeTexts.__struct_fields__
_LANGS: Final[tuple[tuple[Lang, str], ...]] = (("zh", ""), ("en", "_en"))
_USUAL: Final = {
    "purpose": "open_notice.usual.purpose",
    "methods": "open_notice.usual.methods",
    "discipline": "open_notice.usual.discipline",
}
"""Texts to begin with, until a city has written its own."""


@get("/rounds/{code:str}/notice", roles=_READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a round's notice of open visits, and the form for it."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, form: Form | None = None, refusal: Invalid | None = None
) -> Response[str]:
    view = await queries.round(code)
    found = await queries.notice_of_round(view.id)
    book = (await rulebooks.current()).rulebook
    return page(
        request,
        "office/open_visits/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        notice_of=found,
        by=queries.notice_by(view, book),
        fields=_FIELDS,
        typed=form or _begin(request, found or await queries.last_notice()),
        may=request.actor.may(Role.COORDINATOR),
    )


def _begin(request: Request, last: OpenNoticeView | None) -> Form:
    """Return the texts of the last notice, or the usual ones with the service's telephone."""
    fields: dict[str, list[str]] = {}
    for name in _FIELDS:
        for lang, suffix in _LANGS:
            if last is not None:
                fields[name + suffix] = [getattr(last.texts_en if suffix else last.texts, name)]
            elif name in _USUAL:
                fields[name + suffix] = [gettext(lang, _USUAL[name])]
            elif name == "report_phone":
                fields[name + suffix] = [request.config.phone]
    return Form(fields, {})


@post("/rounds/{code:str}/notice", roles=(Role.COORDINATOR,))
async def create(request: Request, code: FromPath[str]) -> Response[str]:
    """Hang the notice; a newer one takes the place of the older."""
    form = await forms.fields(request)
    found = read_code(code)
    texts, english = (
        NoticeTexts(**{name: form.text(name + suffix) for name in _FIELDS})
        for suffix in ("", "_en")
    )
    try:
        await commands.post_notice(request.actor, found, texts, english, at=request.at)
    except Invalid as refusal:
        return await _show(request, found, form, refusal)
    return redirect(request, f"/office/rounds/{found}/notice?said=notice_hung")


@post("/rounds/{code:str}/notice/withdraw", roles=(Role.COORDINATOR,))
async def withdraw(request: Request, code: FromPath[str]) -> Response[str]:
    """Take the notice down, with a reason."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        if not form.text("reason"):
            raise Invalid("form.faults", Fault("reason", "form.required"))  # noqa: TRY301
        await commands.withdraw_notice(
            request.actor, read_code(form.text("notice")), form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _show(request, found, None, refusal)
    return redirect(request, f"/office/rounds/{found}/notice?said=notice_withdrawn")


handlers: list[Any] = [show, create, withdraw]

"""What two persons open together: asking, approving, and the one page that shows it."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.rankings.commands import objections as protests
from panel.recruitment.commands import objections
from panel.vault import commands as vault
from panel.vault import queries as openings
from panel.vault.types import Identity, OpeningKind
from panel.visits import commands
from panel.visits.types import Upcoming
from web import errors, forms
from web.forms import Form
from web.pages import Request, download, page, redirect
from web.spreadsheets import XLSX, Layout, written

_ROLES: Final = (
    Role.COORDINATOR,
    Role.VETTING_CLERK,
    Role.INTAKE_CLERK,
    Role.PUBLISHER,
    Role.INDEPENDENT_REVIEWER,
)
READERS: Final = (*_ROLES, Role.AUDITOR)
_OFFERED: Final = (
    OpeningKind.VISITOR,
    OpeningKind.OBJECTOR,
    OpeningKind.PROTESTER,
    OpeningKind.UPCOMING,
)
"""What there is to open today; reports have their own desk."""
_COLUMNS: Final = ("任务编号", "单位", "窗口", "区县", "方式", "开始", "截止")


@get("/openings", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List the wishes that the reader may know of, and offer a new one."""
    return await _index(request)


async def _index(
    request: Request, refusal: Invalid | None = None, form: Form | None = None
) -> Response[str]:
    asked = {name: [request.query_params.get(name, "")] for name in ("kind", "ref")}
    return page(
        request,
        "office/identities/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        form_values=form or Form(asked, {}),
        openings=await openings.openings(request.actor),
        kinds=[
            {
                "value": kind.value,
                "label": request.text(f"opening.kind.{kind.value}"),
                "hint": request.text(f"opening.kind.{kind.value}.hint"),
            }
            for kind in openings.askable(request.actor)
            if kind in _OFFERED
        ],
    )


@post("/openings", roles=_ROLES, status_code=200)
async def ask(request: Request) -> Response[str]:
    """Ask for something to be opened."""
    form = await forms.fields(request)
    kind = form.text("kind")
    try:
        if kind not in set(_OFFERED):
            raise Invalid("opening.faults", Fault("kind", "form.required"))  # noqa: TRY301
        view = await vault.ask(
            request.actor,
            OpeningKind(kind),
            form.text("ref").upper(),
            form.text("reason"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _index(request, refusal, form)
    return redirect(request, f"/office/openings/{view.code}?said=opening_asked")


@get("/openings/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one wish: what about, why, who decided, and the next step."""
    return await _show(request, read_code(code))


async def _show(request: Request, code: Code, found: Identity | None = None) -> Response[str]:
    view = await openings.own_opening(request.actor, code)
    return page(
        request,
        "office/identities/show.html",
        view=view,
        identity=found,
        may_decide=openings.decidable(request.actor, view, at=request.at),
        may_open=openings.redeemable(request.actor, view, at=request.at),
    )


@post("/openings/{code:str}/decide", roles=_ROLES)
async def decide(request: Request, code: FromPath[str]) -> Response[str]:
    """Approve or refuse as the second person."""
    approve = (await forms.fields(request)).text("decision") == "approve"
    wanted = (await openings.own_opening(request.actor, read_code(code))).code
    await vault.decide(request.actor, wanted, approve=approve, at=request.at)
    said = "opening_approved" if approve else "opening_refused"
    return redirect(request, f"/office/openings/{code}?said={said}")


@post("/openings/{code:str}/open", roles=_ROLES, status_code=200)
async def reveal(request: Request, code: FromPath[str]) -> Response[Any]:
    """Open what was approved: once, on this answer alone, which nothing stores."""
    view = await openings.own_opening(request.actor, read_code(code))
    if view.kind is OpeningKind.UPCOMING:
        rows = await commands.open_upcoming(request.actor, view.code, at=request.at)
        return download(_table(request, rows), f"visits-{view.ref}.xlsx", XLSX)
    if view.kind is OpeningKind.OBJECTOR:
        found = await objections.open_objector(request.actor, view.code, at=request.at)
    elif view.kind is OpeningKind.PROTESTER:
        found = await protests.open_objector(request.actor, view.code, at=request.at)
    else:
        found = await commands.open_visitor(request.actor, view.code, at=request.at)
    return await _show(request, view.code, found)


def _table(request: Request, rows: list[Upcoming]) -> bytes:
    """Return the visits to come as a spreadsheet that says on every page who took it out."""
    who = f"{request.actor.office} {request.actor.name}"
    layout = Layout(
        title="待走访任务清单（严禁外传）",
        watermark=f"{who} {request.at:%Y-%m-%d %H:%M}Z",
        foot=("经办人：", "审核人：", "日期："),
        widths={"单位": 30, "窗口": 24},
    )
    cells = [
        (
            each.task_code,
            each.unit_name,
            each.window_name,
            each.district,
            request.text(f"visit.mode.{each.mode}"),
            each.opens_at.date().isoformat(),
            each.due_at.date().isoformat(),
        )
        for each in rows
    ]
    return written(_COLUMNS, cells, layout)


handlers: list[Any] = [index, ask, show, decide, reveal]

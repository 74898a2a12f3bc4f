"""Applications on paper at the office's desk: a sheet, its way in, its faults, its receipts."""

from __future__ import annotations

import re
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.ids import read_code
from panel.recruitment import commands, queries
from panel.recruitment.queries import imports
from panel.recruitment.types.campaigns import CampaignView, Phase
from panel.recruitment.types.vetting import SHEET_COLUMNS, ImportState, RunView, Slip
from panel.vault import commands as vault
from web import errors, qr, spreadsheets
from web.forms import fields
from web.pages import Request, download, page, redirect
from web.text import campaigns

CLERKS: Final = (Role.COORDINATOR, Role.VETTING_CLERK)
PRINT: Final = 100
_ROW: Final = re.compile(r"[0-9]{1,9}")
"""Receipts on one print."""
_EVERY: Final = "3"
"""Seconds after which the page of a living import asks again."""


def listed(request: Request, refusal: Invalid | None) -> list[dict[str, Any]]:
    """Return the faults of a sheet by row and column in the reader's words."""
    return [
        {
            "row": fault.values.get("row", ""),
            "column": fault.values.get("column", ""),
            "text": errors.text_of(request.lang, fault),
        }
        for fault in (refusal.faults if refusal else ())
    ]


@get("/recruitment/{code:str}/import")
async def upload(request: Request, code: FromPath[str]) -> Response[str]:
    """Offer the import of applications on paper, and show the sheets that came before."""
    return await _upload(request, await queries.campaign(read_code(code)))


async def _upload(
    request: Request, campaign: CampaignView, refusal: Invalid | None = None
) -> Response[str]:
    return page(
        request,
        "office/recruitment/upload.html",
        status=422 if refusal else 200,
        faults=[{"path": "file", "text": errors.text_of(request.lang, refusal)}] if refusal else [],
        campaign=campaign,
        title=campaigns.text(request.lang, campaign, "title"),
        is_open=campaign.phase(request.at) is Phase.OPEN,
        columns=SHEET_COLUMNS,
        runs=await imports.runs(campaign),
        may=request.actor.may(*CLERKS),
    )


@post("/recruitment/{code:str}/import", roles=CLERKS, status_code=200)
async def take_in(request: Request, code: FromPath[str]) -> Response[str]:
    """Hand a sheet to the worker and show its way in."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    given = form.upload("file")
    if given is None:
        return await _upload(request, campaign, Invalid("import.no_file"))
    data, filename = given
    run = await commands.start_import(request.actor, campaign.code, data, filename, at=request.at)
    return redirect(request, f"/office/recruitment/{campaign.code}/imports/{run}")


async def _run(code: str, run: str) -> tuple[CampaignView, RunView]:
    """Return a sheet of this very campaign."""
    campaign = await queries.campaign(read_code(code))
    return campaign, await imports.run(read_code(run), campaign=campaign.code)


@get("/recruitment/{code:str}/imports/{run:str}", roles=(*CLERKS, Role.AUDITOR))
async def show(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Show how far a sheet has come; while it is on its way the page asks again by itself."""
    campaign, view = await _run(code, run)
    return await _show(request, campaign, view)


async def _show(
    request: Request, campaign: CampaignView, view: RunView, refusal: Invalid | None = None
) -> Response[str]:
    refused = await imports.refusal(view.code) if view.state is ImportState.REFUSED else None
    whole = errors.text_of(request.lang, refused) if refused and not refused.faults else ""
    found = listed(request, refused)
    if refusal is not None:
        told = errors.texts(request, refusal)
    else:
        told = [{"path": "", "text": whole}] if whole else []
    return page(
        request,
        "office/recruitment/import.html",
        status=422 if refusal else 200,
        headers={"Refresh": _EVERY} if view.running else {},
        faults=told,
        campaign=campaign,
        title=campaigns.text(request.lang, campaign, "title"),
        run=view,
        running=view.running,
        found=found,
        batches=await _batches(view) if view.state is ImportState.DONE else [],
        printable=imports.printable(campaign),
        may=request.actor.may(*CLERKS),
    )


async def _batches(view: RunView) -> list[dict[str, str]]:
    """Return the prints of a sheet's receipts for a list of choices."""
    return [
        {
            "value": str(after),
            "label": f"{number * PRINT + 1}–{min(view.done, (number + 1) * PRINT)}",
        }
        for number, after in enumerate(await imports.prints(view.code, PRINT))
        if number * PRINT < view.done
    ]


@post("/recruitment/{code:str}/imports/{run:str}/cancel", roles=CLERKS, status_code=200)
async def cancel(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Stop a sheet on its way in."""
    campaign, view = await _run(code, run)
    await commands.cancel_import(request.actor, view.code, at=request.at)
    return redirect(request, f"/office/recruitment/{campaign.code}/imports/{view.code}")


@post("/recruitment/{code:str}/imports/{run:str}/resume", roles=CLERKS, status_code=200)
async def resume(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Hand a sheet to a worker once more."""
    campaign, view = await _run(code, run)
    await commands.resume_import(request.actor, view.code, at=request.at)
    return redirect(request, f"/office/recruitment/{campaign.code}/imports/{view.code}")


@post("/recruitment/{code:str}/imports/{run:str}/slips", roles=CLERKS, status_code=200)
async def slips(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Print the receipts of a sheet's applicants; each name shown is a look on the record."""
    request.actor.require(*CLERKS)
    campaign, view = await _run(code, run)
    form = await fields(request)
    after = form.text("batch")
    found = await imports.slips(
        campaign, view.code, after=int(after) if _ROW.fullmatch(after) else 0, limit=PRINT
    )
    try:
        names = await vault.look_many(
            request.actor,
            [each.person for each in found],
            ("name",),
            form.text("reason"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _show(request, campaign, view, refusal)
    back = (f"/office/recruitment/{campaign.code}/imports/{view.code}", view.filename)
    named = [(each, names[each.person].name) for each in found if each.person in names]
    return slips_page(request, campaign, back, named)


def slips_page(
    request: Request, campaign: CampaignView, back: tuple[str, str], found: list[tuple[Slip, str]]
) -> Response[str]:
    """Render receipts with their names for printing, and the way back to where they came from."""
    base = f"{request.config.base_url}/zh/recruitment/{campaign.code}/own"
    return page(
        request,
        "office/recruitment/slips.html",
        title=campaigns.text(request.lang, campaign, "title"),
        origin={"url": back[0], "text": back[1]},
        slips=[
            {
                "name": name,
                "ticket": each.ticket,
                "receipt": each.receipt,
                "at": each.received_at,
                "symbol": qr.svg(f"{base}?ticket={each.ticket}", each.ticket, quick=True),
            }
            for each, name in found
        ],
        address=base,
    )


@get("/recruitment/applications.xlsx")
async def template(request: Request) -> Response[bytes]:
    """Give an empty sheet whose cells are texts, so that office programs keep every digit."""
    title = request.text("Applications")
    layout = spreadsheets.Layout(title=title, watermark="", foot=(), widths={"身份证号": 22})
    data = spreadsheets.written(SHEET_COLUMNS, [], layout)
    return download(data, f"{title}.xlsx", spreadsheets.XLSX)


handlers: list[Any] = [upload, take_in, show, cancel, resume, slips, template]

"""The own application by ticket and receipt code: where it stands, answer, change, withdraw, data.

Ticket and code travel as hidden fields of forms, never in an address, and no session is kept.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing, Refusal
from panel.ids import Code, read_code
from panel.recruitment import queries
from panel.recruitment.commands import applications, screening
from panel.recruitment.commands import own as commands
from panel.recruitment.queries import nominations
from panel.recruitment.types.applications import DECLARABLE, ApplicationState, Own
from panel.recruitment.types.campaigns import CampaignView, Phase
from panel.rulebook import queries as rulebook
from panel.vault import queries as vault
from panel.vault.types import Identity
from web import session
from web.forms import Form, fields
from web.pages import Flash, Request, download, page
from web.public.applications import (
    Sheet,
    check_page,
    faults_of,
    form_page,
    read,
    rows_of,
    status_of,
    unit_choices,
)
from web.text.campaigns import both, text, words

JSON: Final = "application/json"
_GONE: Final = frozenset({ApplicationState.WITHDRAWN})
_ASKED: Final = frozenset({ApplicationState.NEEDS_INFO, ApplicationState.INELIGIBLE})


class Opened(msgspec.Struct, frozen=True):
    """An opened application with the form that opened it."""

    campaign: CampaignView
    own: Own
    form: Form

    @property
    def carried(self) -> tuple[tuple[str, str], ...]:
        """Return the hidden fields that open it again."""
        return (("ticket", self.form.text("ticket")), ("receipt", self.form.text("receipt")))

    def sheet(self, lang: str) -> Sheet:
        """Return the form that changes it."""
        action = f"/{lang}/recruitment/{self.campaign.code}/own/change"
        return Sheet(self.campaign, action, "change", self.carried)


def _door(
    request: Request, campaign: CampaignView, form: Form, refusal: Refusal | None = None
) -> Response[str]:
    """Ask for ticket and receipt code; a refusal keeps both as typed."""
    return page(
        request,
        "public/recruitment/open.html",
        status=status_of(refusal),
        faults=[{**each, "path": "ticket"} for each in faults_of(request, refusal)],
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        ticket=form.text("ticket"),
        receipt=form.text("receipt"),
    )


async def opened(request: Request, code: str) -> Opened | Response[str]:
    """Open the application that a posted form names, or ask again in the same words."""
    form = await fields(request)
    campaign = await queries.announced_campaign(read_code(code))
    caller = await session.slow_down(request)
    try:
        own = await applications.open_by_receipt(
            campaign.code, form.text("ticket"), form.text("receipt"), caller, at=request.at
        )
    except (Missing, Forbidden) as refusal:
        return _door(request, campaign, form, refusal)
    return Opened(campaign, own, form)


async def _again(found: Opened) -> Opened:
    """Read the application once more after a change."""
    now = await queries.own(found.own.campaign, found.own.ticket)
    return found if now is None else msgspec.structs.replace(found, own=now[0])


async def _identity(own: Own) -> Identity | None:
    """Return the own data, None once they are erased."""
    return None if own.erased_at else (await vault.opened([own.person])).get(own.person)


async def _show(
    request: Request, found: Opened, refusal: Refusal | None = None, said: str = ""
) -> Response[str]:
    """Render where the application stands and what can be done."""
    campaign, own = found.campaign, found.own
    identity = await _identity(own)
    named = await words(request.lang, campaign)
    phase = campaign.phase(request.at)
    return page(
        request,
        "public/recruitment/own.html",
        status=status_of(refusal),
        flash=Flash("good", said) if said else None,
        faults=faults_of(request, refusal),
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        own=own,
        told=request.text(f"application.told.{own.state.value}"),
        why=await _why(request, found),
        question=await _kept(own, own.question),
        phase=phase.value,
        carried=found.carried,
        phone=found.form.text("phone") or (identity.phone if identity else ""),
        typed=found.form.text("answer"),
        category=named.value("category", own.category),
        may_change=phase is Phase.OPEN and own.state is ApplicationState.SUBMITTED,
        may_withdraw=own.state not in _GONE
        and own.state not in {ApplicationState.APPOINTED, ApplicationState.STRUCK},
        may_answer=own.state in _ASKED
        and (own.answer_until is None or request.at <= own.answer_until),
        known=identity is not None,
    )


async def _why(request: Request, found: Opened) -> str:
    """Return why an application was found ineligible: the checklist's words, or the usual ones."""
    reason = found.own.reason
    if not reason:
        return ""
    version = await rulebook.version(found.campaign.rulebook)
    listed = {each.key: each.text for each in version.rulebook.recruitment.exclusions}
    if reason in listed:
        return listed[reason].get(request.lang)
    return request.text(f"vetting.reason.{reason}")


async def _kept(own: Own, code: Code | None) -> str:
    """Return a text that the vault keeps with the applicant."""
    if code is None or own.erased_at:
        return ""
    return (await vault.attachment(own.person, code)).data.decode()


@get(both("/recruitment/{code:str}/own"))
async def door(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask for the receipt code; the ticket may stand in the address, it is public."""
    campaign = await queries.announced_campaign(read_code(code))
    return _door(request, campaign, Form({"ticket": [request.query_params.get("ticket", "")]}, {}))


@post(both("/recruitment/{code:str}/own"), status_code=200)
async def status(request: Request, code: FromPath[str]) -> Response[str]:
    """Show where the own application stands."""
    found = await opened(request, code)
    return found if isinstance(found, Response) else await _show(request, found)


@post(both("/recruitment/{code:str}/own/answer"), status_code=200)
async def answer(request: Request, code: FromPath[str]) -> Response[str]:
    """Take the answer to a question, or the reply to being found ineligible."""
    found = await opened(request, code)
    if isinstance(found, Response):
        return found
    try:
        own = found.own
        await screening.answer(own.campaign, own.ticket, found.form.text("answer"), at=request.at)
    except (Invalid, Conflict, Closed) as refusal:
        return await _show(request, found, refusal)
    return await _show(request, await _again(found), said=request.text("Your answer was received."))


@post(both("/recruitment/{code:str}/own/phone"), status_code=200)
async def phone(request: Request, code: FromPath[str]) -> Response[str]:
    """Correct the own telephone number."""
    found = await opened(request, code)
    if isinstance(found, Response):
        return found
    try:
        await commands.correct_phone(found.own, found.form.text("phone"), at=request.at)
    except (Invalid, Conflict) as refusal:
        return await _show(request, found, refusal)
    return await _show(request, await _again(found), said=request.text("Your number was changed."))


@post(both("/recruitment/{code:str}/own/change"), status_code=200)
async def change(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the own application as a form, check it, and write the change once it is confirmed."""
    found = await opened(request, code)
    if isinstance(found, Response):
        return found
    step, sheet, form = found.form.text("step"), found.sheet(request.lang), found.form
    if step == "rows":
        form.fields["rows"] = [str(rows_of(form) + 3)]
    if step in {"rows", "change"}:
        return await form_page(request, sheet, form)
    try:
        if step == "send":
            await commands.change(found.own, read(form), at=request.at)
            said = request.text("Your changes were saved.")
            return await _show(request, await _again(found), said=said)
        if step == "check":
            applicant = await queries.changed(found.own, read(form), at=request.at)
            return await check_page(request, sheet, form, applicant)
    except (Invalid, Conflict) as refusal:
        return await form_page(request, sheet, form, refusal)
    return await form_page(request, sheet, await _filled(found))


async def _filled(found: Opened) -> Form:
    """Return a form that holds what was sent, but for the id number, which stays."""
    own, identity = found.own, await vault.reveal_own(found.own.person)
    kept = {name: str(getattr(own, name)) for name in ("district", "category", "occupation")}
    kept |= {name: getattr(identity, name) for name in ("name", "phone", "address", "employer")}
    kept["hall"] = await _hall(found)
    declared = [each for each in own.exclusions if each.kind in DECLARABLE]
    kept["rows"] = str(len(declared))
    for n, each in enumerate(declared):
        kept |= {f"unit.{n}": each.unit, f"kind.{n}": each.kind.value}
    return Form({name: [value] for name, value in kept.items()}, {})


async def _hall(found: Opened) -> str:
    """Return the hall that was named; who named none stands in the middle of the district."""
    terms, place = await queries.terms(found.campaign), found.own.place
    if place in {terms.centres.get(found.own.district), terms.centres.get("")}:
        return ""
    return next((str(code) for code, each in terms.halls.items() if each == place), "")


@post(both("/recruitment/{code:str}/own/withdraw"), status_code=200)
async def withdraw(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask once more, then withdraw the application and erase who it was."""
    found = await opened(request, code)
    if isinstance(found, Response):
        return found
    if found.form.text("step") != "yes":
        return page(
            request,
            "public/recruitment/withdraw.html",
            campaign=found.campaign,
            title=text(request.lang, found.campaign, "title"),
            own=found.own,
            carried=found.carried,
        )
    try:
        await commands.withdraw(found.own, at=request.at)
    except Conflict as refusal:
        return await _show(request, await _again(found), refusal)
    return await _show(request, await _again(found))


@post(both("/recruitment/{code:str}/own/data"), status_code=200)
async def data(request: Request, code: FromPath[str]) -> Response[str]:
    """Show everything that is kept about the applicant, and who looked at it."""
    found = await opened(request, code)
    if isinstance(found, Response):
        return found
    own = found.own
    named = await words(request.lang, found.campaign)
    units = {each["value"]: each["label"] for each in await unit_choices(request, everyone=True)}
    return page(
        request,
        "public/recruitment/data.html",
        campaign=found.campaign,
        title=text(request.lang, found.campaign, "title"),
        own=own,
        identity=await _identity(own),
        category=named.value("category", own.category),
        district=named.value("district", own.district),
        age_band=named.value("age_band", own.age_band),
        units=[
            request.text(
                "{unit} ({reason})",
                unit=units.get(each.unit, each.unit),
                reason=request.text(f"exclusion.{each.kind.value}"),
            )
            for each in own.exclusions
        ],
        said=await _kept(own, own.answer),
        looks=await vault.looks(own.person),
        organisation=await _organisation(own),
        carried=found.carried,
    )


async def _organisation(own: Own) -> str:
    """Return the organisation that nominated, if one did."""
    return "" if own.nomination is None else await nominations.organisation(own.nomination)


@post(both("/recruitment/{code:str}/own/data.json"), status_code=200)
async def data_file(request: Request, code: FromPath[str]) -> Response[Any]:
    """Give the same as a file that programs can read."""
    found = await opened(request, code)
    if isinstance(found, Response):
        return found
    own, identity = found.own, await _identity(found.own)
    facts: dict[str, Any] = {
        "campaign": own.campaign,
        "ticket": own.ticket,
        "state": own.state.value,
        "reason": own.reason,
        "received_at": own.received_at,
        "changed_at": own.changed_at,
        "withdrawn_at": own.withdrawn_at,
        "person": None if identity is None else msgspec.to_builtins(identity),
        "features": {
            name: getattr(own, name)
            for name in ("category", "district", "sex", "birth_year", "age_band", "occupation")
        },
        "place": own.place,
        "recusals": own.exclusions,
        "nominated_by": await _organisation(own),
        "question": await _kept(own, own.question),
        "answer": await _kept(own, own.answer),
        "looks": await vault.looks(own.person),
    }
    body = msgspec.json.format(msgspec.json.encode(facts), indent=2)
    return download(body, f"application-{own.ticket}.json", JSON)


handlers: list[Any] = [door, status, answer, phone, change, withdraw, data, data_file]

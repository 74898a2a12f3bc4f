"""Accounts of staff: list, invite, roles and office, second factor, deactivation."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.accounts import commands, queries
from panel.accounts.types import OFFICE_ROLES, AccountView, Invitation
from panel.actor import Role
from panel.errors import Conflict, Fault, Invalid, Missing, Refusal
from panel.ids import Code, PersonId, read_code
from panel.roster import queries as roster
from panel.vault import queries as vault
from panel.vault.types import Identity
from web import errors, forms
from web.forms import Form
from web.pages import Request, page, redirect

_NO_STORE: Final = {"Cache-Control": "no-store"}


@get("/")
async def index(request: Request) -> Response[Any]:
    """List the accounts of staff."""
    return page(request, "admin/accounts/index.html", accounts=await queries.accounts())


def _roles(form: Form) -> list[Role]:
    """Read the ticked roles; an unknown one is a fault of the field."""
    try:
        return [Role(name) for name in form.many("roles")]
    except ValueError:
        raise Invalid("account.faults", Fault("roles", "account.role_not_given")) from None


def _unit(form: Form) -> Code | None:
    """Read the chosen unit, if any."""
    return read_code(form.text("unit")) if form.text("unit") else None


async def _form_page(
    request: Request,
    template: str,
    form: Form | None,
    refusal: Refusal | None,
    account: AccountView | None = None,
) -> Response[Any]:
    """Show a form about an account with everything typed and what is wrong with it."""
    status = errors.STATUS[type(refusal)] if refusal else 200
    faults: list[dict[str, str]] = []
    if isinstance(refusal, Invalid):
        faults = errors.texts(request, refusal)
    elif refusal:
        faults = [{"path": "login", "text": errors.text_of(request.lang, refusal)}]
    roles = [{"value": role.value, "label": request.text(f"role.{role}")} for role in OFFICE_ROLES]
    units = [
        {"value": unit.code, "label": f"{unit.ref} {unit.name}"} for unit in await roster.units()
    ]
    values = {
        name: form.text(name) if form else ""
        for name in ("login", "name", "phone", "office", "unit")
    }
    return page(
        request,
        template,
        status=status,
        faults=faults,
        roles=roles,
        units=units,
        values=values,
        chosen=form.many("roles") if form else [],
        account=account,
    )


@get("/accounts/new")
async def new(request: Request) -> Response[Any]:
    """Show the form of an invitation."""
    return await _form_page(request, "admin/accounts/new.html", None, None)


async def _who(form: Form, unit: Code | None) -> Identity | PersonId:
    """Take the liaison whom the roster names, so that the unit's person is the account's too."""
    if unit is not None:
        speakers = [speaker.person for speaker in await roster.liaisons(unit)]
        for person, name in (await vault.names(speakers)).items():
            if name == form.text("name"):
                return person
    return Identity(name=form.text("name"), phone=form.text("phone"))


@post("/accounts")
async def create(request: Request) -> Response[Any]:
    """Invite a person and show the link once."""
    form = await forms.fields(request)
    try:
        unit = _unit(form)
        invited = await commands.invite(
            request.actor,
            form.text("login"),
            _roles(form),
            form.text("office"),
            await _who(form, unit),
            at=request.at,
            unit=unit,
            small_team=request.config.small_team,
        )
    except (Invalid, Conflict) as refusal:
        return await _form_page(request, "admin/accounts/new.html", form, refusal)
    return _invited(request, invited)


def _invited(request: Request, invited: Invitation) -> Response[Any]:
    """Show the link of an invitation: the only time that it can be read."""
    return page(
        request,
        "admin/accounts/invited.html",
        headers=_NO_STORE,
        invited=invited,
        url=f"{request.config.base_url}/invitation/{invited.token}",
    )


@get("/accounts/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show an account and what can be done with it."""
    account = await queries.account(read_code(code))
    unit = None
    if account.unit:
        try:
            unit = await roster.unit(account.unit)
        except Missing:
            unit = None
    return page(
        request,
        "admin/accounts/show.html",
        account=account,
        unit=unit,
        own=account.person == request.actor.person,
    )


@get("/accounts/{code:str}/edit")
async def edit(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the form of roles and office."""
    account = await queries.account(read_code(code))
    form = Form(
        {
            "office": [account.office],
            "unit": [account.unit or ""],
            "roles": [role.value for role in account.roles],
        },
        {},
    )
    return await _form_page(request, "admin/accounts/edit.html", form, None, account=account)


@post("/accounts/{code:str}/edit")
async def update(request: Request, code: FromPath[str]) -> Response[Any]:
    """Give other roles or another office; the person has to sign in again."""
    form = await forms.fields(request)
    account = await queries.account(read_code(code))
    try:
        await commands.set_roles(
            request.actor,
            account.code,
            _roles(form),
            form.text("office"),
            at=request.at,
            unit=_unit(form),
            small_team=request.config.small_team,
        )
    except Invalid as refusal:
        return await _form_page(request, "admin/accounts/edit.html", form, refusal, account=account)
    return redirect(request, f"/admin/accounts/{account.code}?said=roles_set")


async def _confirm(request: Request, code: str, action: str) -> Response[Any]:
    """Ask before something that can't be taken back."""
    account = await queries.account(read_code(code))
    return page(request, "admin/accounts/confirm.html", account=account, action=action)


@get("/accounts/{code:str}/reset")
async def ask_reset(request: Request, code: FromPath[str]) -> Response[Any]:
    """Ask before a second factor is reset."""
    return await _confirm(request, code, "reset")


@post("/accounts/{code:str}/reset")
async def reset(request: Request, code: FromPath[str]) -> Response[Any]:
    """Reset password and second factor and show the new invitation once."""
    invited = await commands.reset_second_factor(request.actor, read_code(code), at=request.at)
    return _invited(request, invited)


@get("/accounts/{code:str}/deactivate")
async def ask_deactivate(request: Request, code: FromPath[str]) -> Response[Any]:
    """Ask before an account is closed."""
    return await _confirm(request, code, "deactivate")


@post("/accounts/{code:str}/deactivate")
async def deactivate(request: Request, code: FromPath[str]) -> Response[Any]:
    """Close an account; its sessions end at once."""
    form = await forms.fields(request)
    account = await commands.deactivate(
        request.actor, read_code(code), at=request.at, reason=form.text("reason")
    )
    return redirect(request, f"/admin/accounts/{account.code}?said=deactivated")


handlers: list[Any] = [
    index, new, create, show, edit, update, ask_reset, reset, ask_deactivate, deactivate,
]  # fmt: skip

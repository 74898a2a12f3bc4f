"""Who may call: the guards of the audiences, and the checks of every unsafe request."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from panel.accounts import commands as sessions
from panel.accounts import queries as accounts
from panel.actor import Actor, Role
from panel.errors import Forbidden, Missing
from web import session
from web.errors import SignInNeeded
from web.pages import SESSION_KEY, Request, SessionInfo, matches, store_of

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OFFICE_ROLES: Final = (
    Role.COORDINATOR,
    Role.VETTING_CLERK,
    Role.REVIEWER,
    Role.INTAKE_CLERK,
    Role.PUBLISHER,
    Role.INDEPENDENT_REVIEWER,
)
_STORE: Final = re.compile(r"[0-9a-f]{16}")
Connection = ASGIConnection[Any, Any, Any, Any]


async def same_origin(connection: Connection, _: BaseRouteHandler) -> None:
    """Refuse an unsafe request that another site's page made; cached forms still work.

    Also what no text of ours can hold and PostgreSQL would choke on: an address with a zero byte.
    """
    path: str = connection.scope["path"]  # composing the whole address costs more than the rest
    if "\0" in path or b"%00" in connection.scope["query_string"]:
        raise Missing("http.404")
    if _request(connection).method in SAFE or path.startswith("/api/"):
        return  # what a token in a header opens, no other site's page can send
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site in {"same-origin", "none"}:
            return
        raise Forbidden("csrf.origin")
    origin = connection.headers.get("origin", "")
    if origin and urlsplit(origin).netloc == connection.headers.get("host"):
        return
    raise Forbidden("csrf.origin")


async def _signed_in(connection: Connection, *roles: Role, own_header: bool = False) -> SessionInfo:
    """Load the session, check role and CSRF token; lead to signing in where there is none.

    A route of our own scripts takes their header instead of the token, which would be stale in a
    page that a phone kept: no other site's page can send it.
    """
    request = _request(connection)
    found = await session.load(request)
    if found is None:
        raise SignInNeeded(await session.carry(request))
    connection.scope["state"][SESSION_KEY] = found
    if not found.actor.may(*roles):
        raise Forbidden("actor.role")
    ours = own_header and await _own_script(request, found.actor)
    if request.method not in SAFE and not ours:
        given = request.headers.get("x-csrf-token") or (await request.form()).get("csrf") or ""
        if not matches(str(given), found.csrf):
            stale = await session.again(request)
            raise Forbidden("csrf.token") if stale is None else SignInNeeded(stale)
    return found


async def _own_script(request: Request, actor: Actor) -> bool:
    """Tell whether our own script asks; refuse what lies in another member's store.

    Phones are shared: a sheet that waits there for its member is sent when that member signs in.
    """
    given = request.headers.get("x-panel", "")
    if given in {"1", store_of(actor)}:
        return given != ""
    if _STORE.fullmatch(given):
        raise SignInNeeded(await session.carry(request))
    return False


def _request(connection: Connection) -> Request:
    """Return the connection as the request that it is."""
    if not isinstance(connection, Request):
        msg = "guards stand on HTTP routes only"
        raise TypeError(msg)
    return connection


async def member(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let members of the panel in."""
    own_header = bool(handler.opt.get("own_header"))
    await _signed_in(connection, Role.MEMBER, own_header=own_header)


async def office(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let the office in; an auditor reads and writes nothing.

    A handler narrows it by ``roles=``, so that others learn not even whether a thing exists. What
    is marked ``look=True`` is posted to give its reason and changes nothing but the list of looks.
    """
    found = await _signed_in(connection, *OFFICE_ROLES, Role.AUDITOR)
    reads = _request(connection).method in SAFE or handler.opt.get("look", False)
    if not reads and not found.actor.may(*OFFICE_ROLES):
        raise Forbidden("actor.reads_only")
    found.actor.require(*handler.opt.get("roles", Role))


async def unit(connection: Connection, _: BaseRouteHandler) -> None:
    """Let liaisons of evaluated units in."""
    found = await _signed_in(connection, Role.LIAISON)
    if found.actor.unit is None:
        raise Forbidden("actor.no_unit")


async def admin(connection: Connection, _: BaseRouteHandler) -> None:
    """Let administrators of accounts and technique in."""
    await _signed_in(connection, Role.ADMINISTRATOR)


async def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Let everybody in who is signed in, to the pages about the own account."""
    await _signed_in(connection, *Role)


def bearer(connection: Connection) -> str:
    """Return the token of the request's header, or nothing."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def api_member(connection: Connection, _: BaseRouteHandler) -> None:
    """Let a member's own program in by the token of a session."""
    found = await accounts.actor_of(bearer(connection), at=_request(connection).at)
    if found is None:
        raise Forbidden("token.unknown")
    actor, view = found
    if not actor.may(Role.MEMBER):
        raise Forbidden("actor.role")
    await sessions.touch(view, at=_request(connection).at)
    connection.scope["state"][SESSION_KEY] = SessionInfo(actor=actor, csrf=view.csrf)


async def api_token(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let another program in whose token holds the scope of the handler."""
    request = _request(connection)
    found = await accounts.token(bearer(connection), at=request.at)
    if found is None:
        raise Forbidden("token.unknown")
    if handler.opt["scope"] not in found.scopes:
        raise Forbidden("token.scope", scope=handler.opt["scope"].value)
    await sessions.use_token(found.code, at=request.at)

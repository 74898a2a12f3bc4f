"""The session cookie, who acts in a request, and how nothing typed is lost when a session ends."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import quote, urlsplit

from litestar import Response
from litestar.datastructures import UploadFile

from panel.accounts import commands, queries
from panel.accounts.types import AccountKind, Counted, SessionView, SignedIn
from panel.actor import Actor, Role
from panel.errors import Forbidden
from web.pages import SESSION_KEY, Request, SessionInfo, local, page, redirect

SECURE_COOKIE: Final = "__Host-panel"
PLAIN_COOKIE: Final = "panel_session"
"""On loopback without TLS, where browsers drop cookies of the other kind."""
CARRIED: Final = "carry."
"""Before the name of a field that waits for the sign-in."""
_SECRETS: Final = frozenset({"csrf", "old", "password", "password_again", "pin", "pin_again",
                             "again", "totp", "digits"})  # fmt: skip
"""Fields that are never written into a page, not even to be sent again."""
_NOTHING: Final = ("resumed", "1")
"""Waits for the sign-in where a button alone was pressed, so that the press is not lost."""
_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_APPS: Final = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("HuaweiBrowser", "Huawei"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_STAFF_PREFIXES: Final = ("/office", "/unit", "/admin", "/me")


def cookie_name(request: Request) -> str:
    """Return the cookie's name: the strict kind wherever pages are served over TLS."""
    return SECURE_COOKIE if request.config.secure else PLAIN_COOKIE


async def keep(request: Request, answer: Response[Any], signed: SignedIn) -> Response[Any]:
    """Give the browser its new token; the session that it replaces here ends (shared phones)."""
    earlier = await view(request)
    if earlier is not None:
        await commands.sign_out(earlier, at=request.at)
    answer.set_cookie(
        cookie_name(request),
        signed.token,
        path="/",
        secure=request.config.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def drop(request: Request, answer: Response[Any]) -> Response[Any]:
    """Take the token back from the browser."""
    answer.set_cookie(
        cookie_name(request),
        "",
        path="/",
        max_age=0,
        secure=request.config.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


async def view(request: Request) -> SessionView | None:
    """Return the session row behind the cookie while it is valid."""
    token = request.cookies.get(cookie_name(request), "")
    if not token:
        return None
    found = await queries.actor_of(token, at=request.at)
    return found[1] if found else None


async def load(request: Request) -> SessionInfo | None:
    """Return who acts and the CSRF token of the session, and note that it is in use."""
    session = await view(request)
    if session is None:
        return None
    await commands.touch(session, at=request.at)
    return info(session)


async def own(request: Request) -> SessionView:
    """Return the session row of a request that a guard let in."""
    session = await view(request)
    if session is None:
        raise Forbidden("session.ended")
    return session


def info(session: SessionView) -> SessionInfo:
    """Return what pages need of a session."""
    return SessionInfo(actor=session.actor, csrf=session.csrf, label=session.actor.name)


def enter(request: Request, signed: SignedIn) -> None:
    """Let the page that answers a sign-in be a page of the new session."""
    request.scope["state"][SESSION_KEY] = SessionInfo(
        actor=signed.actor, csrf=signed.csrf, label=signed.actor.name
    )


def home(actor: Actor) -> str:
    """Return the first page of whoever is signed in."""
    if actor.may(Role.MEMBER):
        return "/m/tasks"
    if actor.may(Role.ADMINISTRATOR):
        return "/admin"
    return "/unit" if actor.may(Role.LIAISON) else "/office"


def safe_next(target: str, kind: AccountKind) -> str:
    """Return an address of our own signed-in pages, or nothing: never an address elsewhere."""
    path = target.partition("#")[0].partition("?")[0]
    if not local(target) or ".." in path:
        return ""
    allowed = ("/m",) if kind is AccountKind.MEMBER else _STAFF_PREFIXES
    inside = any(path == one or path.startswith(f"{one}/") for one in allowed)
    return target if inside and not path.startswith(("/m/sign-in", "/m/card")) else ""


def address(request: Request) -> str:
    """Return the caller's address; a forwarded one counts from configured proxies only."""
    direct = request.client.host if request.client else ""
    trusted = request.config.trusted_proxies
    if direct not in trusted:
        return direct
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",")]
    return next((hop for hop in reversed(hops) if hop and hop not in trusted), direct)


async def slow_down(request: Request, counts: Counted = Counted.FAILURES) -> str:
    """Wait as long as what came from this address asks for, never locking it; return it."""
    caller = address(request)
    await asyncio.sleep(await queries.address_delay(caller, counts))
    return caller


def device(request: Request) -> str:
    """Name a browser coarsely, so that people recognise their own sessions."""
    agent = request.headers.get("user-agent", "")
    app = next((label for mark, label in _APPS if mark in agent), "")
    system = next((label for mark, label in _SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (app, system) if part)


async def carry(request: Request) -> Response[Any]:
    """Lead to the sign-in; what was posted travels along and can be sent again after it."""
    member = request.path == "/m" or request.path.startswith("/m/")
    sign_in = "/m/sign-in" if member else "/sign-in"
    if "json" in request.headers.get("accept", ""):
        return Response(
            {
                "type": "about:blank",
                "status": 401,
                "code": "session.ended",
                "title": request.text("session.ended"),
            },
            status_code=401,
            media_type="application/problem+json",
            headers={"Cache-Control": "no-store"},
        )
    target = request.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method not in _UNSAFE:
        if request.htmx:
            target = _shown(request)
        return redirect(request, f"{sign_in}?next={quote(target, safe='/')}" if target else sign_in)
    if request.htmx:  # what is typed still stands in the page; sending it leads here again
        text = request.text("session.ended_here")
        return page(request, "_parts/error.html", status=401, text=text, incident=None)
    fields, files = await _posted(request)
    return page(
        request,
        "public/accounts/sign_in_member.html" if member else "public/accounts/sign_in.html",
        status=401,
        next=target,
        carried=fields or [_NOTHING],
        lost_files=files,
        typed="",
        ended=True,
    )


async def again(request: Request) -> Response[Any] | None:
    """Offer a form with an earlier session's token for sending again, so that nothing is lost.

    Another site's posts were refused before; scripts and htmx get the refusal itself.
    """
    fields, _ = await _posted(request)
    if request.htmx or "json" in request.headers.get("accept", "") or not fields:
        return None
    target = request.path + (f"?{request.url.query}" if request.url.query else "")
    return page(
        request,
        "public/accounts/resume.html",
        status=403,
        next=target,
        waiting=fields,
        signed_in=False,
    )


def _shown(request: Request) -> str:
    """Return the address of the page from which htmx asked."""
    try:
        parts = urlsplit(request.headers.get("hx-current-url", ""))
    except ValueError:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


async def _posted(request: Request) -> tuple[list[tuple[str, str]], bool]:
    """Return the posted fields without secrets, and whether files were among them."""
    form = await request.form()
    fields, files = [], False
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files = files or bool(value.filename)
        elif name not in _SECRETS:
            fields.append((name, str(value)))
    return fields, files


def carried(fields: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return the fields that waited for the sign-in, under their own names."""
    return [
        (name.removeprefix(CARRIED), value)
        for name, values in fields.items()
        if name.startswith(CARRIED)
        for value in values
    ]

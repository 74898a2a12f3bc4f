"""What a handler gets and gives: the request with its actor, and pages from templates."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, Literal, cast
from urllib.parse import quote, urlencode

import litestar
import msgspec
from litestar import Response
from litestar.datastructures.multi_dicts import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.status_codes import (
    HTTP_303_SEE_OTHER,
    HTTP_304_NOT_MODIFIED,
    HTTP_400_BAD_REQUEST,
)
from minijinja import Environment, safe

from panel import clock, keys
from panel.actor import ANYBODY, Actor
from panel.entropy import octets
from panel.settings import Settings
from web import i18n, menus
from web.assets import Assets

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
LANG_COOKIE: Final = "panel_lang"
LARGE_COOKIE: Final = "panel_large"
KEYS_COOKIE: Final = "panel_keys"
SESSION_KEY: Final = "panel_session"
_SHARED: Final = ("/w/", "/en/w/")
"""Pages that are the same file for everybody."""
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
FIELD_LIMIT: Final = 1000
"""Fields of one form: more than the longest list of ours with boxes to tick."""
TEXT_LIMIT: Final = 1024 * 1024
"""Bytes of a form without files."""
_FRESH: Final = re.compile(r'name="(csrf|key|opened)" value="[^"]*"')
_CONTROL: Final = re.compile(r"[\x00-\x20\\\x7f]")
_IN_ADDRESS: Final = "%/:?#[]@!$&'()*+,;=~-._"
"""What stands in an address as it is; a percent sign begins what is written in another way."""
Audience = Literal["public", "member", "office", "unit", "admin"]
_PREFIXES: Final[dict[str, Audience]] = {
    "m": "member", "office": "office", "unit": "unit", "admin": "admin",
}  # fmt: skip


class SessionInfo(msgspec.Struct, frozen=True):
    """What a page needs of the session that the guard found."""

    actor: Actor
    csrf: str
    label: str = ""
    """How the page greets: a sign-in name or card number, never a person's name."""


class Flash(msgspec.Struct, frozen=True):
    """One message over a page."""

    kind: str
    text: str


class Link(msgspec.Struct, frozen=True):
    """One entry of the navigation."""

    url: str
    label: str
    current: bool


class Request(litestar.Request[Any, Any, Any]):
    """A request that knows who acts, when, in which language, and how large."""

    @property
    def config(self) -> Settings:
        """Return the settings of the service."""
        return cast("Settings", self.app.state.settings)

    @property
    def session_info(self) -> SessionInfo | None:
        """Return the session that the audience's guard loaded; none on public pages."""
        return cast("SessionInfo | None", self.scope["state"].get(SESSION_KEY))

    @property
    def actor(self) -> Actor:
        """Return who acts."""
        return self.session_info.actor if self.session_info else ANYBODY

    @cached_property
    def at(self) -> dt.datetime:
        """Return the moment of this request, the same for all of it."""
        return clock.now()

    @property
    def path(self) -> str:
        """Return the path of the address."""
        return self.url.path

    @property
    def audience(self) -> Audience:
        """Return the audience that the address belongs to."""
        return _PREFIXES.get(self.path.split("/")[1], "public")

    @property
    def lang(self) -> i18n.Lang:
        """Return the language: of the address on public pages, else the person's choice."""
        first = self.path.split("/")[1]
        if first == "en":
            return "en"
        if first in {"zh", "w", ""}:
            return "zh"
        return i18n.negotiate(
            self.cookies.get(LANG_COOKIE), self.headers.get("accept-language", "")
        )

    @property
    def large(self) -> bool:
        """Tell whether the large mode is on; a window's page is the same for everybody."""
        if self.query_params.get("large") == "1":
            return True
        return not self.path.startswith(_SHARED) and self.cookies.get(LARGE_COOKIE) == "1"

    @property
    def keys(self) -> bool:
        """Tell whether single keys do something; who types by voice switches them off."""
        return self.cookies.get(KEYS_COOKIE) != "0"

    @property
    def htmx(self) -> bool:
        """Tell whether htmx asks, so that the answer is a fragment."""
        return self.headers.get("hx-request") == "true"

    @property
    def source(self) -> str:
        """Return the element that made htmx ask (``tag#id``)."""
        return self.headers.get("hx-source", "")

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number of the address that a database can hold, else the default."""
        text = self.query_params.get(name, "")
        return int(text) if _NUMBER.fullmatch(text) else default

    async def form(self) -> FormMultiDict:
        """Read the posted fields; too long a text, or too many fields, is refused as too large."""
        if self.content_type[0] == RequestEncodingType.URL_ENCODED:
            body = await self.body()
            if len(body) > TEXT_LIMIT or body.count(b"&") > FIELD_LIMIT:
                raise RequestEntityTooLarge
        return await super().form()

    def text(self, text: str, /, **values: object) -> str:
        """Return a text of the catalogue in the reader's language."""
        return i18n.gettext(self.lang, text, **values)


def _load(name: str) -> str | None:
    """Read a template; names come from our own code only."""
    path = TEMPLATES / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


def environment(assets: Assets) -> Environment:
    """Make the template environment: strict, escaping, with the functions of every page."""
    return Environment(
        loader=_load,
        undefined_behavior="strict",
        auto_escape_callback=lambda name: "html" if name.endswith(".html") else "none",
        globals={"asset": assets.url, "score": i18n.score},
        trim_blocks=True,
        lstrip_blocks=True,
        reload_before_render=False,
    )


class Stage(msgspec.Struct, frozen=True):
    """What every page shows besides its own matter; also used for pages made as files."""

    lang: i18n.Lang
    html_lang: str
    large: bool
    path: str
    query: str
    audience: str
    who: str | None
    nav: list[Link]
    phone: str
    city: str
    csrf_input: str
    switch_lang_url: str
    switch_large_url: str
    flash: Flash | None = None
    home_url: str = "/"
    keys: bool = True
    """Whether single keys do something on this page."""
    switch_keys_url: str = ""
    parts: tuple[Link, ...] = ()
    """Pages that share an entry of the navigation with this one."""
    store: str = ""
    """Which of the stores on this phone is the member's: names nobody."""


def render(
    env: Environment, template: str, stage: Stage, at: dt.datetime, **context: object
) -> str:
    """Render a template with the functions and values that all pages share."""
    lang = stage.lang
    return str(
        env.render_template(
            template,
            page=stage,
            _=partial(i18n.gettext, lang),
            date=partial(i18n.date, lang),
            datetime=partial(i18n.datetime_, lang),
            number=partial(i18n.number, lang),
            csrf_input=safe(stage.csrf_input),
            now=at,
            **context,
        )
    )


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    flash: Flash | None = None,
    headers: dict[str, str] | None = None,
    **context: object,
) -> Response[str]:
    """Render a page for this reader.

    Signed-in pages, refusals and what answers a form (it shows what was typed) are never stored.
    """
    context.setdefault("faults", [])
    body = render(
        request.app.state.templates, template, stage(request, flash), request.at, **context
    )
    private = request.session_info or status >= HTTP_400_BAD_REQUEST or request.method == "POST"
    caching = "no-store" if private else "no-cache"
    return Response(
        body,
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={"Cache-Control": caching, **(headers or {})},
    )


def kept_page(request: Request, template: str, **context: Any) -> Response[str]:
    """Render a page that a member's phone may keep for hours without a network.

    Whoever has it learns in a few bytes that it still holds; what is new on every page (the token)
    does not count. Caches of browsers keep nothing of it: our own worker does.
    """
    answer = page(request, template, **context)
    lasting = _FRESH.sub("", str(answer.content)) + (_csrf(request))
    tag = f'"{hashlib.sha256(lasting.encode()).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Response("", status_code=HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
    answer.headers["ETag"] = tag
    return answer


def _csrf(request: Request) -> str:
    """Return the session's own token: a page of an earlier session does not hold any more."""
    return request.session_info.csrf if request.session_info else ""


def shared_page(
    request: Request, template: str, *, seconds: int = 60, **context: Any
) -> Response[str]:
    """Render a page that is the same for everybody, with an ETag and a short life in caches."""
    answer = page(request, template, **context)
    tag = f'"{hashlib.sha256(str(answer.content).encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={seconds}"}
    if not request.path.startswith(_SHARED):
        headers["Vary"] = "Cookie"  # which holds the wish for the large mode
    if request.headers.get("if-none-match") == tag:
        return Response("", status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    answer.headers.update(headers)
    return answer


def local(target: str) -> str:
    """Return an address of this service as it came, or nothing where it might lead elsewhere.

    Browsers drop tabs and line ends and read a backslash as a slash, so none of them may stand.
    """
    elsewhere = target.startswith("//") or _CONTROL.search(target) is not None
    return "" if elsewhere or not target.startswith("/") else target


def redirect(request: Request, url: str) -> Response[str]:
    """Send the reader on with GET; htmx is told by its own header."""
    url = quote(url, safe=_IN_ADDRESS)  # headers hold no Chinese, which filters bring along
    if request.htmx:
        return Response("", status_code=200, headers={"HX-Redirect": url})
    return Response("", status_code=HTTP_303_SEE_OTHER, headers={"Location": url})


def download(
    data: bytes, filename: str, media_type: str = "application/octet-stream"
) -> Response[bytes]:
    """Give a file to be saved under a name (Chinese names included)."""
    disposition = f"attachment; filename*=UTF-8''{quote(filename)}"
    return Response(
        data, media_type=media_type,
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )  # fmt: skip


def stage(request: Request, flash: Flash | None = None) -> Stage:
    """Gather what every page shows."""
    session = request.session_info
    csrf = mask(session.csrf) if session else ""
    return Stage(
        lang=request.lang,
        html_lang=i18n.HTML_LANG[request.lang],
        large=request.large,
        path=request.path,
        query=request.url.query,
        audience=request.audience,
        who=session.label if session else None,
        nav=_nav(request),
        parts=tuple(
            Link(url, request.text(label), current=current)
            for url, label, current in menus.parts(request.path)
        ),
        phone=request.config.phone,
        city=request.config.city_en if request.lang == "en" else request.config.city,
        csrf_input=f'<input type="hidden" name="csrf" value="{csrf}">' if csrf else "",
        switch_lang_url=_switch_lang(request),
        switch_large_url=_switch_large(request),
        flash=flash or _said(request),
        home_url=_HOME[request.audience] if session else "/",
        keys=request.keys,
        switch_keys_url=_switch_keys(request),
        store=store_of(request.actor),
    )


def store_of(actor: Actor) -> str:
    """Return what tells the members' stores on a shared phone apart, without telling who."""
    return keys.current().hash("link", "store", actor.member)[:16] if actor.member else ""


def mask(token: str) -> str:
    """Hide the session's token anew on every page, so that compressing it tells nothing."""
    pad = octets(_PAD)
    return urlsafe_b64encode(pad + _mixed(pad, token)).decode()


def matches(masked: str, token: str) -> bool:
    """Tell whether a posted value is the session's token behind any mask."""
    try:
        data = urlsafe_b64decode(masked.encode())
    except ValueError:
        return False
    return hmac.compare_digest(data[_PAD:], _mixed(data[:_PAD], token))


def _mixed(pad: bytes, token: str) -> bytes:
    return hmac.digest(pad, token.encode(), "sha256")


_PAD: Final = 16
_HOME: Final[dict[Audience, str]] = {
    "public": "/", "member": "/m/tasks", "office": "/office", "unit": "/unit", "admin": "/admin",
}  # fmt: skip


def _nav(request: Request) -> list[Link]:
    """Return the navigation of the audience with the current entry marked."""
    audience: str = request.audience
    if audience != "public" and request.session_info is None:
        return []
    if request.path.split("/")[1] == "me" and request.session_info is not None:
        # The own account stands outside the parts of the service; its owner keeps the menu.
        audience = menus.audience(request.actor)
    return [
        Link(url, request.text(label), current=current)
        for url, label, current in menus.entries(
            audience, request.actor, request.path, request.lang
        )
    ]


def _switch_lang(request: Request) -> str:
    """Return the address of this page in the other language."""
    other = "zh" if request.lang == "en" else "en"
    first, _, rest = request.path.removeprefix("/").partition("/")
    if first in {"zh", "en"} and rest.startswith("w/"):
        return f"/{rest}"
    if first in {"zh", "en"}:
        return f"/{other}/{rest}"
    if first == "w":
        return f"/en/{first}/{rest}"
    return _prefer(request, lang=other)


def _switch_large(request: Request) -> str:
    """Return the address of this page in the other size; a window's page keeps no wish."""
    if request.path.startswith(_SHARED):
        return request.path if request.large else f"{request.path}?large=1"
    return _prefer(request, large="0" if request.large else "1")


def _switch_keys(request: Request) -> str:
    """Return the address that switches single keys, on the pages of the office."""
    if request.audience != "office":
        return ""
    return _prefer(request, keys="0" if request.keys else "1")


def _prefer(request: Request, **wishes: str) -> str:
    """Return the address that keeps a wish and leads back here."""
    back = request.path + (f"?{request.url.query}" if request.url.query else "")
    home = _HOME[request.audience] if request.session_info else "/"
    return "/prefer?" + urlencode({**wishes, "next": back if request.method == "GET" else home})


def _said(request: Request) -> Flash | None:
    """Return the message that the last redirect left in the address as a text's key."""
    key = request.query_params.get("said", "")
    if not key or "as" in request.query_params or f"said.{key}" not in i18n.catalogue(request.lang):
        return None
    return Flash("good", request.text(f"said.{key}"))

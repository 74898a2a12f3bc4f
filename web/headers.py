"""The outermost layer: allowed hosts, HEAD, and the headers of every answer."""

from __future__ import annotations

from typing import Final, cast
from urllib.parse import urlsplit

from litestar.enums import HttpMethod
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from panel.settings import Settings

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types default"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), payment=(), usb=(), browsing-topics=()"
    ),
}
_HSTS: Final = "max-age=31536000"


def _name(netloc: str) -> str:
    """Return a host without its port."""
    return netloc if netloc.endswith("]") else netloc.rpartition(":")[0] or netloc


def _nearby(url: str) -> bool:
    """Tell whether an address is this machine or a bare number, which must stay free for others."""
    name = urlsplit(url).hostname or ""
    return name == "localhost" or name.endswith(".localhost") or ":" in name or name[-1:].isdigit()


class Outermost:
    """Wrap the application, so that unrouted answers carry the headers too."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Prepare the headers once."""
        self._app = app
        own = _name(urlsplit(settings.base_url).netloc)
        self._hosts = frozenset({*settings.allowed_hosts, own})
        headers = dict(HEADERS)
        if settings.secure and not _nearby(settings.base_url):
            headers["strict-transport-security"] = _HSTS
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a foreign host, answer HEAD by GET without its body, add the headers."""
        if "method" not in scope:  # a web socket; this service opens none
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        if "*" not in self._hosts and _name(given) not in self._hosts:
            await _refuse(send, self._headers)
            return
        http = cast("HTTPScope", scope)
        head = http["method"] == HttpMethod.HEAD
        if head:
            http["method"] = HttpMethod.GET

        async def outgoing(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in self._headers if name not in sent),
                ]
            elif head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await self._app(scope, receive, outgoing)


async def _refuse(send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    """Answer a request for a host that is not ours."""
    await send(
        {
            "type": "http.response.start",
            "status": 421,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), *headers],
        }
    )
    await send({"type": "http.response.body", "body": b"unknown host\n", "more_body": False})

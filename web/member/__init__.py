"""Pages for members of the panel, on their phones."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from litestar import Router

from web import guards

MODULES = (
    "visits",
    "claims",
    "evaluations",
    "outbox",
    "photos",
    "feedback",
    "training",
    "accounts",
    "reminders",
    "terms",
    "rights",
    "leads",
    "open_visits",
    "recognised",
)


def router() -> Router:
    """Return the router of this audience with its guard; paths stand below ``/m``."""
    handlers: list[Any] = []
    for name in MODULES:
        handlers.extend(import_module(f"web.member.{name}").handlers)
    return Router(
        path="/m", route_handlers=handlers, include_in_schema=False, guards=[guards.member]
    )

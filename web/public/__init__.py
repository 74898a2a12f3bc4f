"""Pages for everybody: no sign-in, no session read."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from litestar import Router

MODULES = (
    "home",
    "accounts",
    "reminders",
    "roster",
    "recruitment",
    "lottery",
    "notice",
    "certificates",
    "applications",
    "receipts",
    "nominations",
    "rulebook",
    "visits",
    "open_visits",
    "rankings",
    "protests",
    "finder",
    "exposures",
    "outcomes",
    "bulletins",
    "annual_plan",
    "scoreboard",
)


def router() -> Router:
    """Return the public router; paths are absolute, cross-site posts are refused for all."""
    handlers: list[Any] = []
    for name in MODULES:
        handlers.extend(import_module(f"web.public.{name}").handlers)
    return Router(path="/", route_handlers=handlers, include_in_schema=False)

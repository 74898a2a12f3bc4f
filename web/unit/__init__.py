"""Pages for liaisons of the evaluated units."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from litestar import Router

from web import guards

MODULES = (
    "rankings",
    "appeals",
    "results",
    "findings",
    "assessments",
    "orders",
    "open_visits",
    "windows",
    "duty",
    "circulars",
    "ledger",
)


def router() -> Router:
    """Return the router of this audience with its guard; paths stand below ``/unit``."""
    handlers: list[Any] = []
    for name in MODULES:
        handlers.extend(import_module(f"web.unit.{name}").handlers)
    return Router(
        path="/unit", route_handlers=handlers, include_in_schema=False, guards=[guards.unit]
    )

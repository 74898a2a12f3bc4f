"""Pages for accounts and technique, no content."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from litestar import Router

from web import guards

MODULES = ("accounts", "tokens")


def router() -> Router:
    """Return the router of this audience with its guard; paths stand below ``/admin``."""
    handlers: list[Any] = []
    for name in MODULES:
        handlers.extend(import_module(f"web.admin.{name}").handlers)
    return Router(
        path="/admin", route_handlers=handlers, include_in_schema=False, guards=[guards.admin]
    )

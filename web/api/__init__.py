"""The JSON API: a member's own program, and other programs that read; described by OpenAPI.

Every answer is JSON, every refusal problem+json. Tokens stand in the header, never in an address.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from litestar import Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

MODULES = ("sessions", "tasks", "rounds", "submissions")
PATH: Final = "/api/v1"


def router() -> Router:
    """Return the router of the API; each handler names its guard."""
    handlers: list[Any] = []
    for name in MODULES:
        handlers.extend(import_module(f"web.api.{name}").handlers)
    return Router(path=PATH, route_handlers=handlers, opt={"api": True})


def description() -> OpenAPIConfig:
    """Return what describes the API to programs; it is made when it is first asked for."""
    return OpenAPIConfig(
        title="panel",
        version="1",
        path=PATH,
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={
                "member": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="Token of a member's session, from POST /api/v1/session.",
                ),
                "program": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="Token of another program, made by the administrator, with scopes.",
                ),
            }
        ),
    )

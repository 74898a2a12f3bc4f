"""Assembling the application: routers, error handlers, engine, keys and the outermost layer."""

from __future__ import annotations

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State, UploadFile
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Scope
from litestar.utils.scope.state import ScopeState

from panel import keys
from panel.db import TooLong, Unavailable
from panel.errors import Refusal
from panel.settings import Settings
from web import admin, api, assets, errors, guards, member, office, pages, public, unit
from web.headers import Outermost
from web.pages import Request

BODY_LIMIT = 12 * 1024 * 1024
"""Bytes of a request's body; single files are bounded again when they are read."""


async def close_uploads(_: Exception, scope: Scope) -> None:
    """Close the files of a form that a guard had read before the request was refused."""
    form = ScopeState.from_scope(scope).form
    if isinstance(form, dict):
        for value in form.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, UploadFile):
                    await one.close()


def create(settings: Settings, own_keys: keys.Keys) -> Litestar:
    """Build the application; whoever calls has started the engine and will stop it."""
    keys.bind(own_keys)
    files = assets.load()

    return Litestar(
        route_handlers=[
            assets.route_handler(files),
            assets.worker_handler(files),
            public.router(),
            member.router(),
            office.router(),
            unit.router(),
            admin.router(),
            api.router(),
        ],
        guards=[guards.same_origin],
        exception_handlers={
            Refusal: errors.refused,
            Unavailable: errors.unavailable,
            TooLong: errors.too_long,
            errors.SignInNeeded: errors.sign_in_needed,
            HTTPException: errors.http_error,
            Exception: errors.bug,
        },
        request_class=Request,
        after_exception=[close_uploads],
        compression_config=CompressionConfig(
            backend="brotli",
            brotli_quality=4,
            minimum_size=1000,
            # Pressed when they were written.
            exclude=[
                "/static/",
                "^/(zh|en)/rankings",
                "^/rankings",
                "^/manifest",
                "^/r/",
                "^/office/exports/",
            ],
        ),
        request_max_body_size=BODY_LIMIT,
        multipart_form_part_limit=pages.FIELD_LIMIT,
        openapi_config=api.description(),
        state=State(
            {
                "settings": settings,
                "assets": files,
                "templates": pages.environment(files),
            }
        ),
        logging_config=None,
    )


def asgi(app: Litestar, settings: Settings) -> ASGIApp:
    """Return what a server runs: the application inside its outermost layer."""
    return Outermost(app, settings)

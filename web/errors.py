"""Refusals and faults as answers: a page, a fragment for htmx, or problem+json."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from typing import Any, Final

import litestar
from litestar import Response
from litestar.exceptions import HTTPException

from panel import entropy
from panel.db import TooLong, Unavailable
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid, Missing, Refusal
from panel.log import logger
from web import i18n
from web.pages import Request, page

STATUS: Final[dict[type[Refusal], HTTPStatus]] = {
    Missing: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    Closed: HTTPStatus.GONE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
}
WAIT: Final = "signin.wait"
"""Too many tries: the seconds to wait stand in the sentence."""
RETRY_AFTER: Final = "5"
NO_STORE: Final = {"Cache-Control": "no-store"}


class SignInNeeded(Exception):  # noqa: N818 - a turn to the sign-in page, not an error
    """A guard found no session; the answer leads to signing in and loses nothing typed."""

    def __init__(self, response: Response[Any]) -> None:
        """Keep the prepared answer."""
        super().__init__("sign-in needed")
        self.response = response


def text_of(lang: i18n.Lang, refusal: Refusal | Fault) -> str:
    """Return the sentence for a refusal or fault."""
    values = {
        name: "、".join(value) if isinstance(value, tuple) else value
        for name, value in refusal.values.items()
    }
    return i18n.gettext(lang, refusal.code, **values)


def texts(request: Request, refusal: Invalid) -> list[dict[str, str]]:
    """Return the faults of a form for its error summary; the refusal itself where it has none."""
    faults = [{"path": f.path, "text": text_of(request.lang, f)} for f in refusal.faults]
    return faults or [{"path": "", "text": text_of(request.lang, refusal)}]


AnyRequest = litestar.Request[Any, Any, Any]


def renamed(refusal: Invalid, path: str, field: str) -> Invalid:
    """Return a refusal whose faults stand at the field of this page."""
    faults = [
        type(each)(field if each.path == path else each.path, each.code, each.values)
        for each in refusal.faults
    ]
    return Invalid(refusal.code, *faults, **refusal.values)


def _ours(request: AnyRequest) -> Request:
    """Give unrouted addresses our request class too."""
    if isinstance(request, Request):
        return request
    return Request(request.scope, request.receive, request.send)


def refused(asked: AnyRequest, exc: Refusal) -> Response[Any]:
    """Answer a refusal with its status and sentence."""
    request = _ours(asked)
    sentence = text_of(request.lang, exc)
    if isinstance(exc, Invalid) and exc.faults:
        sentence += "".join(
            f" · {fault.path}: {text_of(request.lang, fault)}" for fault in exc.faults[:8]
        )
    status = HTTPStatus.TOO_MANY_REQUESTS if exc.code == WAIT else STATUS[type(exc)]
    return _answer(request, status, exc.code, sentence)


def unavailable(asked: AnyRequest, exc: Unavailable) -> Response[Any]:
    """Tell that the database is away for a moment or the disk is full."""
    request = _ours(asked)
    full = bool(getattr(exc, "full", False))
    status = HTTPStatus.INSUFFICIENT_STORAGE if full else HTTPStatus.SERVICE_UNAVAILABLE
    code = "service.full" if full else "service.unavailable"
    answer = _answer(request, status, code, request.text(code))
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def too_long(asked: AnyRequest, exc: TooLong) -> Response[Any]:
    """Refuse a text that no rule had bounded and the database would not take."""
    del exc
    request = _ours(asked)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _answer(request, status, "text.too_long", request.text("text.too_long"))


def sign_in_needed(asked: AnyRequest, exc: SignInNeeded) -> Response[Any]:
    """Give the answer that the guard prepared."""
    del asked
    return exc.response


def http_error(asked: AnyRequest, exc: HTTPException) -> Response[Any]:
    """Answer what the framework refuses: no such address, wrong method, body too large."""
    request = _ours(asked)
    try:
        status = HTTPStatus(exc.status_code)
    except ValueError:
        status = HTTPStatus.BAD_REQUEST
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return bug(asked, exc)
    code = f"http.{status.value}"
    if code not in i18n.catalogue("zh"):
        code = "http.400"
    return _answer(request, status, code, request.text(code))


def bug(asked: AnyRequest, exc: Exception) -> Response[Any]:
    """Answer a fault of ours with an incident number; the log holds places, never values."""
    request = _ours(asked)
    incident = entropy.code()
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(exc.__traceback__)]
    logger().error("incident", incident=incident, kind=type(exc).__name__, frames=frames[-12:])
    return _answer(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "service.bug", request.text("service.bug"),
        incident=incident,
    )  # fmt: skip


def _answer(
    request: Request, status: HTTPStatus, code: str, sentence: str, incident: str | None = None
) -> Response[Any]:
    """Choose the form of the answer by who asks."""
    if "json" in request.headers.get("accept", "") or request.path.startswith("/api/"):
        problem = {"type": "about:blank", "status": status.value, "code": code, "title": sentence}
        if incident:
            problem["incident"] = incident
        return Response(
            problem, status_code=status, media_type="application/problem+json", headers=NO_STORE
        )
    if request.htmx:
        return page(request, "_parts/error.html", status=status, text=sentence, incident=incident)
    return page(
        request,
        "error.html",
        status=status,
        title=request.text(f"status.{status.value}"),
        text=sentence,
        incident=incident,
    )

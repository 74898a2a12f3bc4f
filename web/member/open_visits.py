"""Checking in at an open visit by the window's printed code."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from panel.ids import read_code
from panel.visits import commands
from web import forms
from web.pages import Request, redirect


@post("/tasks/{code:str}/check-in")
async def check_in(request: Request, code: FromPath[str]) -> Response[str]:
    """Note that the visitor of an open task stands before its window."""
    form = await forms.fields(request)
    task = read_code(code)
    await commands.check_in(request.actor, task, read_code(form.text("window")), at=request.at)
    return redirect(request, f"/m/tasks/{task}?said=checked_in")


handlers: list[Any] = [check_in]

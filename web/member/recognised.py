"""A visitor who was recognised says so: without blame, and not sent there again."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.ids import read_code
from panel.visits import commands, queries
from web.pages import Request, page, redirect


@get("/tasks/{code:str}/recognised")
async def ask(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask, before a visit is turned into an open one."""
    task = await queries.shown_task(request.actor.member, read_code(code), at=request.at)
    return page(request, "member/visits/recognised.html", task=task)


@post("/tasks/{code:str}/recognised")
async def say(request: Request, code: FromPath[str]) -> Response[str]:
    """Note that somebody at the window knew who came."""
    await commands.recognised(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/m/tasks/{code}?said=task_recognised")


handlers: list[Any] = [ask, say]

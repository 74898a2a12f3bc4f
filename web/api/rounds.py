"""Rounds for other programs: what the public register tells, and how far each is."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get

from panel.accounts.types import Scope
from panel.visits import queries
from panel.visits.types import LIVE, TaskState
from web import guards
from web.api.sessions import NO_STORE
from web.pages import Request

_MADE = (TaskState.SUBMITTED, TaskState.RETURNED, TaskState.DONE)


class Round(msgspec.Struct, frozen=True):
    """One approved round without its days."""

    code: str
    kind: str
    state: str
    title: str
    title_en: str
    theme: str
    groups: tuple[str, ...]
    legal_basis: str
    register_number: str
    rulebook: str
    planned: int
    made: int


@get(
    "/rounds",
    guards=[guards.api_token],
    opt={"scope": Scope.ROUNDS},
    security=[{"program": [Scope.ROUNDS.value]}],
)
async def index(request: Request) -> Response[list[Round]]:
    """List the approved rounds, the newest first."""
    del request
    counts = await queries.counts_by_round()
    return Response(
        [
            Round(
                code=view.code,
                kind=view.draft.kind.value,
                state=view.state.value,
                title=view.draft.title,
                title_en=view.draft.title_en,
                theme=view.draft.theme,
                groups=view.draft.groups,
                legal_basis=view.draft.legal_basis,
                register_number=view.draft.register_number,
                rulebook=view.rulebook_code,
                planned=sum(c.count for c in counts.get(view.id, []) if c.state in LIVE),
                made=sum(c.count for c in counts.get(view.id, []) if c.state in _MADE),
            )
            for view in await queries.rounds()
            if view.public
        ],
        headers=NO_STORE,
    )


handlers: list[Any] = [index]

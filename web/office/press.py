"""What goes out with a publication: the text for the press, the notice to be stamped."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Missing
from panel.ids import Code, read_code
from panel.rankings import queries
from panel.rankings.types import (
    AppealKind,
    Kind,
    ListView,
    PublicationView,
    RankingState,
    RankingView,
    Row,
)
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.workdays import SHANGHAI
from web import documents, standings
from web.i18n import Lang, datetime_, gettext
from web.pages import Request, page

ROLES: Final = (Role.COORDINATOR, Role.PUBLISHER)
READY: Final = frozenset(
    {RankingState.NOTICE, RankingState.FINAL, RankingState.PUBLISHED, RankingState.SUPERSEDED}
)


@get("/rankings/{code:str}/press", roles=ROLES)
async def press(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the text for the press in both languages; whoever gets it early keeps the embargo."""
    ranking, lists, book = await _ready(read_code(code))
    until = embargo(request.query_params.get("day", ""), request.query_params.get("hour", ""))
    answer = page(
        request,
        "office/rankings/press.html",
        ranking=ranking,
        until=until,
        texts=[
            (lang, text(lang, city, ranking, (lists, book), until))
            for lang, city in _cities(request)
        ],
    )
    return await documents.offered(request, answer, request.text("Text for the press"))


def _cities(request: Request) -> list[tuple[Lang, str]]:
    return [("zh", request.config.city), ("en", request.config.city_en)]


@get("/rankings/{code:str}/stamped", roles=ROLES)
async def stamped(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the notice to print and stamp: short lists, and the hash that the public checks by."""
    ranking, lists, book = await _ready(read_code(code))
    publication = await _written(ranking)
    answer = page(
        request,
        "office/rankings/stamped.html",
        ranking=ranking,
        publication=publication,
        groups=[
            {
                "name": standings.group_name(book, each.scope, request.lang),
                "first": _named(each, request.lang, top=True),
                "last": _named(each, request.lang, top=False),
            }
            for each in lists
        ],
    )
    return await documents.offered(
        request, answer, request.text("Notice to be stamped"), letterhead=True
    )


async def _ready(code: Code) -> tuple[RankingView, list[ListView], Rulebook]:
    """Return a ranking that may be told, its public lists of units, and the measures."""
    ranking = await queries.ranking(code)
    if ranking.state not in READY:
        raise Missing("ranking.missing")
    book = (await rulebooks.version(ranking.rulebook_code)).rulebook
    public = book.publication.levels.get("unit_ranking") == "public"
    appealed = await queries.under_appeal(AppealKind.RANKING, code)
    lists = [
        msgspec.structs.replace(
            each, rows=tuple(row for row in each.rows if row.code not in appealed)
        )
        for each in await queries.lists(ranking.id)
        if public and each.kind is Kind.UNIT
    ]
    return ranking, lists, book


async def _written(ranking: RankingView) -> PublicationView:
    for each in await queries.publications():
        if each.round_code == ranking.round_code and each.manifest_hash:
            return each
    raise Missing("publication.missing")


def embargo(day: str, hour: str) -> dt.datetime | None:
    """Return the moment before which nothing may be told; none where it was not typed rightly."""
    try:
        clock = dt.time.fromisoformat(hour or "09:00")
        return dt.datetime.combine(dt.date.fromisoformat(day), clock, SHANGHAI)
    except ValueError:
        return None


def text(
    lang: Lang,
    city: str,
    ranking: RankingView,
    told: tuple[list[ListView], Rulebook],
    until: dt.datetime | None,
) -> list[str]:
    """Return the paragraphs for the press: settled places alone, and no person."""
    lists, book = told

    def say(line: str, **values: object) -> str:
        return gettext(lang, line, **values)

    title = standings.called(ranking.title, ranking.title_en, lang)
    lines = [say("press.embargo", time=datetime_(lang, until))] if until else []
    lines += [say("press.head", city=city, title=title)]
    for each in lists:
        lines.append(say("press.group", group=standings.group_name(book, each.scope, lang),
                         ranked=each.ranked, units=len(each.rows)))  # fmt: skip
        for key, top in (("press.first", True), ("press.last", False)):
            named = _named(each, lang, top=top)
            if named:
                lines.append(say(key, names=say("press.between").join(named)))
    lines.append(say("press.method", minimum=book.publication.minimum_visitors))
    return lines


def _named(one: ListView, lang: Lang, *, top: bool) -> list[str]:
    """Return the settled names at one end of a list, with their scores where they are shown."""
    rows = [row for row in one.rows if (row.in_top if top else row.in_bottom)]
    return [_line(row, lang) for row in rows if not standings.standing_key(row)]


def _line(row: Row, lang: Lang) -> str:
    name = standings.called(row.name, row.name_en, lang)
    figure = standings.plain(row.score)
    return f"{row.place}. {name} {figure}" if figure else f"{row.place}. {name}"


handlers: list[Any] = [press, stamped]

"""What the files of one publication are made of, gathered once."""

from __future__ import annotations

import datetime as dt

import msgspec

from panel.evaluations import queries as evaluations
from panel.ids import Code
from panel.rankings import queries
from panel.rankings.types import (
    AnswerView,
    Change,
    EditionView,
    ListView,
    PublicationView,
    RankingView,
    ReleaseStatus,
    Row,
)
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from web.standings import Around, Period


class Erratum(msgspec.Struct, frozen=True):
    """One correction of published lists; once written it stays in every later release."""

    sequence: int
    """Publication that corrects."""
    corrects: int
    """Publication that was corrected."""
    round: Code
    title: str
    title_en: str
    edition: int
    at: dt.datetime
    reason: str
    changes: tuple[Change, ...]


class Content(msgspec.Struct, frozen=True):
    """Everything that the files of one publication are made of."""

    publication: PublicationView
    previous_hash: str
    ranking: RankingView
    edition: EditionView
    lists: list[ListView]
    answers: dict[Code, AnswerView]
    rulebook: Rulebook
    rulebook_text: str
    rulebook_hash: str
    around: Around
    errata: tuple[Erratum, ...]
    receipts: list[str]
    """Leaves of all receipts of the rounds that are counted, sorted."""


async def gathered(publication: PublicationView, previous: str) -> Content:
    """Gather what is public of one publication."""
    ranking = await queries.ranking(publication.round_code)
    version = await rulebooks.version(ranking.rulebook_code)
    before = [
        each for each in await queries.publications() if each.sequence <= publication.sequence
    ]
    edition = await edition_of(publication)
    lists = await _public(publication, version.rulebook)
    return Content(
        publication=publication,
        previous_hash=previous,
        ranking=ranking,
        edition=edition,
        lists=[_masked(each, publication.under_appeal) for each in lists],
        answers={
            each.unit_code: each
            for each in await queries.answers(publication.round_code)
            if each.shown
        },
        rulebook=version.rulebook,
        rulebook_text=await rulebooks.published(version.code),
        rulebook_hash=version.hash,
        around=Around(
            appealed=appealed(lists, publication.under_appeal),
            earlier=await _earlier(publication, before),
            model=edition.model,
        ),
        errata=await _errata(before),
        receipts=await evaluations.receipt_leaves(edition.rounds, until=edition.computed_at),
    )


async def edition_of(publication: PublicationView) -> EditionView:
    """Return the edition that was published."""
    ranking = await queries.ranking(publication.round_code)
    return next(
        each for each in await queries.editions(ranking.id) if each.number == publication.edition
    )


async def _public(publication: PublicationView, rulebook: Rulebook) -> list[ListView]:
    ranking = await queries.ranking(publication.round_code)
    levels = rulebook.publication.levels
    return [
        each
        for each in await queries.lists(ranking.id, publication.edition)
        if levels.get(f"{each.kind.value}_ranking") == "public"
    ]


def appealed(lists: list[ListView], units: tuple[Code, ...]) -> frozenset[Code]:
    """Return the units and windows whose places are not printed: an appeal is open."""
    return frozenset(row.code for each in lists for row in each.rows if row.unit_code in units)


def _unsettled(row: Row) -> Row:
    """Leave out a place and all that says how sure it is; sums and score stay, to be checked."""
    return msgspec.structs.replace(
        row,
        place=None,
        place_from_below=None,
        in_top=False,
        in_bottom=False,
        provisional=False,
        certainty=None,
        band=None,
        chance_top=None,
        chance_bottom=None,
        rank_low=None,
        rank_high=None,
        set_low=None,
        set_high=None,
        without_low=None,
        without_high=None,
        others=tuple(msgspec.structs.replace(each, place=None) for each in row.others),
    )


def _masked(one: ListView, units: tuple[Code, ...]) -> ListView:
    """Take the places out that are not printed; what they follow from stays."""
    return msgspec.structs.replace(
        one,
        rows=tuple(_unsettled(row) if row.unit_code in units else row for row in one.rows),
    )


async def _earlier(
    publication: PublicationView, before: list[PublicationView]
) -> tuple[Period, ...]:
    """Return the final lists of earlier rounds as they stood then, the newest first."""
    found: dict[Code, Period] = {}
    for each in before:
        other = each.round_code != publication.round_code
        if other and each.status is not ReleaseStatus.NOTICE and each.round_code not in found:
            ranking = await queries.ranking(each.round_code)
            rulebook = (await rulebooks.version(ranking.rulebook_code)).rulebook
            lists = tuple(_masked(one, each.under_appeal) for one in await _public(each, rulebook))
            found[each.round_code] = Period(each.round_code, each.title, each.title_en, lists)
    return tuple(found.values())


async def _errata(before: list[PublicationView]) -> tuple[Erratum, ...]:
    """Return every correction so far, the oldest first."""
    found: list[Erratum] = []
    last: dict[Code, PublicationView] = {}
    for each in reversed(before):
        if each.status is ReleaseStatus.CORRECTION and each.round_code in last:
            edition = await edition_of(each)
            found.append(
                Erratum(
                    sequence=each.sequence,
                    corrects=last[each.round_code].sequence,
                    round=each.round_code,
                    title=each.title,
                    title_en=each.title_en,
                    edition=each.edition,
                    at=each.published_at.astimezone(dt.UTC),
                    reason=edition.reason,
                    changes=edition.changes,
                )
            )
        last[each.round_code] = each
    return tuple(found)

"""All lists of one edition, by the method that the rulebook names.

What solves equations and counts chances needs numpy, so it is imported when lists are computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from panel.rankings.rules.ranking import figures, naming, simpler
from panel.rankings.rules.ranking.cells import checked, fingerprint
from panel.rankings.types.editions import Computed, Model
from panel.rankings.types.ranking import Cell, Listing, Method, Options, Other, RankList

if TYPE_CHECKING:
    from panel.rankings.rules.ranking.judging import Judge

SIMPLER: Final = (Method.MEAN_OF_WINDOW_MEANS, Method.TRIMMED_MEAN, Method.POOLED_MEAN)


def compute(
    listings: Sequence[Listing],
    cells: Sequence[Cell],
    options: Options,
    told: Sequence[Cell] = (),
    before: Sequence[Sequence[Cell]] = (),
) -> Computed:
    """Compute every list; the order of subjects and cells, and the raters' labels, change nothing.

    One model is fitted for all listings; the other methods stand beside each score. A later edition
    of lists that were ``told`` keeps what was estimated from their cells, and sheets of rounds that
    were told ``before`` keep their raters' severity.
    """
    checked(listings, cells)
    mark = fingerprint(listings, cells, options, (told, *before))
    if not cells:
        model = Model(method=options.method, seed=options.seed, draws=options.draws)
        empty = [each for one in listings for each in naming.lists(one, options.method, {})]
        return Computed(tuple(empty), model, mark)
    from panel.rankings.rules.ranking.judging import Judge  # brings numpy along

    judge = Judge(cells, options, told, before)
    by_unit = figures.tree(cells)
    lists = tuple(each for listing in listings for each in _lists(listing, judge, by_unit, options))
    return Computed(lists, judge.model, mark, judge.certificate)


def _lists(
    listing: Listing, judge: Judge, by_unit: figures.Tree, options: Options
) -> list[RankList]:
    found = {method: simpler.found(listing.kind, by_unit, method, options) for method in SIMPLER}
    found[Method.CROSSED_EFFECTS] = judge.figures(listing.kind)
    own = found.pop(options.method)
    lists = naming.lists(listing, options.method, own)
    others = {
        method: _places(naming.lists(listing, method, each)) for method, each in found.items()
    }
    return [_beside(judge.judged(each, own), others) for each in lists]


def _places(lists: Sequence[RankList]) -> dict[str, tuple[int | None, int | None]]:
    return {entry.key: (entry.score, entry.place) for each in lists for entry in each.entries}


def _beside(
    found: RankList,
    others: Mapping[Method, Mapping[str, tuple[int | None, int | None]]],
) -> RankList:
    """Set what the other methods give beside each line."""
    entries = tuple(
        msgspec.structs.replace(
            entry,
            others=tuple(Other(method, *each[entry.key]) for method, each in others.items()),
        )
        for entry in found.entries
    )
    return msgspec.structs.replace(found, entries=entries)

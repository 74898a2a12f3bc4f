"""All lists of one edition, by the method that the rulebook names."""

from collections.abc import Sequence

from panel.rankings.rules.ranking import figures, naming, simpler
from panel.rankings.rules.ranking.cells import checked, fingerprint
from panel.rankings.types.editions import Computed, Model
from panel.rankings.types.ranking import (
    Cell,
    Kind,
    Listing,
    Method,
    Naming,
    Options,
    RankList,
    Subject,
)


def compute(listings: Sequence[Listing], cells: Sequence[Cell], options: Options) -> Computed:
    """Compute every list; the order of subjects and cells, and the raters' labels, change nothing.

    One model is fitted for all listings.
    """
    checked(listings, cells)
    by_unit = figures.tree(cells)
    lists = tuple(
        each
        for listing in listings
        for each in naming.lists(
            listing,
            options.method,
            simpler.found(listing.kind, by_unit, options.method, options),
        )
    )
    model = Model(method=options.method, seed=options.seed, draws=options.draws)
    return Computed(lists, model, fingerprint(listings, cells, options))


def rank(
    kind: Kind,
    subjects: Sequence[Subject],
    cells: Sequence[Cell],
    rules: Naming,
    method: Method = Method.MEAN_OF_WINDOW_MEANS,
) -> tuple[RankList, ...]:
    """List subjects of one kind by one of the simpler methods, without chances."""
    return compute([Listing(kind, tuple(subjects), rules)], cells, Options(method)).lists


def input_hash(
    kind: Kind, subjects: Sequence[Subject], cells: Sequence[Cell], rules: Naming, method: Method
) -> str:
    """Return the hash of everything that a list of one kind depends on."""
    return fingerprint([Listing(kind, tuple(subjects), rules)], cells, Options(method))

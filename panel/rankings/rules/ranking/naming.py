"""Who is listed, ranked and named: minimums, shared places, short lists, the gate (methods.md 2).

Whoever stays under the minimums is listed without a place. Equal after rounding to 0.01 share a
place and the next is skipped. Top and bottom lists hold the list size, but at most the share of
the ranked; a tie over the cut names all, and who would stand in both stands in neither.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from panel.rankings.rules.ranking.figures import Figure
from panel.rankings.types.ranking import (
    Entry,
    Listing,
    Method,
    Naming,
    RankList,
    Scope,
    Standing,
    Subject,
)


def lists(listing: Listing, method: Method, found: Mapping[str, Figure]) -> tuple[RankList, ...]:
    """List every subject of each peer group, or of the city, with its place."""
    return tuple(
        _list(listing, method, group, members, found) for group, members in groups(listing).items()
    )


def groups(listing: Listing) -> dict[str, list[Subject]]:
    """Return the subjects of each list, by the group that it is about ("" is the city)."""
    within: dict[str, list[Subject]] = defaultdict(list)
    for subject in listing.subjects:
        within[subject.group if listing.naming.scope is Scope.PEER_GROUP else ""].append(subject)
    return dict(sorted(within.items()))


def standing(subject: Subject, found: Figure | None, naming: Naming) -> Standing:
    """Tell whether there is enough to rank somebody by."""
    if not subject.ranked:
        return Standing.NOT_RANKED
    if found is None:
        return Standing.INSUFFICIENT
    enough = found.n >= naming.minimum_visits and found.raters >= naming.minimum_raters
    return Standing.RANKED if enough else Standing.INSUFFICIENT


def places(score: int, ascending: Sequence[int]) -> tuple[int, int]:
    """Return the place of a score from the top and from the bottom; equals share it."""
    return (
        1 + len(ascending) - bisect_right(ascending, score),
        1 + bisect_left(ascending, score),
    )


def size(naming: Naming, ranked: int) -> int:
    """Return how many names a top or bottom list holds."""
    return min(naming.list_size, ranked * naming.share_percent // 100)


def lowest(entries: Iterable[Entry], last: int) -> tuple[Entry, ...]:
    """Return the entries on the last places of a list, the lowest first, ties included."""
    low = [
        entry
        for entry in entries
        if entry.place_from_below is not None and entry.place_from_below <= last
    ]
    return tuple(sorted(low, key=lambda entry: (entry.place_from_below or 0, entry.key)))


def _list(
    listing: Listing,
    method: Method,
    group: str,
    members: Sequence[Subject],
    found: Mapping[str, Figure],
) -> RankList:
    naming = listing.naming
    standings = {each.key: standing(each, found.get(each.key), naming) for each in members}
    scores = sorted(
        found[key].score for key, value in standings.items() if value is Standing.RANKED
    )
    entries = [
        _entry(each, found.get(each.key), standings[each.key], scores, naming) for each in members
    ]
    entries.sort(key=lambda entry: (entry.place is None, entry.place or 0, entry.key))
    length = size(naming, len(scores))
    return RankList(listing.kind, method, group, len(scores), length, length, tuple(entries))


def _entry(
    subject: Subject,
    found: Figure | None,
    standing: Standing,
    scores: Sequence[int],
    naming: Naming,
) -> Entry:
    place = below = None
    top = bottom = under = False
    if standing is Standing.RANKED and found is not None:
        place, below = places(found.score, scores)
        length = size(naming, len(scores))
        top, bottom = place <= length < below, below <= length < place
        under = found.score < naming.gate
    return Entry(
        key=subject.key,
        group=subject.group,
        n=found.n if found else 0,
        raters=found.raters if found else 0,
        score=found.score if found else None,
        spread=found.spread if found else None,
        place=place,
        place_from_below=below,
        standing=standing,
        in_top=top,
        in_bottom=bottom,
        under_gate=under,
        form=found.form if found else "",
        parts=found.parts if found else (),
        story=found.story if found else (),
    )

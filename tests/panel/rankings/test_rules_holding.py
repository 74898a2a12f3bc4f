"""Two editions side by side: what a correction moves must not tell where its rater was."""

from collections.abc import Sequence

import msgspec
import numpy as np

from panel.rankings.rules.ranking import aggregate, compute
from panel.rankings.types import (
    Cell,
    Computed,
    Entry,
    Kind,
    Listing,
    Naming,
    Options,
    Scope,
    Sheet,
    Subject,
)

UNITS, WINDOWS, RATERS = 8, 3, 40
OPTIONS = Options(seed="c0ffee", draws=200)
NAMING = Naming(Scope.PEER_GROUP, minimum_visits=6, minimum_raters=5)


def city() -> list[Sheet]:
    """Return sheets of severe and mild raters, each of whom saw several windows."""
    chance = np.random.Generator(np.random.PCG64(7))
    severity = chance.normal(0, 500, RATERS)
    found = []
    for unit in range(UNITS):
        for window in range(WINDOWS):
            for rater in chance.permutation(RATERS)[:8].tolist():
                score = round(7_000 + 300 * unit + severity[rater] + chance.normal(0, 700))
                manner = ("window:covert", "window:open")[int(chance.integers(2))]
                score = min(max(score, 0), 10_000)
                found.append(Sheet(f"u{unit}", f"u{unit}w{window}", f"r{rater}", score, manner))
    return found


def listed(sheets: Sequence[Sheet], told: Sequence[Cell] = ()) -> Computed:
    """Compute the lists of all units and windows."""
    units = tuple(Subject(f"u{unit}", "g") for unit in range(UNITS))
    windows = tuple(Subject(f"{each.key}w{w}", "g") for each in units for w in range(WINDOWS))
    listings = [Listing(Kind.UNIT, units, NAMING), Listing(Kind.WINDOW, windows, NAMING)]
    return compute(listings, aggregate(sheets), OPTIONS, told)


def measured(entry: Entry) -> Entry:
    """Leave out what depends on how the others stand."""
    return msgspec.structs.replace(
        entry,
        place=None, place_from_below=None, in_top=False, in_bottom=False, certainty=None,
        chance_top=None, chance_bottom=None, rank_low=None, rank_high=None,
        set_low=None, set_high=None, without_low=None, without_high=None,
        others=tuple(msgspec.structs.replace(each, place=None) for each in entry.others),
    )  # fmt: skip


def moved(before: Computed, after: Computed) -> set[str]:
    """Return of whom anything that was measured is told otherwise."""
    old = {entry.key: measured(entry) for each in before.lists for entry in each.entries}
    return {
        entry.key
        for each in after.lists
        for entry in each.entries
        if measured(entry) != old[entry.key]
    }


def test_a_correction_moves_no_figure_of_the_other_windows_of_its_rater() -> None:
    sheets = city()
    void, *left = sheets
    before = listed(sheets)
    elsewhere = {str(each.window) for each in left if each.rater == void.rater}
    assert {key[:2] for key in elsewhere & moved(before, listed(left))} - {void.unit}

    after = listed(left, aggregate(sheets))

    assert {key[:2] for key in moved(before, after)} == {void.unit}
    assert after.model == before.model


def test_held_lists_with_the_same_sheets_are_the_same_lists() -> None:
    sheets = city()
    assert listed(sheets, aggregate(sheets)).lists == listed(sheets).lists


def test_who_came_after_the_first_edition_moves_no_other_line() -> None:
    sheets = city()
    before = listed(sheets)
    late = Sheet("u1", "u1w1", "late", 4_000, "hall:open")

    after = listed([*sheets, late], aggregate(sheets))

    assert {key[:2] for key in moved(before, after)} == {"u1"}


def test_a_held_edition_counts_what_it_was_held_to() -> None:
    sheets = city()
    again = listed(sheets[1:], aggregate(sheets))
    assert again.input_hash != listed(sheets[1:]).input_hash
    assert again.certificate is None


def year() -> tuple[list[Cell], list[Cell]]:
    """Return a first round at all windows, and a second one at those of even units alone."""
    first = [msgspec.structs.replace(cell, period="one") for cell in aggregate(city())]
    chance = np.random.Generator(np.random.PCG64(11))
    sheets = [
        Sheet(
            f"u{unit}",
            f"u{unit}w{window}",
            f"r{rater}",
            round(6_500 + 300 * unit + chance.normal(0, 900)),
            "window:open",
        )
        for unit in range(0, UNITS, 2)
        for window in range(WINDOWS)
        for rater in chance.permutation(RATERS)[:8].tolist()
    ]
    return first, [msgspec.structs.replace(cell, period="two") for cell in aggregate(sheets)]


def sums(found: Computed) -> dict[str, int]:
    """Return the told sum of every window."""
    units = next(each for each in found.lists if each.kind is Kind.UNIT)
    return {part.key: part.sum for entry in units.entries for part in entry.parts}


def unexplained(before: Computed, after: Computed, cells: Sequence[Cell]) -> dict[str, int]:
    """Return how far sums moved beside what the published means of kinds of visit explain."""
    old, new = sums(before), sums(after)
    shift = {kind: before.model.types[kind] - after.model.types[kind] for kind in after.model.types}
    found = {key: new[key] - old[key] for key in old}
    for cell in cells:
        found[str(cell.window)] -= cell.n * shift[cell.type]
    return found


def test_a_further_round_moves_no_sum_of_a_window_without_new_sheets() -> None:
    first, second = year()
    before = computed(first)
    again, kept = computed([*first, *second]), computed([*first, *second], [first])
    untouched = {f"u{unit}w{w}" for unit in range(1, UNITS, 2) for w in range(WINDOWS)}
    plain, held = (unexplained(before, each, first) for each in (again, kept))
    assert max(abs(plain[key]) for key in untouched) > 10_000
    assert max(abs(held[key]) for key in untouched) <= len(before.model.types) * 8
    assert kept.certificate == again.certificate
    assert kept.input_hash != again.input_hash


def test_a_correction_of_a_later_round_keeps_what_both_rounds_told() -> None:
    first, second = year()
    before = computed([*first, *second], [first])
    after = computed([*first, *second[1:]], [first], [*first, *second])
    assert {key for key, value in sums(after).items() if value != sums(before)[key]} == {
        second[0].window
    }
    assert computed([*first, *second], [first], [*first, *second]).lists == before.lists


def computed(
    cells: Sequence[Cell], earlier: Sequence[Sequence[Cell]] = (), told: Sequence[Cell] = ()
) -> Computed:
    """Compute the lists of a year so far."""
    units = tuple(Subject(f"u{unit}", "g") for unit in range(UNITS))
    return compute([Listing(Kind.UNIT, units, NAMING)], cells, OPTIONS, told, earlier)

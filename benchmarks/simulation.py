"""Simulated cities whose truth is known: how often each method names the wrong units.

`make simulate` runs 200 of them and prints its table. A city has 300 units of 10 windows and 1000
raters who mostly visit near home; numbers of visits differ between windows, shares of covert visits
between units, and raters differ in severity by half of what windows do (methods.md 2).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks import planning
from panel.rankings.rules.ranking import aggregate, compute, crossed
from panel.rankings.types import (
    Cell,
    Certainty,
    Kind,
    Listing,
    Method,
    Naming,
    Options,
    RankList,
    Scope,
    Sheet,
    Subject,
)

UNITS, WINDOWS, RATERS, VISITS = 300, 10, 1000, 10
NAMED: Final = 10
Numbers = npt.NDArray[np.float64]


class City(NamedTuple):
    """The truth, and what was seen of it."""

    truth: Numbers
    """Each unit's true score: its own effect and the mean of its windows'."""
    cells: tuple[Cell, ...]
    plain: tuple[Cell, ...]
    """The same visits by raters whose severity is known and taken off."""


def city(seed: int, units: int = UNITS, raters: int = RATERS) -> City:
    """Invent a city and its visits; scores are in hundredths."""
    chance = np.random.default_rng(seed)
    windows = units * WINDOWS
    unit, window = chance.normal(0, 550, units), chance.normal(0, 600, windows)
    severity = chance.normal(0, 300, raters)
    demand = chance.multinomial(windows * VISITS, _shares(chance, windows))
    covert = chance.uniform(0.1, 0.9, units)
    who = _nearness(chance, units, raters)
    sheets, known = [], []
    for own in range(units):
        at = np.repeat(np.arange(WINDOWS), demand[own * WINDOWS : (own + 1) * WINDOWS])
        at += own * WINDOWS
        by = chance.choice(raters, len(at), p=who[own])
        hidden = chance.random(len(at)) < covert[own]
        base = 7800 + unit[own] + window[at] - 800 * hidden + chance.normal(0, 700, len(at))
        for score, true, place, rater, secret in zip(
            _scored(base + severity[by]), _scored(base), at.tolist(), by.tolist(),
            hidden.tolist(), strict=True,
        ):  # fmt: skip
            kind = f"window:{'covert' if secret else 'open'}"
            names = (f"u{own:03}", f"w{place:04}", f"r{rater}")
            sheets.append(Sheet(*names, score, kind))
            known.append(Sheet(*names, true, kind))
    truth = unit + window.reshape(units, WINDOWS).mean(axis=1)
    return City(truth, aggregate(sheets), aggregate(known))


def _shares(chance: np.random.Generator, windows: int) -> Numbers:
    """Let windows differ in how often they are visited."""
    weights = chance.lognormal(0, 0.7, windows)
    return np.asarray(weights / weights.sum())


def _nearness(chance: np.random.Generator, units: int, raters: int) -> Numbers:
    """Let four visits of five be made by raters who live near."""
    home, place = chance.random((raters, 2)), chance.random((units, 2))
    near = np.exp(-np.linalg.norm(place[:, None] - home[None], axis=2) / 0.03)
    return np.asarray(0.8 * near / near.sum(axis=1, keepdims=True) + 0.2 / raters)


def _scored(values: Numbers) -> list[int]:
    return np.rint(np.clip(values, 0, 10_000)).astype(int).tolist()  # type: ignore[no-any-return]


class Judged(NamedTuple):
    """How right the lists of one city are."""

    model: int
    """Wrongly named of the ten lowest."""
    oracle: int
    """The same, if severity were known."""
    windows: int
    trimmed: int
    pooled: int
    expected: float
    """How many wrong names the model itself expects."""
    confirmed: int
    confirmed_wrong: int
    scores: float
    """Share of true scores inside of their intervals."""
    ranks: float
    """Share of true ranks inside of their ranges."""
    sets: float
    """Whether every true rank lies inside of its simultaneous set."""


def listed(cells: Sequence[Cell], units: int, draws: int = 10_000) -> RankList:
    """List all units of a city, however few their visits."""
    subjects = tuple(Subject(f"u{i:03}", "") for i in range(units))
    naming = Naming(Scope.CITY, minimum_visits=1, minimum_raters=1, list_size=NAMED)
    options = Options(Method.CROSSED_EFFECTS, seed="00", draws=draws)
    (found,) = compute([Listing(Kind.UNIT, subjects, naming)], cells, options).lists
    return found


def oracle(cells: Sequence[Cell]) -> dict[str, float]:
    """Score units by visits from which severity was taken off."""
    fit = crossed.fit(cells)
    model = crossed.model(fit, Options())
    windows = crossed.windows(fit, Options(), model)
    found = crossed.listed(fit, Kind.UNIT, windows, model, story=False)
    return {key: float(each.value) for key, each in found.items()}


def judged(own: City, draws: int = 10_000) -> Judged:
    """Compare the lists of a city with the truth."""
    truth = own.truth
    found = listed(own.cells, len(truth), draws)
    names = [f"u{i:03}" for i in range(len(truth))]
    rank = {names[i]: len(truth) - at for at, i in enumerate(np.argsort(truth).tolist())}
    lowest = {name for name in names if rank[name] > len(truth) - NAMED}
    entries = found.entries
    by_method: dict[Method, dict[str, float]] = {
        other.method: {e.key: e.others[i].score or 0 for e in entries}
        for i, other in enumerate(entries[0].others)
    }
    by_method[Method.CROSSED_EFFECTS] = {e.key: e.score or 0 for e in entries}

    def wrong(scores: Mapping[str, float]) -> int:
        named = sorted(scores, key=lambda key: (scores[key], key))[:NAMED]
        return sum(key not in lowest for key in named)

    sure = [e for e in entries if e.in_bottom and e.certainty is Certainty.CONFIRMED]
    level = np.mean([e.score or 0 for e in entries]) - truth.mean()
    true = dict(zip(names, (truth + level).tolist(), strict=True))
    inside = [abs((e.score or 0) - true[e.key]) <= (e.spread or 0) for e in entries]
    ranges = [(e.rank_low or 0) <= rank[e.key] <= (e.rank_high or 0) for e in entries]
    sets = all((e.set_low or 0) <= rank[e.key] <= (e.set_high or 0) for e in entries)
    return Judged(
        model=wrong(by_method[Method.CROSSED_EFFECTS]),
        oracle=wrong(oracle(own.plain)),
        windows=wrong(by_method[Method.MEAN_OF_WINDOW_MEANS]),
        trimmed=wrong(by_method[Method.TRIMMED_MEAN]),
        pooled=wrong(by_method[Method.POOLED_MEAN]),
        expected=NAMED - (found.expected_bottom or 0) / 100,
        confirmed=len(sure),
        confirmed_wrong=sum(e.key not in lowest for e in sure),
        scores=sum(inside) / len(inside),
        ranks=sum(ranges) / len(ranges),
        sets=float(sets),
    )


def _table(found: Sequence[Judged]) -> list[tuple[str, float, str, bool]]:
    """Return every figure with its goal, and whether it is met."""
    mean = {name: float(np.mean([getattr(each, name) for each in found]))
            for name in Judged._fields}  # fmt: skip
    gain, gap = mean["pooled"] - mean["model"], mean["model"] - mean["oracle"]
    right = 1 - mean["confirmed_wrong"] / max(mean["confirmed"], 1e-9)
    honest = abs(mean["expected"] - mean["model"])
    return [
        ("wrong of ten, pooled mean", mean["pooled"], "", True),
        ("wrong of ten, trimmed mean of window means", mean["trimmed"], "", True),
        ("wrong of ten, mean of window means", mean["windows"], "", True),
        ("wrong of ten, crossed effects", mean["model"], "<= 2.0", mean["model"] <= 2.0),
        ("wrong of ten, severity known", mean["oracle"], "", True),
        ("gain over the pooled mean", gain, ">= 1.6", gain >= 1.6),
        ("gap to known severity", gap, "<= 0.25", gap <= 0.25),
        ("wrong of ten, as the model expects", mean["expected"], "off <= 0.31", honest <= 0.31),
        ("names confirmed", mean["confirmed"], "", True),
        ("confirmed names that are right", right, ">= 0.90", right >= 0.9),
        ("true scores in 95 % intervals", mean["scores"], "0.93-0.97",
         0.93 <= mean["scores"] <= 0.97),
        ("true ranks in 95 % ranges", mean["ranks"], "0.93-0.97", 0.93 <= mean["ranks"] <= 0.97),
        ("cities whose sets hold every rank", mean["sets"], ">= 0.95", mean["sets"] >= 0.95),
    ]  # fmt: skip


def main(replicates: int) -> int:
    """Simulate cities and print what was found; fail where a goal is missed."""
    begin = time.process_time()
    found = [judged(city(seed)) for seed in range(replicates)]
    rows = _table(found)
    print(f"{replicates} simulated cities of {UNITS} units x {WINDOWS} windows, {RATERS} raters,")
    print(f"{VISITS} visits a window on average; {time.process_time() - begin:.0f} s CPU\n")
    for title, value, goal, met in rows:
        print(f"  {title:<44}{value:7.3f}  {goal:<12}{'' if met else 'MISSED'}".rstrip())
    print()
    planning.main(max(2, replicates // 5))
    return not all(row[3] for row in rows)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))

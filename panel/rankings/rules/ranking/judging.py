"""Setting chances, ranges and certainty beside the places of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property

import msgspec
import numpy as np

from panel.rankings.rules.ranking import crossed, holding, posterior
from panel.rankings.rules.ranking.chances import FINE, Beliefs, Counts, Normals, counted
from panel.rankings.rules.ranking.figures import Figure
from panel.rankings.rules.ranking.sets import Sets, sets
from panel.rankings.rules.ranking.shrink import shrink
from panel.rankings.rules.ranking.without import Without
from panel.rankings.types.editions import Model
from panel.rankings.types.ranking import (
    Cell,
    Certainty,
    Certificate,
    Entry,
    Kind,
    Method,
    Options,
    RankList,
    Standing,
)

_WHOLE = 10_000
"""Chances are in hundredths of a percent."""


class Judge:
    """One fitted model, and what can be said of lists by it."""

    def __init__(
        self,
        cells: Sequence[Cell],
        options: Options,
        told: Sequence[Cell] = (),
        before: Sequence[Sequence[Cell]] = (),
    ) -> None:
        """Fit the model; by what was estimated from the cells that were told before, if any."""
        self._options = options
        self._first = crossed.finer(crossed.fit(told), holding.GROUPS) if told else None
        fit = holding.held(self._first, cells) if self._first else crossed.fit(cells)
        self._fit = holding.kept(fit, cells, before)
        self._published = crossed.model(self._fit, options)
        self._windows = crossed.windows(self._fit, options, self._published)
        self._known: dict[Kind, posterior.Known] = {}
        self._crossed = options.method is Method.CROSSED_EFFECTS

    @property
    def model(self) -> Model:
        """Return the published numbers of the method that makes the lists."""
        if self._crossed:
            return self._published
        return Model(
            method=self._options.method, seed=self._options.seed, draws=self._options.draws
        )

    @property
    def certificate(self) -> Certificate | None:
        """Return the proof of the solution, where lists rest on one of their own."""
        if not self._crossed or self._first is not None:
            return None
        return crossed.certificate(self._fit)

    @cached_property
    def _posterior(self) -> posterior.Posterior:
        return posterior.Posterior(self._fit, self._windows)

    @cached_property
    def _without(self) -> Without:
        return Without(self._fit, self._windows, self._options.method)

    def figures(self, kind: Kind) -> dict[str, Figure]:
        """Return the figures of the model."""
        found = crossed.listed(self._fit, kind, self._windows, self._published)
        if not self._crossed or not found:
            return found
        known = self._known[kind] = self._errors(kind, found)
        widths = posterior.intervals(known)
        return {key: each._replace(spread=widths[key]) for key, each in found.items()}

    def _errors(self, kind: Kind, found: Mapping[str, Figure]) -> posterior.Known:
        known = self._posterior.known(kind, found)
        if self._first is None:
            return known
        places = crossed.windows(self._first, self._options, self._published)
        before = crossed.listed(self._first, kind, places, self._published, story=False)
        if not before:
            return known
        first = posterior.Posterior(self._first, places).known(kind, before)
        return holding.held_known(first, known)

    def judged(self, found: RankList, own: Mapping[str, Figure]) -> RankList:
        """Set chances and ranges beside the places of a list."""
        ranked = [entry for entry in found.entries if entry.standing is Standing.RANKED]
        keys = sorted(entry.key for entry in ranked)
        if not keys:
            return found
        chances = self._counted(found, keys, own)
        possible = self._sets(found, keys, own)
        absent = {}
        if self._options.method is not Method.TRIMMED_MEAN:
            absent = self._without.places(found.kind, keys, own)
        at = {key: i for i, key in enumerate(keys)}
        entries = []
        for entry in found.entries:
            told = entry
            i = at.get(entry.key)
            if i is not None:
                told = self._told(told, i, chances, possible, found)
                low, high = absent.get(entry.key, (None, None))
                told = msgspec.structs.replace(told, without_low=low, without_high=high)
            entries.append(told)
        named = msgspec.structs.replace(found, entries=tuple(entries))
        return _expected(named) if chances is not None else named

    def _normals(self, found: RankList, purpose: str) -> Normals:
        return Normals(self._options.seed, f"{purpose} {found.kind} {found.group}")

    def _counted(
        self, found: RankList, keys: Sequence[str], own: Mapping[str, Figure]
    ) -> Counts | None:
        beliefs = self._beliefs(found.kind, keys, own)
        if beliefs is None:
            return None
        normals = self._normals(found, "places")
        return counted(beliefs, found.bottom_size, normals, self._options.draws)

    def _beliefs(
        self, kind: Kind, keys: Sequence[str], own: Mapping[str, Figure]
    ) -> Beliefs | None:
        if self._crossed:
            return posterior.beliefs(self._known[kind], own, keys)
        noise = [own[key].variance for key in keys]
        known = [each for each in noise if each is not None]
        if len(known) < len(noise):
            return None
        shrunken = shrink([own[key].value for key in keys], known)
        deviations = [float(each.variance) ** 0.5 * FINE for each in shrunken]
        return Beliefs(
            means=np.array([round(each.mean * FINE) for each in shrunken], dtype=np.float64),
            shared=np.zeros((len(keys), 0)),
            own=np.rint(deviations),
        )

    def _sets(self, found: RankList, keys: Sequence[str], own: Mapping[str, Figure]) -> Sets | None:
        normals = self._normals(found, "sets")
        if self._crossed:
            known = self._known[found.kind]
            means, variances = posterior.plain(known, own, keys)
        else:
            noise = [own[key].variance for key in keys]
            if None in noise:
                return None
            means = [round(own[key].value * FINE) for key in keys]
            variances = np.array([float((each or Fraction()) * FINE**2) for each in noise])
        return sets(means, variances, normals, self._options.draws)

    def _told(
        self, entry: Entry, i: int, chances: Counts | None, possible: Sets | None, found: RankList
    ) -> Entry:
        values: dict[str, object] = {}
        if possible is not None:
            values |= {"set_low": int(possible.low[i]), "set_high": int(possible.high[i])}
        if chances is not None:
            top, bottom = (
                int(each[i]) * _WHOLE // self._options.draws if found.bottom_size else 0
                for each in (chances.top, chances.bottom)
            )
            values |= {
                "chance_top": top,
                "chance_bottom": bottom,
                "rank_low": int(chances.low[i]),
                "rank_high": int(chances.high[i]),
                "certainty": self._certainty(entry, top, bottom),
            }
        return msgspec.structs.replace(entry, **values)

    def _certainty(self, entry: Entry, top: int, bottom: int) -> Certainty:
        if entry.in_top or entry.in_bottom:
            chance = top if entry.in_top else bottom
            sure = chance >= self._options.confirmed
            return Certainty.CONFIRMED if sure else Certainty.PROVISIONAL
        unsettled = max(top, bottom) >= self._options.provisional
        return Certainty.PROVISIONAL if unsettled else Certainty.CLEAR


def _expected(found: RankList) -> RankList:
    """Tell how many names of either list truly belong there, by the chances of those named."""
    top = sum(entry.chance_top or 0 for entry in found.entries if entry.in_top)
    bottom = sum(entry.chance_bottom or 0 for entry in found.entries if entry.in_bottom)
    hundredths = _WHOLE // 100
    return msgspec.structs.replace(
        found, expected_top=top // hundredths, expected_bottom=bottom // hundredths
    )

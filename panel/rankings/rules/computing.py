"""From the sealed input of an edition to its lists: pure, so that anybody who holds it recounts."""

from collections.abc import Sequence

import msgspec

from panel.chance import canonical
from panel.rankings.rules import publication
from panel.rankings.rules.concealing import conceal
from panel.rankings.rules.ranking import compute
from panel.rankings.rules.ranking.certificate import verified
from panel.rankings.rules.tails import betrayed
from panel.rankings.types import (
    Cell,
    Certificate,
    Change,
    Kind,
    Listing,
    Method,
    Model,
    Naming,
    Options,
    RankList,
    Row,
    Scope,
    Sealed,
)


class Kept(msgspec.Struct, frozen=True):
    """One list as it is stored: its canonical text holds only what may be shown."""

    kind: Kind
    scope: str
    method: Method
    input_hash: str
    rows: tuple[Row, ...]
    text: str


class Computing(msgspec.Struct, frozen=True):
    """All lists of an edition with the numbers of their model."""

    lists: tuple[Kept, ...]
    model: Model
    hidden: tuple[str, ...]
    """Windows whose own figures are shown nowhere, and units of which only the place is."""
    certificate: Certificate | None = None
    """Proof of what was solved; None where nothing was: a simpler method, or a held edition."""


def proven(found: Computing, sealed: Sealed) -> bool:
    """Tell whether the proof of a computing holds, by whole numbers and without the solver."""
    proof = found.certificate
    return proof is None or verified(sealed.cells, found.model, proof)


def computed(sealed: Sealed) -> Computing:
    """Compute units' and windows' lists by the method that the rulebook names."""
    concealed = conceal(
        sealed.cells,
        frozenset(sealed.rolled_up),
        sealed.minimum,
        sealed.earlier,
        sealed.told,
        weighted=sealed.ranking.window_weights == "transactions",
    )
    trims = betrayed(sealed.cells, sealed.ranking.trim_percent, sealed.minimum)
    concealed = concealed._replace(trims=trims)
    shown = tuple(
        msgspec.structs.replace(each, ranked=each.ranked and each.key not in concealed.windows)
        for each in sealed.windows
    )
    found = compute(
        [
            Listing(Kind.UNIT, sealed.units, naming_of(Kind.UNIT, sealed)),
            Listing(Kind.WINDOW, shown, naming_of(Kind.WINDOW, sealed)),
        ],
        sealed.cells,
        _options(sealed),
        _told(sealed),
        _before(sealed),
    )
    kept = []
    for each in found.lists:
        rows = publication.rows(each, sealed.names, concealed, sealed.minimum, found.model)
        kept.append(
            Kept(each.kind, each.group, each.method, found.input_hash, rows, _text(each, rows))
        )
    return Computing(tuple(kept), found.model, concealed.kept, found.certificate)


def _told(sealed: Sealed) -> tuple[Cell, ...]:
    """Return the cells of the first edition of the same lists that anybody was told."""
    return next((each.cells for each in sealed.earlier if each.round == sealed.round), ())


def _before(sealed: Sealed) -> tuple[tuple[Cell, ...], ...]:
    """Return the cells of what was told of each earlier round of the year, the oldest first."""
    if not sealed.keeps_severity:
        return ()
    found = {each.round: each.cells for each in reversed(sealed.earlier)}
    rounds = dict.fromkeys(each.round for each in sealed.earlier if each.round != sealed.round)
    return tuple(found[each] for each in rounds)


def _options(sealed: Sealed) -> Options:
    ranking = sealed.ranking
    return Options(
        method=Method(ranking.method),
        seed=sealed.seed,
        draws=ranking.draws,
        confirmed=ranking.confirmed_percent * 100,
        provisional=ranking.provisional_percent * 100,
        trim_percent=ranking.trim_percent,
        weights=sealed.transactions if ranking.window_weights == "transactions" else {},
        weight_cap_percent=ranking.weight_cap_percent,
    )


def naming_of(kind: Kind, sealed: Sealed) -> Naming:
    """Return the minimums of a kind; nobody is ranked by fewer visitors than may be shown."""
    ranking = sealed.ranking
    unit = kind is Kind.UNIT
    raters = ranking.unit_minimum_raters if unit else ranking.window_minimum_raters
    return Naming(
        scope=Scope(ranking.scope),
        minimum_visits=ranking.unit_minimum_visits if unit else ranking.window_minimum_visits,
        minimum_raters=max(raters, sealed.minimum),
        list_size=ranking.list_size,
        share_percent=ranking.bottom_share_percent,
        gate=ranking.gate_hundredths,
    )


def _text(found: RankList, rows: Sequence[Row]) -> str:
    return canonical(
        {
            "ranked": found.ranked,
            "list_size": found.bottom_size,
            "expected_top": found.expected_top,
            "expected_bottom": found.expected_bottom,
            "rows": msgspec.to_builtins(rows),
        }
    ).decode()


def changes(before: Sequence[Kept], after: Sequence[Kept]) -> tuple[Change, ...]:
    """Return every line whose place or score is another one than in the edition before."""
    old = {(each.kind, row.code): row for each in before for row in each.rows}
    found = []
    for each in after:
        for row in each.rows:
            was = old.get((each.kind, row.code))
            if was is not None and (was.place, was.score) == (row.place, row.score):
                continue
            found.append(
                Change(
                    kind=each.kind,
                    code=row.code,
                    name=row.name,
                    name_en=row.name_en,
                    place_before=was.place if was else None,
                    place_after=row.place,
                    score_before=was.score if was else None,
                    score_after=row.score,
                )
            )
    return tuple(found)

"""The draw of a round: what is committed to, what follows from the revealed code, what is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from panel.audit.types import ChainCode
from panel.chance import Json, Stream, canonical, digest, follows, merkle_root, seed_of
from panel.errors import Conflict
from panel.rulebook.types import Rulebook
from panel.visits.rules.exclusions import one_of_a_home
from panel.visits.rules.lots import draw_lots
from panel.visits.rules.offers import offers_of
from panel.visits.rules.rounds import covert_visits, double_visits
from panel.visits.types import (
    Announced,
    Drawn,
    Lots,
    Offer,
    Place,
    RoundDraft,
    RoundKind,
    RoundView,
)
from panel.visits.types.assignment import AssignmentRules, Target, Visitor

VERSION: Final = 1
_SOURCE: Final = "organiser-chain"
_LOTS: Final = "lots in the order of HMAC-SHA-256"
BY_LOT: Final = frozenset({RoundKind.TARGETED, RoundKind.REVISIT})
"""Kinds whose visitors are drawn by lot from the whole panel."""


def assignment_rules(draft: RoundDraft, rulebook: Rulebook, tasks: int, n: int) -> AssignmentRules:
    """Return the published rules of the assignment; ``least`` is the even share, rounded down."""
    return AssignmentRules(
        candidates=rulebook.rounds.candidates_per_window,
        far_percent=rulebook.rounds.far_percent,
        least=min(draft.max_tasks, tasks // n) if n else 0,
    )


def commitment(
    view: RoundView,
    rulebook: Rulebook,
    labels: Sequence[str],
    places: Sequence[Place],
    code: ChainCode,
    *,
    blind: str = "",
) -> str:
    """Return the canonical JSON of what is fixed before the draw: roster, places, rules, source.

    The revealed code is not in it: only its position and the code before it, which is public.
    ``blind`` keeps whoever knows the city's windows from trying out which ones were chosen.
    """
    doubles = double_visits(places, view.draft.double_percent)
    tasks = sum(place.demand for place in places) + doubles
    rules = assignment_rules(view.draft, rulebook, tasks, len(labels))
    facts: dict[str, Json] = {
        "version": VERSION,
        "draw": view.code,
        "rulebook": view.rulebook_code,
        "root": root_of(labels),
        "n": len(labels),
        "k": tasks,
        "places": merkle_root(
            [f"{blind} {place.code} {place.demand}".strip().encode() for place in places]
        ),
        "covert": covert_visits(places, view.draft.covert_percent),
        "rules": {
            **msgspec.to_builtins(rules),
            "maximum": view.draft.max_tasks,
            "rotation_days": rulebook.rounds.rotation_days,
            "rest_rounds": rulebook.rounds.rest_rounds,
        },
        "source": {"kind": _SOURCE, "position": code.position, "previous": code.previous},
        "kind": view.draft.kind.value,
        "doubles": doubles,
        "chance": view.draft.source.value,
        "announced": [
            {"game": each.game.value, "issue": each.issue, "on": each.on.isoformat()}
            for each in view.announced
        ],
    }
    if blind:
        facts["blinded"] = True
    return canonical(facts).decode()


def is_blinded(view: RoundView) -> bool:
    """Tell whether a commitment hides its places; the earliest ones did not."""
    return bool(decoded(view.commitment).get("blinded"))


def root_of(labels: Sequence[str]) -> str:
    """Return the Merkle root of the sorted labels."""
    return merkle_root([label.encode() for label in sorted(labels)])


def draw(
    view: RoundView,
    rulebook: Rulebook,
    labels: Sequence[str],
    candidates: Sequence[Visitor],
    places: Sequence[Place],
    *,
    code: ChainCode,
    unqualified: int,
    rested: frozenset[str] = frozenset(),
    blind: str = "",
) -> Drawn:
    """Send members to places from the revealed code; everything follows from what is passed.

    Refuses places or a roster that are not those committed to. Members who are no longer
    qualified are skipped and stay in the record. Targeted evaluations and re-visits draw lots, in
    which ``rested`` take no part; all other rounds are assigned.
    """
    seed = seed_for(view, rulebook, labels, places, code, blind=blind)
    committed = frozenset(labels)
    taking_part = one_of_a_home(
        [each for each in candidates if each.member in committed],
        sorted({place.unit_code for place in places}),
        seed,
    )
    skipped = committed - {each.member for each in taking_part}
    begin: dict[str, Json] = {
        "version": VERSION,
        "draw": view.code,
        "committed": decoded(view.commitment),
        **sources_of(view, code),
        "seed": seed,
        "skipped": [[label, "not_qualified"] for label in sorted(skipped)],
        "blind": blind,
    }
    more = unqualified + len(skipped)
    if view.draft.kind in BY_LOT:
        found = draw_lots(
            view,
            labels,
            [_all_closed(each) for each in taking_part],
            places,
            seed=seed,
            rested=rested,
            unqualified=more,
            blind=blind,
        )
        return _by_lot(begin, found, sum(place.demand for place in places))
    return _assigned(begin, view, rulebook, taking_part, places, seed=seed, unqualified=more)


def _all_closed(visitor: Visitor) -> Visitor:
    """Count units where somebody of the same home may go among those that are closed."""
    return msgspec.structs.replace(visitor, recused=visitor.recused | visitor.home)


def _by_lot(begin: dict[str, Json], found: Lots, wanted: int) -> Drawn:
    """Record a draw by lot; which lot belongs to which unit stays sealed."""
    facts: dict[str, Json] = {
        "method": _LOTS,
        "library": "",
        "input": "",
        "lots": list(found.public),
        "units": [[number, unit] for number, unit in found.sealed],
        "far": 0,
        "wanted": wanted,
    }
    return _drawn(begin | facts, found.offers, found.reserves, found.unmet)


def _assigned(
    begin: dict[str, Json],
    view: RoundView,
    rulebook: Rulebook,
    candidates: Sequence[Visitor],
    places: Sequence[Place],
    *,
    seed: str,
    unqualified: int,
) -> Drawn:
    """Record an assignment of members to places."""
    from panel.visits.rules.assignment import assign  # brings numpy along

    doubled = _doubled(places, view.draft.double_percent, seed)
    fixed = decoded(view.commitment)
    tasks, n = int(str(fixed["k"])), int(str(fixed["n"]))
    rules = assignment_rules(view.draft, rulebook, tasks, n)
    found = assign(candidates, _targets(places, doubled), rules, seed)
    offers = offers_of(view, found, places, seed=seed, unqualified=unqualified, doubled=doubled)
    facts: dict[str, Json] = {
        "method": found.method,
        "library": found.library,
        "input": found.input_hash,
        "far": found.far,
        "wanted": found.wanted,
        "underused": [[each.member, each.load, each.reason] for each in found.underused],
    }
    reserves = {each.target: each.substitutes for each in found.explained}
    unmet = tuple((each.target, each.missing, each.reason) for each in found.unmet)
    return _drawn(begin | facts, tuple(offers), reserves, unmet)


def _drawn(
    facts: dict[str, Json],
    offers: tuple[Offer, ...],
    reserves: dict[str, tuple[str, ...]],
    unmet: tuple[tuple[str, int, str], ...],
) -> Drawn:
    """Return what a draw gives with its whole record."""
    result: list[Json] = [[o.place.code, o.visitor, o.mode.value] for o in offers]
    record: dict[str, Json] = {
        **facts,
        "result": result,
        "result_hash": digest(result),
        "substitutes": [[target, list(names)] for target, names in sorted(reserves.items())],
        "unmet": [list(each) for each in unmet],
        "pairs": [[each.place.code, each.visitor, each.pair] for each in offers if each.pair],
        "doubles": max((offer.pair for offer in offers), default=0),
    }
    return Drawn(
        offers=offers,
        reserves=reserves,
        record=canonical(record).decode(),
        record_hash=digest(record),
        result_hash=digest(result),
        unmet=sum(missing for _, missing, _ in unmet),
    )


def sources_of(view: RoundView, code: ChainCode) -> dict[str, Json]:
    """Return what the record says of its chance: the revealed code, numbers, witnesses."""
    seen = view.witnesses
    return {
        "source": {
            "kind": _SOURCE,
            "position": code.position,
            "code": code.code,
            "previous": code.previous,
        },
        "announced": [_number(each) for each in view.announced],
        "witnesses": [seen.first, seen.second, seen.document] if seen else [],
    }


def _number(each: Announced) -> dict[str, Json]:
    return {
        "kind": "public-lottery",
        "game": each.game.value,
        "issue": each.issue,
        "on": each.on.isoformat(),
        "value": each.value,
    }


def seed_for(
    view: RoundView,
    rulebook: Rulebook,
    labels: Sequence[str],
    places: Sequence[Place],
    code: ChainCode,
    *,
    blind: str = "",
) -> str:
    """Return the seed of a draw from what was committed, the revealed code and the numbers.

    Refuses places or a roster that are not those committed to, and a code that was not promised.
    """
    if commitment(view, rulebook, labels, places, code, blind=blind) != view.commitment:
        raise Conflict("round.commitment_broken")
    if not follows(code.previous, code.code):
        raise Conflict("round.code_broken")
    chain: dict[str, Json] = {"kind": _SOURCE, "position": code.position, "value": code.code}
    return seed_of(
        version=VERSION,
        draw=view.code,
        root=root_of(labels),
        n=len(labels),
        k=int(str(decoded(view.commitment)["k"])),
        sources=[chain, *(_number(each) for each in view.announced)],
    )


def _doubled(places: Sequence[Place], percent: int, seed: str) -> frozenset[str]:
    """Choose by the seed the places that a second member visits blindly besides."""
    codes: list[str] = sorted(place.code for place in places)
    Stream(seed, "double visits").shuffle(codes)
    return frozenset(codes[: double_visits(places, percent)])


def _targets(places: Sequence[Place], doubled: frozenset[str]) -> list[Target]:
    return [
        Target(
            key=place.code,
            unit=place.unit_code,
            latitude=place.latitude,
            longitude=place.longitude,
            district=place.district,
            demand=place.demand + (place.code in doubled),
        )
        for place in places
    ]


_SEALED_PARTS: Final = frozenset(
    {"result", "substitutes", "skipped", "pairs", "units", "underused", "blind"}
)


def public_record(view: RoundView, record: str) -> dict[str, Json]:
    """Return what anybody may see of a draw: never which label went where.

    A label that stands beside several places would let one recognised visit reveal the others,
    and substitutes in their order would tell where somebody lives. Those parts stay sealed under
    their hash for auditors; of covert visits only hashes are public until the round ends.
    """
    if not record:
        return decoded(view.commitment or "{}")
    whole = decoded(record)
    if view.covert and view.closed_at is None:
        kept = ("version", "draw", "committed", "result_hash")
        return {**{name: whole[name] for name in kept}, "record_hash": view.record_hash}
    chosen = {"unmet"} if view.draft.targets else set[str]()  # names places that nobody announced
    sealed = _SEALED_PARTS | chosen
    public = {name: value for name, value in whole.items() if name not in sealed}
    return {**public, "record_hash": view.record_hash}


def decoded(text: str) -> dict[str, Json]:
    """Return the facts of a commitment or a record."""
    found: dict[str, Json] = msgspec.json.decode(text)
    return found

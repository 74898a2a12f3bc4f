"""The draw of a round: what is committed to, what follows from the revealed code, what is told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from panel.audit.types import ChainCode
from panel.chance import Json, Stream, canonical, digest, follows, merkle_root, seed_of
from panel.errors import Conflict
from panel.ids import Code
from panel.members.types import MemberView
from panel.rulebook.types import Rulebook
from panel.visits.rules.assignment import assign
from panel.visits.rules.rounds import covert_visits, due_dates
from panel.visits.types import Drawn, Errand, Mode, Offer, Past, Place, RoundDraft, RoundView, Why
from panel.visits.types.assignment import (
    AssignmentRecord,
    AssignmentRules,
    Explained,
    Target,
    Visitor,
)

VERSION: Final = 1
_SOURCE: Final = "organiser-chain"


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
) -> str:
    """Return the canonical JSON of what is fixed before the draw: roster, places, rules, source.

    The revealed code is not in it: only its position and the code before it, which is public.
    """
    tasks = sum(place.demand for place in places)
    rules = assignment_rules(view.draft, rulebook, tasks, len(labels))
    facts: Json = {
        "version": VERSION,
        "draw": view.code,
        "rulebook": view.rulebook_code,
        "root": root_of(labels),
        "n": len(labels),
        "k": tasks,
        "places": merkle_root([f"{place.code} {place.demand}".encode() for place in places]),
        "covert": covert_visits(places, view.draft.covert_percent),
        "rules": {
            **msgspec.to_builtins(rules),
            "maximum": view.draft.max_tasks,
            "rotation_days": rulebook.rounds.rotation_days,
        },
        "source": {"kind": _SOURCE, "position": code.position, "previous": code.previous},
    }
    return canonical(facts).decode()


def root_of(labels: Sequence[str]) -> str:
    """Return the Merkle root of the sorted labels."""
    return merkle_root([label.encode() for label in sorted(labels)])


def visitors(
    members: Mapping[str, MemberView],
    exclusions: Mapping[Code, frozenset[Code]],
    past: Past,
    places: Sequence[Place],
    max_tasks: int,
) -> list[Visitor]:
    """Return the members by their labels, each with what is closed to them.

    Declared ties and recusals close a unit; rotation closes windows visited lately and the units
    of the round before.
    """
    unit_codes: dict[int, str] = {place.unit_id: place.unit_code for place in places}
    window_codes: dict[int | None, str] = {place.window_id: place.code for place in places}
    found = []
    for label, member in members.items():
        own = past.recused.get(member.code, set())
        recused = {unit_codes[unit] for unit in own if unit in unit_codes}
        windows = past.windows.get(member.code, set())
        units = past.units.get(member.code, set())
        visited = {window_codes[window] for window in windows if window in window_codes}
        visited |= {unit_codes[unit] for unit in units if unit in unit_codes}
        found.append(
            Visitor(
                member=label,
                latitude=member.latitude,
                longitude=member.longitude,
                district=member.district,
                cap=max_tasks,
                recused=frozenset(recused | exclusions.get(member.code, frozenset())),
                visited=frozenset(visited),
            )
        )
    return found


def draw(
    view: RoundView,
    rulebook: Rulebook,
    labels: Sequence[str],
    candidates: Sequence[Visitor],
    places: Sequence[Place],
    *,
    code: ChainCode,
    unqualified: int,
) -> Drawn:
    """Assign members to places from the revealed code; everything follows from what is passed.

    Refuses places or a roster that are not those committed to. Members who are no longer
    qualified are skipped and stay in the record.
    """
    fixed = _decode(view.commitment)
    rules = assignment_rules(view.draft, rulebook, sum(p.demand for p in places), len(labels))
    if commitment(view, rulebook, labels, places, code) != view.commitment:
        raise Conflict("round.commitment_broken")
    if not follows(code.previous, code.code):
        raise Conflict("round.code_broken")
    sources: list[dict[str, Json]] = [
        {"kind": _SOURCE, "position": code.position, "value": code.code}
    ]
    k = sum(place.demand for place in places)
    seed = seed_of(
        version=VERSION, draw=view.code, root=root_of(labels), n=len(labels), k=k, sources=sources
    )
    committed = frozenset(labels)
    taking_part = [each for each in candidates if each.member in committed]
    found = assign(taking_part, _targets(places), rules, seed)
    offers = _offers(view, found, places, seed, unqualified + len(labels) - len(taking_part))
    result: list[Json] = [[o.place.code, o.visitor, o.mode.value] for o in offers]
    reserves = {each.target: each.substitutes for each in found.explained}
    skipped = committed - {each.member for each in taking_part}
    record: dict[str, Json] = {
        "version": VERSION,
        "draw": view.code,
        "committed": fixed,
        "source": {
            "kind": _SOURCE,
            "position": code.position,
            "code": code.code,
            "previous": code.previous,
        },
        "seed": seed,
        "method": found.method,
        "library": found.library,
        "input": found.input_hash,
        "skipped": [[label, "not_qualified"] for label in sorted(skipped)],
        "result": result,
        "result_hash": digest(result),
        "substitutes": [[target, list(names)] for target, names in sorted(reserves.items())],
        "unmet": [[each.target, each.missing, each.reason] for each in found.unmet],
        "wanted": found.wanted,
        "far": found.far,
    }
    return Drawn(
        offers=tuple(offers),
        reserves=reserves,
        record=canonical(record).decode(),
        record_hash=digest(record),
        result_hash=digest(result),
        unmet=sum(each.missing for each in found.unmet),
    )


def _targets(places: Sequence[Place]) -> list[Target]:
    return [
        Target(
            key=place.code,
            unit=place.unit_code,
            latitude=place.latitude,
            longitude=place.longitude,
            district=place.district,
            demand=place.demand,
        )
        for place in places
    ]


def _offers(
    view: RoundView,
    found: AssignmentRecord,
    places: Sequence[Place],
    seed: str,
    unqualified: int,
) -> list[Offer]:
    """Turn an assignment into offers: mode by the seed, due dates spread over the weeks."""
    of_code = {place.code: place for place in places}
    explained = {each.target: each for each in found.explained}
    loads = Counter(each.member for each in found.assigned)
    covert = _covert(found, of_code, places, view.draft.covert_percent, seed)
    due = due_dates(view.draft)
    turn = Stream(seed, "due dates")
    first = {target: turn.below(len(due)) for target in sorted(of_code)}
    given: dict[str, int] = defaultdict(int)
    offers = []
    for number, one in enumerate(found.assigned):
        mode = Mode.COVERT if number in covert else Mode.OPEN
        offers.append(
            Offer(
                place=of_code[Code(one.target)],
                visitor=one.member,
                mode=mode,
                errand=Errand.ENQUIRY,
                due_at=due[(first[Code(one.target)] + given[one.target]) % len(due)],
                why=_why(explained[one.target], one.band == "far", loads[one.member], unqualified),
            )
        )
        given[one.target] += 1
    return offers


def _covert(
    found: AssignmentRecord,
    of_code: Mapping[Code, Place],
    places: Sequence[Place],
    percent: int,
    seed: str,
) -> frozenset[int]:
    """Choose which visits are covert, by the seed, among those at places fit for it."""
    fit = [
        number for number, one in enumerate(found.assigned) if of_code[Code(one.target)].covert_ok
    ]
    Stream(seed, "covert visits").shuffle(fit)
    return frozenset(fit[: covert_visits(places, percent)])


def _why(explained: Explained, far: bool, load: int, unqualified: int) -> Why:  # noqa: FBT001
    """Return why a visitor was chosen for a place, without saying who it is."""
    reasons = {
        "recused": explained.recused,
        "rotation": explained.rotation,
        "full": explained.full,
        "not_qualified": unqualified,
    }
    return Why(
        candidates=explained.candidates,
        eligible=explained.eligible,
        excluded={reason: count for reason, count in reasons.items() if count},
        far=far,
        load=load,
    )


_SEALED_PARTS = frozenset({"result", "substitutes", "skipped"})


def public_record(view: RoundView, record: str) -> dict[str, Json]:
    """Return what anybody may see of a draw: never which label went where.

    A label that stands beside several places would let one recognised visit reveal the others,
    and substitutes in their order would tell where somebody lives. Those parts stay sealed under
    their hash for auditors; of covert visits only hashes are public until the round ends.
    """
    if not record:
        return _decode(view.commitment or "{}")
    whole = _decode(record)
    if view.covert and view.closed_at is None:
        kept = ("version", "draw", "committed", "result_hash")
        return {**{name: whole[name] for name in kept}, "record_hash": view.record_hash}
    public = {name: value for name, value in whole.items() if name not in _SEALED_PARTS}
    return {**public, "record_hash": view.record_hash}


def _decode(text: str) -> dict[str, Json]:
    found: dict[str, Json] = msgspec.json.decode(text)
    return found

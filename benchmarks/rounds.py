"""A thousand drawn rounds in invented cities, judged by a checker that knows no code of the draw.

The checker keeps a diary of its own: who was sent where, who is tied to whom, who lives with whom.
Every rule is looked up in the diary, one visit at a time.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from panel import rulebook
from panel.audit.types import ChainCode
from panel.chance import Stream
from panel.ids import Code, PersonId
from panel.members.types import MemberState, MemberView
from panel.rulebook import rules as reading
from panel.rulebook.types import Rulebook
from panel.visits import rules
from panel.visits.types import (
    Drawn,
    Past,
    Place,
    RoundDraft,
    RoundKind,
    RoundState,
    RoundView,
)

Item = TypeVar("Item")
_DAY = timedelta(days=1)
_BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
_DISTRICTS = ("任城区", "兖州区", "曲阜市")


class Dice:
    """Chance for inventing cities, the same in every run."""

    def __init__(self, seed: int) -> None:
        """Begin at a seed."""
        self._stream = Stream("invented city", str(seed))

    def between(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + self._stream.below(high - low + 1)

    def hits(self, percent: int) -> bool:
        """Tell whether something of so many percent happens."""
        return self._stream.below(100) < percent

    def choice(self, items: Sequence[Item]) -> Item:
        """Return one of some."""
        return items[self._stream.below(len(items))]

    def sample(self, items: Sequence[Item], count: int) -> list[Item]:
        """Return some of them, each once."""
        order = list(range(len(items)))
        self._stream.shuffle(order)
        return [items[number] for number in sorted(order[:count])]


class Visit(NamedTuple):
    """A line of the diary."""

    member: str
    unit: str
    place: str
    due: datetime
    round: int


class City:
    """An invented city with its diary."""

    def __init__(self, seed: int) -> None:
        """Invent members, homes, ties, units and windows."""
        self.dice = Dice(seed)
        self.book = _book()
        count = self.dice.between(18, 60)
        self.members = {f"M{number:03}": _member(number, self.dice) for number in range(count)}
        self.home = {code: f"H{self.dice.between(0, count)}" for code in self.members}
        self.places = _places(self.dice)
        self.ties: dict[str, set[str]] = defaultdict(set)
        units = sorted({place.unit_code for place in self.places})
        for code in self.members:
            if self.dice.hits(30):
                self.ties[code].add(self.dice.choice(units))
        self.diary: list[Visit] = []
        self.kinds: list[RoundKind] = []

    def label(self, member: str) -> str:
        """Return a member's label in the round that is next."""
        text = f"{member} {len(self.kinds)} {self.dice_name}"
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def dice_name(self) -> str:
        """Return what keeps labels of different cities apart."""
        return f"{len(self.members)} {len(self.places)}"


def _book() -> Rulebook:
    text = (Path(rulebook.__file__).parent / "default.toml").read_text(encoding="utf-8")
    return reading.read(text)


def _member(number: int, dice: Dice) -> MemberView:
    district = dice.choice(_DISTRICTS)
    return MemberView(
        id=number, code=Code(f"M{number:03}"), person=PersonId(number), category="resident",
        district=district, sex="female", age_band="40-59", state=MemberState.ACTIVE,
        term_start=date(2026, 1, 1), term_end=date(2030, 1, 1), trained_on=None, pledged_on=None,
        latitude=35_300_000 + 10_000 * dice.between(0, 40),
        longitude=116_500_000 + 10_000 * dice.between(0, 40), campaign=Code("0"),
    )  # fmt: skip


def _places(dice: Dice) -> list[Place]:
    found = []
    for unit in range(dice.between(4, 12)):
        town, district = dice.hits(15), dice.choice(_DISTRICTS)
        for window in range(dice.between(0, 3)) or (None,):
            bare = window is None
            found.append(
                Place(
                    unit_id=unit,
                    unit_code=Code(f"U{unit:02}"),
                    window_id=None if bare else unit * 10 + (window or 0),
                    window_code=None if bare else Code(f"W{unit:02}{window}"),
                    peer_group="service",
                    covert_ok=not bare and dice.hits(70),
                    district=district,
                    latitude=None if bare else 35_300_000 + 10_000 * dice.between(0, 40),
                    longitude=None if bare else 116_500_000 + 10_000 * dice.between(0, 40),
                    demand=0,
                    town=town,
                )
            )
    return [msgspec.structs.replace(place, id=number) for number, place in enumerate(found)]


def play(city: City) -> tuple[Drawn, set[str]]:
    """Draw the city's next round, judge it, write it into the diary; return what is broken."""
    dice, number = city.dice, len(city.kinds)
    kind = dice.choice([RoundKind.SCHEDULED] * 3 + [RoundKind.AD_HOC, RoundKind.TARGETED])
    starts = _BEGIN + 45 * number * _DAY
    room = max(1, len(city.members) // max(1, len(city.places)))
    visited = city.places if kind is RoundKind.SCHEDULED else dice.sample(
        city.places, max(1, len(city.places) // 4))  # fmt: skip
    places = [
        msgspec.structs.replace(place, demand=dice.between(1, min(4, room + 1)))
        for place in visited
    ]
    view = _view(city, kind, starts, places)
    qualified = [code for code in city.members if dice.hits(95)]
    labels = {city.label(code): code for code in qualified}
    code = hashlib.sha256(f"{number} {dice.between(0, 1 << 30)}".encode()).hexdigest()
    chain = ChainCode(
        position=number + 1,
        code=code,
        previous=hashlib.sha256(bytes.fromhex(code)).hexdigest(),
    )
    fixed = rules.commitment(view, city.book, sorted(labels), places, chain)
    view = msgspec.structs.replace(view, commitment=fixed)
    still = {label: who for label, who in labels.items() if dice.hits(98)}
    candidates = rules.visitors(
        {label: city.members[who] for label, who in still.items()},
        {Code(who): frozenset(Code(unit) for unit in units) for who, units in city.ties.items()},
        _past(city, starts),
        places,
        view.draft.max_tasks,
    )
    drawn = rules.draw(
        view, city.book, sorted(labels), candidates, places, code=chain, unqualified=0
    )
    broken = judge(city, view, still, places, drawn)
    city.diary += [
        Visit(labels[each.visitor], each.place.unit_code, each.place.code, each.due_at, number)
        for each in drawn.offers
    ]
    city.kinds.append(kind)
    for each in drawn.offers:
        if dice.hits(2):
            city.ties[labels[each.visitor]].add(each.place.unit_code)
    return drawn, broken


def _view(city: City, kind: RoundKind, starts: datetime, places: list[Place]) -> RoundView:
    dice = city.dice
    draft = RoundDraft(
        title="轮", title_en="", theme="主题", groups=("service",),
        covert_percent=dice.choice([0, 40, 100]), visits_per_window=1, visits_per_unit=1,
        starts=starts, ends=starts + 35 * _DAY, due_hours=48, legal_basis="x",
        register_number="1", max_tasks=dice.between(1, 4), kind=kind,
        targets={place.code: place.demand for place in places},
        double_percent=0 if kind is RoundKind.TARGETED else dice.choice([0, 4, 20]),
    )  # fmt: skip
    return RoundView(
        id=len(city.kinds), code=Code(f"R{len(city.kinds)}"), state=RoundState.COMMITTED,
        draft=draft, rulebook_code=Code("B"), created_by=PersonId(1), created_at=starts,
        approved_by=PersonId(2), approved_at=starts, approval_document="", committed_at=starts,
        drawn_by=None, drawn_at=None, closed_at=None, closes_at=draft.ends, commitment="",
        record_hash="",
    )  # fmt: skip


def _past(city: City, starts: datetime) -> Past:
    """Return what the diary says in the form in which the service reads it."""
    units = {place.unit_code: place.unit_id for place in city.places}
    windows = {place.code: place.window_id for place in city.places}
    since = starts - timedelta(days=city.book.rounds.rotation_days)
    resting = _resting(city)
    visited: dict[Code, set[int]] = defaultdict(set)
    rest: dict[Code, set[int]] = defaultdict(set)
    for each in city.diary:
        window = windows[Code(each.place)]
        if window is not None and each.due >= since:
            visited[Code(each.member)].add(window)
        if each.round in resting:
            rest[Code(each.member)].add(units[Code(each.unit)])
    return Past(
        windows=dict(visited),
        units=dict(rest),
        recused={},
        homes={Code(who): home for who, home in city.home.items()},
    )


def _resting(city: City) -> set[int]:
    """Return the rounds since the last scheduled ones that must lie between."""
    found, scheduled = set(), 0
    for number in reversed(range(len(city.kinds))):
        if scheduled == city.book.rounds.rest_rounds:
            break
        found.add(number)
        scheduled += city.kinds[number] is RoundKind.SCHEDULED
    return found


def judge(
    city: City, view: RoundView, labels: dict[str, str], places: list[Place], drawn: Drawn
) -> set[str]:
    """Name every rule that a draw breaks, from the diary alone."""
    broken: set[str] = set()
    for offer in drawn.offers:
        if offer.visitor not in labels:
            broken.add("unknown")
            continue
        broken |= _visit(city, labels[offer.visitor], offer.place, view.draft.starts)
        if offer.mode == "covert" and not offer.place.covert_ok:
            broken.add("covert")
    for place, names in drawn.reserves.items():
        there = next(each for each in places if each.code == place)
        for name in names:
            broken |= {
                f"reserve {rule}" for rule in _visit(city, labels[name], there, view.draft.starts)
            }
        if {o.visitor for o in drawn.offers if o.place.code == place} & set(names):
            broken.add("reserve visits")
    return broken | _counts(city, view, labels, drawn)


def _visit(city: City, member: str, place: Place, starts: datetime) -> set[str]:
    """Name what is wrong with sending a member to a place."""
    broken = set()
    together = [each for each in city.members if city.home[each] == city.home[member]]
    if any(place.unit_code in city.ties[each] for each in together):
        broken.add("tie")
    if place.town and city.members[member].district == place.district:
        broken.add("town")
    resting = _resting(city)
    for each in city.diary:
        if each.member != member:
            continue
        lately = each.due >= starts - timedelta(days=city.book.rounds.rotation_days)
        if place.window_id is not None and each.place == place.code and lately:
            broken.add("rotation")
        if each.unit == place.unit_code and each.round in resting:
            broken.add("rest")
    return broken


def _counts(city: City, view: RoundView, labels: dict[str, str], drawn: Drawn) -> set[str]:
    """Name what is wrong with the numbers of a draw."""
    record: dict[str, Any] = json.loads(drawn.record)
    sent = Counter(each.visitor for each in drawn.offers)
    units = Counter((each.visitor, each.place.unit_code) for each in drawn.offers)
    homes = Counter((city.home[labels[v]], unit) for v, unit in units)
    least = record["committed"]["rules"]["least"]
    told = {label for label, _, _ in record.get("underused", [])}
    pairs: dict[int, list[Any]] = defaultdict(list)
    for each in drawn.offers:
        if each.pair:
            pairs[each.pair].append((each.place.code, each.due_at, each.mode, each.visitor))
    return {
        rule
        for rule, holds in {
            "load": max(sent.values(), default=0) <= view.draft.max_tasks,
            "unit twice": max(units.values(), default=0) <= 1,
            "home twice": max(homes.values(), default=0) <= 1,
            "demand": len(drawn.offers) + drawn.unmet == record["committed"]["k"],
            "idle untold": view.draft.kind is RoundKind.TARGETED
            or all(sent[label] >= least or label in told for label in labels),
            "pairs": all(
                len(two) == 2 and two[0][:3] == two[1][:3] and two[0][3] != two[1][3]
                for two in pairs.values()
            ),
        }.items()
        if not holds
    }


def simulate(rounds: int, *, rounds_per_city: int = 10, seed: int = 1) -> Counter[str]:
    """Draw many rounds and count what they break; the number of visits stands beside."""
    found: Counter[str] = Counter()
    for number in range(-(-rounds // rounds_per_city)):
        city = City(seed * 1_000 + number)
        for _ in range(rounds_per_city):
            drawn, broken = play(city)
            found.update(broken)
            found["visits"] += len(drawn.offers)
            found["unmet"] += drawn.unmet
            found["rounds"] += 1
    return found


def simulating() -> None:
    """Draw a thousand rounds and print what the checker found."""
    begin = time.process_time()
    found = simulate(1_000)
    spent = time.process_time() - begin
    told = ("rounds", "visits", "unmet")
    broken = {rule: count for rule, count in found.items() if rule not in told}
    print(
        f"{found['rounds']:,} rounds, {found['visits']:,} visits, {found['unmet']:,} unmet: "
        f"violations {broken or 0}   {spent:.1f} s CPU"
    )


if __name__ == "__main__":
    simulating()

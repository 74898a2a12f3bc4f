"""Before the lists are made: chances, whole totals by type, and who is never or always chosen."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from panel.errors import Conflict
from panel.recruitment.rules.lottery import elastic, hull, leximin
from panel.recruitment.rules.lottery.frame import Frame, fingerprint, frame
from panel.recruitment.rules.lottery.rounding import Bounds, Dice, Rounder, Rule
from panel.recruitment.rules.lottery.solver import Floats, Programme, Whole, library
from panel.recruitment.types.lottery import Chance, DrawPlan, PoolEntry, Preparation

_VERSION: Final = 1
_NOTHING: Final = 1e-9
_SMALL: Final = 1e-6
_MILLION: Final = 1_000_000
_BEND: Final = 1e-6


class _Settled(NamedTuple):
    """Shares of the types and, where there are few types, the panels themselves."""

    shares: Floats
    explicit: Whole | None


def prepare(pool: Sequence[PoolEntry], plan: DrawPlan, seed: str, lists: int = 1000) -> Preparation:
    """Settle the leximin chances and the whole numbers that the lists will keep.

    Refused (`recruitment.quotas_impossible`, with the quotas' names) when no panel keeps every
    quota. Who cannot be chosen by any panel is left out, as if that person had not applied.
    """
    own = frame(pool, plan)
    settled = _settle(own, seed, lists)
    never: tuple[str, ...] = ()
    if settled is not None and (settled.shares < _NOTHING).any():
        never = _tickets(own, settled.shares < _NOTHING)
        own = frame(pool, plan, never)
        settled = _settle(own, seed, lists)
    if settled is None:
        raise refusal(pool, plan)
    panel = _panel_totals(own, settled, lists, Dice(seed, "totals"))
    frames, reserves, reserve = _reserve_totals(own, plan, panel, lists, Dice(seed, "reserves"))
    return Preparation(
        version=_VERSION,
        library=library(),
        seed=seed,
        pool=fingerprint(own),
        plan=plan,
        lists=lists,
        panel=_plain(panel),
        reserve=_plain(reserve),
        reserves=reserves,
        frames=tuple(zip(_plain(frames.lower), _plain(frames.upper), strict=True)),
        explicit=() if settled.explicit is None else tuple(_plain(row) for row in settled.explicit),
        bound=int(settled.shares.min() * _MILLION + _BEND),
        least=int((panel // own.sizes).min()) * _MILLION // lists,
        never=never,
        always=_tickets(own, panel == own.sizes * lists),
    )


def refusal(pool: Sequence[PoolEntry], plan: DrawPlan) -> Conflict:
    """Return the refusal that names the quotas in the way."""
    # Feasibility stands on the same programmes, so it is asked here, not imported above.
    from panel.recruitment.rules.feasibility import feasibility

    found = feasibility(pool, plan)
    names = found.impossible or tuple(each.name for each in found.relaxations)
    return Conflict("recruitment.quotas_impossible", quotas=names)


def chances(pool: Sequence[PoolEntry], preparation: Preparation) -> tuple[Chance, ...]:
    """Return every ticket's chance of a seat and of a place in reserve, sorted by ticket."""
    own = opened(pool, preparation)
    found = [Chance(ticket, 0, 0) for ticket in preparation.never]
    for kind, tickets in enumerate(own.tickets):
        whole = len(tickets) * preparation.lists
        seats = preparation.panel[kind] * _MILLION // whole
        reserve = preparation.reserve[kind] * _MILLION // whole
        found += [Chance(ticket, seats, reserve) for ticket in tickets]
    return tuple(sorted(found, key=lambda each: each.ticket))


def opened(pool: Sequence[PoolEntry], preparation: Preparation) -> Frame:
    """Return the pool's types again; another pool than the prepared one is a ``Conflict``."""
    own = frame(pool, preparation.plan, preparation.never)
    if fingerprint(own) != preparation.pool:
        raise Conflict("lottery.pool_changed")
    return own


def _settle(own: Frame, seed: str, lists: int) -> _Settled | None:
    if not len(own.sizes):
        return None
    if len(own.sizes) <= hull.FEW and own.upper[0] <= hull.SMALL:
        try:
            return _settle_few(own, seed, lists)
        except hull.Unsettled:  # so many panels that fractions are near enough
            pass
    rows, lower, upper = _all_rows(own)
    fractions = leximin.levels(rows, lower, upper, own.sizes.astype(np.float64), int(own.upper[0]))
    if fractions is None or not _has_panel(own, fractions, seed):
        return None
    return _Settled(fractions, None)


def _settle_few(own: Frame, seed: str, lists: int) -> _Settled | None:
    found = hull.mixture(own)
    if found is None:
        return None
    shares, panels = found
    return _Settled(shares, hull.numbered(own, shares, panels, lists, Dice(seed, "panels")))


def _has_panel(own: Frame, shares: Floats, seed: str) -> bool:
    """Tell whether whole people can do what fractions promise: one panel is the proof."""
    target = shares * own.sizes
    rounder = Rounder(own.rows, own.homes, own.clubs)
    rows = Bounds(own.lower, own.upper)
    low = np.floor(target + _SMALL).astype(np.int64)
    columns = Bounds(low, np.maximum(low, np.ceil(target - _SMALL).astype(np.int64)))
    homes = own.homes.shape[0]
    rare = Bounds(np.zeros(homes, dtype=np.int64), np.ones(homes, dtype=np.int64))
    aim = np.clip(target, columns.lower, columns.upper)
    found = rounder.near(aim, Rule(columns, rows, rows, rare), Dice(seed, "proof"))
    if found is None:
        found = elastic.panel(own, Bounds(low, own.sizes))
    return found is not None


def _all_rows(own: Frame) -> tuple[Any, Floats, Floats]:
    from scipy import sparse

    homes = own.homes.shape[0]
    return (
        sparse.vstack([own.rows, own.homes]),
        np.concatenate([own.lower, np.zeros(homes)]).astype(np.float64),
        np.concatenate([own.upper, np.ones(homes)]).astype(np.float64),
    )


def _panel_totals(own: Frame, settled: _Settled, lists: int, dice: Dice) -> Whole:
    if settled.explicit is not None:
        return np.asarray(settled.explicit.sum(axis=0), dtype=np.int64)
    homes = own.homes.shape[0]
    found = _totals(
        own,
        settled.shares * own.sizes * lists,
        own.sizes * lists,
        Bounds(own.lower * lists, own.upper * lists),
        np.full(homes, lists, dtype=np.int64),
        dice=dice,
    )
    if found is None:
        message = "fractions that keep scaled rows have whole numbers near them"
        raise AssertionError(message)
    return found


def _totals(
    own: Frame, target: Floats, most: Whole, rows: Bounds, homes: Whole, *, dice: Dice
) -> Whole | None:
    """Round totals so that scaled rows hold, within one of the target or else within two."""
    rounder = Rounder(own.rows, own.homes, np.arange(len(own.sizes)))
    floor = np.floor(target + _SMALL).astype(np.int64)
    ceiling = np.maximum(floor, np.ceil(target - _SMALL).astype(np.int64))
    rare = Bounds(np.zeros_like(homes), homes)
    for down, up in ((0, 0), (0, 1), (1, 1), (2, 2)):
        columns = Bounds(np.maximum(0, floor - down), np.minimum(most, ceiling + up))
        aim = np.clip(target, columns.lower, columns.upper)
        found = rounder.near(aim, Rule(columns, rows, rows, rare), dice)
        if found is not None:
            return found
    return None


def _reserve_totals(
    own: Frame, plan: DrawPlan, panel: Whole, lists: int, dice: Dice
) -> tuple[Bounds, int, Whole]:
    """Draw the reserves' totals by the same method from what each type leaves over."""
    kinds = len(own.sizes)
    rest = own.sizes - panel / lists
    rest[panel == own.sizes * lists] = 0.0
    room = 1.0 - (own.homes @ panel) / lists
    goal = _largest(own, plan, rest, room)
    while goal > 0:
        frames = _bent(own, scaled(own, plan, goal), rest, room, hard_rows(own, plan))
        if frames is not None:
            shares = _shares(own, frames, rest, room, goal)
            found = None if shares is None else _totals(
                own,
                shares * rest * lists,
                own.sizes * lists - panel,
                Bounds(frames.lower * lists, frames.upper * lists),
                lists - np.asarray(own.homes @ panel, dtype=np.int64),
                dice=dice,
            )  # fmt: skip
            if found is not None:
                return frames, goal, found
        goal -= 1
    return scaled(own, plan, 0), 0, np.zeros(kinds, dtype=np.int64)


def _shares(own: Frame, frames: Bounds, rest: Floats, room: Floats, goal: int) -> Floats | None:
    rows, _, _ = _all_rows(own)
    return leximin.levels(
        rows,
        np.concatenate([frames.lower, np.zeros(len(room))]).astype(np.float64),
        np.concatenate([frames.upper, room + _NOTHING]).astype(np.float64),
        rest,
        goal,
    )


def hard_rows(own: Frame, plan: DrawPlan) -> Whole:
    """Return each row's minimum where it is a hard group's, else nothing."""
    found = np.zeros(len(own.names), dtype=np.int64)
    first = 1 + len(plan.quotas)
    for number, group in enumerate(plan.groups):
        if group.hard:
            found[first + number] = group.minimum
    return found


def scaled(own: Frame, plan: DrawPlan, goal: int) -> Bounds:
    """Return the rows in proportion: soft ones rounded outwards, groups upwards."""
    seats = max(1, plan.seats)
    lower = own.lower * goal // seats
    upper = -(-own.upper * goal // seats)
    first = 1 + len(plan.quotas)
    lower[first:] = -(-own.lower[first:] * goal // seats)
    lower[0] = upper[0] = goal
    return Bounds(lower, upper)


def _largest(own: Frame, plan: DrawPlan, rest: Floats, room: Floats) -> int:
    """Return how many reserves the rest allows with every hard group in proportion."""
    from scipy import sparse

    minimums = hard_rows(own, plan)
    hard = np.flatnonzero(minimums)
    total = own.rows[[0]]
    share = own.rows[hard] * plan.seats - total.multiply(minimums[hard][:, None])
    programme = Programme(
        sparse.vstack([total, share, own.homes]),
        np.zeros(1 + len(hard) + len(room)),
        np.concatenate([[float(plan.reserves)], np.full(len(hard), np.inf), room + _NOTHING]),
        rest,
        -np.ones(len(own.sizes)),
    )
    found = programme.solve()
    return 0 if found is None else int(found.sum() + _SMALL)


def _bent(own: Frame, wish: Bounds, rest: Floats, room: Floats, minimums: Whole) -> Bounds | None:
    """Let the soft rows of the reserves give way by as little as possible."""
    from scipy import sparse

    count, kinds = own.rows.shape
    soft = minimums == 0
    soft[0] = False
    bend = sparse.eye_array(count)
    blank = sparse.csr_array((len(room), 2 * count))
    programme = Programme(
        sparse.vstack([sparse.hstack([own.rows, bend, -bend]), sparse.hstack([own.homes, blank])]),
        np.concatenate([wish.lower, np.zeros(len(room))]).astype(np.float64),
        np.concatenate([wish.upper, room + _NOTHING]).astype(np.float64),
        np.concatenate([rest, np.where(soft, np.inf, 0.0), np.where(soft, np.inf, 0.0)]),
        np.concatenate([np.zeros(kinds), np.ones(2 * count)]),
    )
    found = programme.solve()
    if found is None:
        return None
    short, over = (
        np.ceil(part - _SMALL).astype(np.int64)
        for part in (found[kinds : kinds + count], found[kinds + count :])
    )
    return Bounds(np.maximum(0, wish.lower - short), wish.upper + over)


def _tickets(own: Frame, which: Any) -> tuple[str, ...]:
    return tuple(sorted(each for kind in np.flatnonzero(which) for each in own.tickets[kind]))


def _plain(values: Whole) -> tuple[int, ...]:
    return tuple(int(each) for each in values)

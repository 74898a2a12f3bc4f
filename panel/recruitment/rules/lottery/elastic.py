"""The last resort of small or awkward pools: exact quotas, the wished numbers as nearly as may be.

Between floor and ceiling of every type there may be no panel at all. Then the quotas still hold to
the last person and the types give way by as little as possible.
"""

from typing import Any, Final

import numpy as np

from panel.recruitment.rules.lottery.frame import Frame
from panel.recruitment.rules.lottery.rounding import Bounds
from panel.recruitment.rules.lottery.solver import Floats, Programme, Whole

_SEAT: Final = 1000.0
_BEND: Final = 10.0
_NODES: Final = (20, 20_000)


def panel(own: Frame, wish: Bounds) -> Whole | None:
    """Return the panel nearest to the wished numbers, None if there is no panel at all."""
    from scipy import sparse

    table = sparse.vstack([own.rows, own.homes])
    homes = own.homes.shape[0]
    lower = np.concatenate([own.lower, np.zeros(homes)])
    upper = np.concatenate([own.upper, np.ones(homes)])
    high = own.sizes.astype(np.float64)
    return nearest(table, (lower, upper), wish, high, np.zeros(len(high)))


def reserve(
    own: Frame, taken: Whole, wish: Bounds, frames: Bounds, *, hard: tuple[int, Whole], goal: int
) -> Whole:
    """Return the reserve of one list: hard groups in proportion, the rest as nearly as may be.

    `hard` is the seats and the minimum of each hard group by row (nothing elsewhere); `frames` are
    the bounds wished for each row. There are fewer reserves where the hard rows allow no more.
    """
    from scipy import sparse

    kinds = len(own.sizes)
    seats, minimums = hard
    count = own.rows.shape[0]
    groups = np.flatnonzero(minimums > 0)
    # Columns: people; places left empty; what each soft row falls short and goes over.
    soft = np.array([i for i in range(1, count) if minimums[i] == 0], dtype=np.int64)
    bends = len(soft)
    total = own.rows[[0]]
    blank = sparse.csr_array((1, bends))
    empty = sparse.csr_array(np.ones((1, 1)))
    parts = [
        sparse.hstack([total, empty, blank, blank]),
        sparse.hstack([own.rows[groups] * seats - total.multiply(minimums[groups][:, None]),
                       sparse.csr_array((len(groups), 1 + 2 * bends))]),
        sparse.hstack([own.rows[soft], sparse.csr_array((bends, 1)), sparse.eye_array(bends),
                       -sparse.eye_array(bends)]),
        sparse.hstack([own.homes, sparse.csr_array((own.homes.shape[0], 1 + 2 * bends))]),
    ]  # fmt: skip
    room = 1.0 - (own.homes @ taken)
    lower = np.concatenate(
        [[goal], np.zeros(len(groups)), frames.lower[soft], np.zeros(len(room))]
    ).astype(np.float64)
    upper = np.concatenate([[goal], np.full(len(groups), np.inf), frames.upper[soft], room]).astype(
        np.float64
    )
    high = np.concatenate(
        [own.sizes - taken, [goal], np.full(2 * bends, float(own.sizes.sum()))]
    ).astype(np.float64)
    cost = np.concatenate([np.zeros(kinds), [_SEAT], np.full(2 * bends, _BEND)])
    found = nearest(sparse.vstack(parts), (lower, upper), wish, high, cost)
    # An empty reserve keeps every row.
    return np.zeros(kinds, dtype=np.int64) if found is None else found


def nearest(
    table: Any, rows: tuple[Floats, Floats], wish: Bounds, high: Floats, cost: Floats
) -> Whole | None:
    """Solve in whole numbers; each person above or below the wished bounds costs one."""
    from scipy import sparse

    width, kinds = table.shape[1], len(wish.lower)
    lower, upper = rows
    each = sparse.eye_array(kinds, width)
    bend = sparse.eye_array(kinds)
    whole = sparse.block_array([[table, None, None], [each, -bend, None], [each, None, bend]])
    # `each` reaches the people only; further columns of `table` are slacks of its own.
    endless = np.full(kinds, np.inf)
    programme = Programme(
        whole,
        np.concatenate([lower, -endless, wish.lower.astype(np.float64)]),
        np.concatenate([upper, wish.upper.astype(np.float64), endless]),
        np.concatenate([high, endless, endless]),
        np.concatenate([cost, np.ones(2 * kinds)]),
    )
    quick, long = _NODES
    found = programme.whole(kinds, quick, good=True)
    return programme.whole(kinds, long, good=True) if found is None else found

"""The same flow of least cost as a network: for large assignments, where OR-tools is installed.

From one source through members, their crowded units and the near side of places to places. Prices
are whole numbers here: rounding them loses less than a millionth of a task's price.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

SCALE: Final = 1 << 20
"""How many whole parts make a price of 1."""


class Edge(NamedTuple):
    """From a node to a node: at most so many, for so much each."""

    tail: int
    head: int
    most: int
    price: float


def cheapest(edges: Sequence[Edge], supplies: Sequence[int]) -> list[int]:
    """Return how much flows along each edge; supplies add up to nothing and can be met."""
    from ortools.graph.python import min_cost_flow

    solver = min_cost_flow.SimpleMinCostFlow()
    numbers = solver.add_arcs_with_capacity_and_unit_cost(
        np.array([each.tail for each in edges], dtype=np.int32),
        np.array([each.head for each in edges], dtype=np.int32),
        np.array([each.most for each in edges], dtype=np.int64),
        np.array([round(each.price * SCALE) for each in edges], dtype=np.int64),
    )
    solver.set_nodes_supplies(
        np.arange(len(supplies), dtype=np.int32), np.array(supplies, dtype=np.int64)
    )
    status = solver.solve()
    if status != solver.OPTIMAL:
        message = f"the solver gave up: {status}"
        raise RuntimeError(message)
    return [int(each) for each in solver.flows(numbers)]

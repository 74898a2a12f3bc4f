"""The same flow of least cost as a network: for large assignments, where OR-tools is installed.

From one source through members, their crowded units and the near side of places to places. Prices
are whole numbers here: rounding them loses less than a millionth of a task's price.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.signedinteger[Any]]

SCALE: Final = 1 << 20
"""How many whole parts make a price of 1."""


class Edge(NamedTuple):
    """From a node to a node: at most so many, for so much each."""

    tail: int
    head: int
    most: int
    price: float


def cheapest(edges: Sequence[Edge], supplies: Sequence[int]) -> list[int]:
    """Return how much flows along each edge; supplies add up to nothing and can be met.

    In a process of its own: OR-tools and the solver of the lottery each bring a HiGHS along, and
    one process can load only one of them.
    """
    columns = (
        np.array([each.tail for each in edges], dtype=np.int32),
        np.array([each.head for each in edges], dtype=np.int32),
        np.array([each.most for each in edges], dtype=np.int64),
        np.array([round(each.price * SCALE) for each in edges], dtype=np.int64),
    )
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as apart:
        return apart.submit(_solve, columns, np.array(supplies, dtype=np.int64)).result()


def _solve(columns: tuple[Column, Column, Column, Column], supplies: Column) -> list[int]:
    """Solve a network of edges by column: tail, head, most, price."""
    from ortools.graph.python import min_cost_flow

    solver = min_cost_flow.SimpleMinCostFlow()
    numbers = solver.add_arcs_with_capacity_and_unit_cost(*columns)
    solver.set_nodes_supplies(np.arange(len(supplies), dtype=np.int32), supplies)
    status = solver.solve()
    if status != solver.OPTIMAL:
        message = f"the solver gave up: {status}"
        raise RuntimeError(message)
    return [int(each) for each in solver.flows(numbers)]

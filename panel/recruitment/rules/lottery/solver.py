"""HiGHS, one thread and fixed seeds: the same programme gives the same answer (library version)."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

_TIGHT: Final = 1e-9
_OPTIONS: Final[dict[str, bool | int | float | str]] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 1,
    "primal_feasibility_tolerance": _TIGHT,
    "dual_feasibility_tolerance": _TIGHT,
    "solver": "simplex",
    "presolve": "off",
}
_WHOLE_OPTIONS: Final[dict[str, float | str]] = {
    "primal_feasibility_tolerance": 1e-7,
    "solver": "choose",
    "presolve": "choose",
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-6,
}


def library() -> str:
    """Name the solver's version, which a record of a draw must tell."""
    return f"highspy {_highs().version()}, numpy {np.__version__}"


def _highs() -> Any:
    """Open the solver; its Python half has no types for what is used here."""
    import highspy

    return highspy.Highs()  # type: ignore[no-untyped-call]


class Programme:
    """A linear programme: rows between bounds, columns between bounds, a cost to minimise."""

    def __init__(self, rows: Any, lower: Floats, upper: Floats, high: Floats, cost: Floats) -> None:
        """Take the rows as a sparse matrix; columns reach from 0 to `high`."""
        import highspy
        from scipy import sparse

        self._highs = _highs()
        for name, value in _OPTIONS.items():
            self._highs.setOptionValue(name, value)
        columns = sparse.csc_array(rows)
        self.count, self.width = columns.shape
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.width, self.count
        model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(self.width), high
        model.row_lower_, model.row_upper_ = lower, upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = columns.indptr
        model.a_matrix_.index_ = columns.indices
        model.a_matrix_.value_ = columns.data
        self._highs.passModel(model)
        self._optimal = highspy.HighsModelStatus.kOptimal
        self._limits = {
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kSolutionLimit,
        }
        self._columns = np.arange(self.width, dtype=np.int32)
        self._numbers = np.arange(self.count, dtype=np.int32)

    def bound(self, low: Floats, high: Floats) -> None:
        """Give the first columns other bounds."""
        self._highs.changeColsBounds(len(low), self._columns[: len(low)], low, high)

    def price(self, cost: Floats) -> None:
        """Give every column another cost."""
        self._highs.changeColsCost(self.width, self._columns, cost)

    def frame(self, lower: Floats, upper: Floats) -> None:
        """Give the first rows other bounds and forget rows that were added and the last answer."""
        added = self._highs.getNumRow() - self.count
        if added:
            last = np.arange(self.count, self.count + added, dtype=np.int32)
            self._highs.deleteRows(added, last)
        self._highs.clearSolver()
        self._highs.changeRowsBounds(len(lower), self._numbers[: len(lower)], lower, upper)

    def add(self, rows: Any, lower: Floats, upper: Floats) -> None:
        """Add rows that hold until the next frame."""
        self._highs.addRows(
            rows.shape[0],
            lower,
            upper,
            rows.nnz,
            rows.indptr[:-1].astype(np.int32),
            rows.indices.astype(np.int32),
            rows.data,
        )

    def solve(self) -> Floats | None:
        """Return the cheapest values of the columns, None if no values keep every row."""
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == self._optimal:
            return np.array(self._highs.getSolution().col_value)
        if status in self._limits:
            return None
        message = f"the solver gave up: {self._highs.modelStatusToString(status)}"
        raise RuntimeError(message)

    @property
    def cost(self) -> float:
        """Return the cost of the last answer."""
        return float(self._highs.getInfo().objective_function_value)

    @property
    def reduced(self) -> Floats:
        """Return the reduced cost of each column in the last answer."""
        return np.array(self._highs.getSolution().col_dual)

    @property
    def duals(self) -> Floats:
        """Return the dual value of each row in the last answer."""
        return np.array(self._highs.getSolution().row_dual)

    def whole(self, count: int, nodes: int | None = None, *, good: bool = False) -> Whole | None:
        """Return the cheapest values with the first columns whole, None if not found.

        At the limit of `nodes` the search ends with nothing, or if `good` is enough with the best
        values so far.
        """
        import highspy

        for name, value in _WHOLE_OPTIONS.items():
            self._highs.setOptionValue(name, value)
        if nodes is not None:
            self._highs.setOptionValue("mip_max_nodes", nodes)
        kinds = np.full(count, highspy.HighsVarType.kInteger)
        self._highs.changeColsIntegrality(count, self._columns[:count], kinds)
        found = self.solve()
        feasible = int(highspy.SolutionStatus.kSolutionStatusFeasible)
        if found is None and good and self._highs.getInfo().primal_solution_status == feasible:
            found = np.array(self._highs.getSolution().col_value)
        return None if found is None else np.rint(found[:count]).astype(np.int64)

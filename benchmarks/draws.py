"""What chance costs: the assignment of a round; CPU seconds."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from panel.chance import Stream
from panel.visits.rules.assignment import assign
from panel.visits.rules.assignment import check as check_assignment
from panel.visits.types.assignment import AssignmentRules, Target, Visitor

Result = TypeVar("Result")


def timed(title: str, limit: float, work: Callable[[], Result]) -> Result:
    """Run the work and print its CPU time beside the limit."""
    begin = time.process_time()
    result = work()
    print(f"{title:<52} {time.process_time() - begin:6.2f} s CPU  (limit {limit:g})")
    return result


def town(members: int, windows: int, demand: int) -> tuple[list[Visitor], list[Target]]:
    """Invent 14 districts with homes and windows around their centres."""
    stream = Stream("bench", f"town {members} {windows}")
    centres = [
        (35_000_000 + stream.below(800_000), 116_100_000 + stream.below(1_000_000))
        for _ in range(14)
    ]

    def place() -> tuple[int, int, str]:
        number = max(0, stream.below(17) - 3)
        north, east = centres[number]
        return north + stream.below(150_000), east + stream.below(150_000), f"district {number}"

    visitors = [
        Visitor(
            f"M{i:05}",
            *place(),
            cap=6,
            recused=frozenset({f"U{stream.below(100)}"}),
            visited=frozenset(f"W{stream.below(windows):05}" for _ in range(3)),
        )
        for i in range(members)
    ]
    targets = [Target(f"W{i:05}", f"U{i % 100}", *place(), demand=demand) for i in range(windows)]
    return visitors, targets


def assigning() -> None:
    """Assign rounds of 3,000 and 5,000 visits to 1000 members."""
    for windows, demand in ((300, 10), (1_000, 5)):
        visitors, targets = town(1_000, windows, demand)
        drawn: list[set[tuple[str, str]]] = []
        for seed in ("first", "second"):
            record = timed(
                f"assignment, 1,000 members, {windows * demand:,} visits",
                5,
                partial(assign, visitors, targets, AssignmentRules(), seed),
            )
            assert check_assignment(record, visitors, targets) == ()
            drawn.append({(each.member, each.target) for each in record.assigned})
        loads = Counter(Counter(member for member, _ in drawn[-1]).values())
        print(
            f"  far {record.far / record.wanted:.1%}, unmet {len(record.unmet)},"
            f" loads {dict(sorted(loads.items()))},"
            f" pairs repeated by the next draw {len(drawn[0] & drawn[1]) / len(drawn[0]):.1%}"
        )


def main() -> None:
    """Run it."""
    assigning()


if __name__ == "__main__":
    main()

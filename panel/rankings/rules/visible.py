"""What may be shown: no figure that rests on too few visitors, nor one that betrays it."""

from collections.abc import Mapping
from typing import Final

MINIMUM: Final = 5


def shown(raters: int, minimum: int = MINIMUM) -> bool:
    """Tell whether a figure rests on enough different visitors to be shown."""
    return raters >= minimum


def hidden(raters: Mapping[str, int], minimum: int = MINIMUM) -> frozenset[str]:
    """Return the parts of a whole whose figures are not shown, by their numbers of visitors.

    A single hidden part could be found from the whole and the others: then the part with the next
    fewest visitors is hidden too. Parts without any visitor have nothing to hide.
    """
    visited = {key: count for key, count in raters.items() if count > 0}
    small = {key for key, count in visited.items() if not shown(count, minimum)}
    others = sorted(visited.keys() - small, key=lambda key: (visited[key], key))
    if len(small) == 1 and others:
        small.add(others[0])
    return frozenset(small)

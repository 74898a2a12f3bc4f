"""Reads of the roster."""

from panel.roster.queries.places import (
    halls,
    items,
    liaison_units,
    liaisons,
    peer_groups,
    sizes,
    unit,
    unit_references,
    units,
    window,
    windows,
)

__all__ = [
    "halls",
    "items",
    "liaison_units",
    "liaisons",
    "peer_groups",
    "sizes",
    "unit",
    "unit_references",
    "units",
    "window",
    "windows",
]

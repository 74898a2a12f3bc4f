"""Scoring sheets: sections, items, anchors, grave events."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from panel.rulebook.types.texts import Text


class ItemKind(StrEnum):
    """How an item is answered: fact (4/2/0), scale (0 to 4), minutes waited."""

    FACT = "fact"
    SCALE = "scale"
    MINUTES = "minutes"


class Anchor(msgspec.Struct, frozen=True):
    """What an answer of this value means, in words."""

    value: int
    text: Text


class Item(msgspec.Struct, frozen=True):
    """One scored question; weights of a form sum to exactly 100."""

    id: str
    kind: ItemKind
    weight: int
    text: Text
    anchors: tuple[Anchor, ...]
    optional: bool = False
    """May not apply to the errand (◦ in the printed sheet)."""
    covert: bool = True
    revisit_only: bool = False
    proof: Text = Text(zh="", en="")
    """What a visitor should note or keep."""
    photo: bool = False
    """A picture (of a notice, a list, a ticket) may be added beside this item; never of people."""
    guide: Literal["", "papers", "promise", "fee", "hours"] = ""
    """The part of the window's published guide that stands beside the question."""


class Section(msgspec.Struct, frozen=True):
    """Items that belong together, printed under one heading."""

    id: str
    text: Text
    items: tuple[Item, ...]


class Veto(msgspec.Struct, frozen=True):
    """A grave event: no points, its own procedure."""

    id: str
    text: Text
    confirmation: Text
    sealed: bool = False
    """Goes to the discipline office before any reviewer reads it (V1, V5, V6)."""


class Form(msgspec.Struct, frozen=True):
    """One scoring sheet."""

    key: str
    title: Text
    sections: tuple[Section, ...]
    vetoes: tuple[Veto, ...]
    minimum_answered_weight: int
    decisive: tuple[str, ...]
    """At least one of these items must be answered."""
    reason_at_or_below: int = 1
    veto_cap_hundredths: int = 5900
    errands: tuple[Literal["enquiry", "real", "accompany"], ...] = ("enquiry", "real", "accompany")
    """What a visitor may come for; the first is the usual one."""

    @property
    def items(self) -> tuple[Item, ...]:
        """Return all items in printed order."""
        return tuple(item for section in self.sections for item in section.items)

    def item(self, key: str) -> Item:
        """Return the item with this id."""
        return next(item for item in self.items if item.id == key)

"""What an editor may do to a draft: one struct for each thing that a page saves."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from panel.rulebook.types.forms import Item, Veto
from panel.rulebook.types.judging import PeerGroup
from panel.rulebook.types.texts import Text
from panel.rulebook.types.training import ModelAnswer

Part = Literal["form", "section", "item", "veto"]


class Basics(msgspec.Struct, frozen=True):
    """Title, edition and legal basis of the measures."""

    title: Text
    edition: str
    legal_basis: Text


class Numbers(msgspec.Struct, frozen=True):
    """Bounds of one chapter, by the names of its fields; deadlines by their keys."""

    chapter: str
    values: dict[str, int | str | tuple[int | str, ...]]


class Rows(msgspec.Struct, frozen=True):
    """The lines of one list as they shall be, each value by the name of its field."""

    chapter: str
    rows: tuple[dict[str, Any], ...]


class Groups(msgspec.Struct, frozen=True):
    """The peer groups with the form of each; those in use before can't be left out."""

    groups: tuple[PeerGroup, ...]


class AddForm(msgspec.Struct, frozen=True):
    """A further form, made as a copy of one, its course included."""

    form: str
    title: Text
    copy_of: str


class FormHead(msgspec.Struct, frozen=True):
    """A form's title, what makes a sheet valid, errands, and the weights of all items."""

    form: str
    title: Text
    minimum_answered_weight: int
    decisive: tuple[str, ...]
    reason_at_or_below: int
    veto_cap_hundredths: int
    errands: tuple[Literal["enquiry", "real", "accompany"], ...]
    weights: dict[str, int] = {}


class AddSection(msgspec.Struct, frozen=True):
    """A further section at the end of a form."""

    form: str
    id: str
    text: Text


class SectionHead(msgspec.Struct, frozen=True):
    """Name of a section."""

    form: str
    section: str
    id: str
    text: Text


class AddItem(msgspec.Struct, frozen=True):
    """A further, still empty question at the end of a section."""

    form: str
    section: str
    id: str


class PutItem(msgspec.Struct, frozen=True):
    """A question as it shall be, with the right answers of the form's training sheets."""

    form: str
    item: str
    section: str
    value: Item
    answers: dict[str, ModelAnswer] = {}
    """By the key of each training sheet."""


class AddVeto(msgspec.Struct, frozen=True):
    """A further grave event."""

    form: str
    id: str


class PutVeto(msgspec.Struct, frozen=True):
    """A grave event as it shall be."""

    form: str
    veto: str
    value: Veto


class Move(msgspec.Struct, frozen=True):
    """One step up (-1) or down (1) among its neighbours."""

    form: str
    part: Part
    id: str
    by: Literal[-1, 1]


class Remove(msgspec.Struct, frozen=True):
    """A part that goes, with everything that names it."""

    form: str
    part: Part
    id: str = ""


Edit = (
    Basics
    | Numbers
    | Rows
    | Groups
    | AddForm
    | FormHead
    | AddSection
    | SectionHead
    | AddItem
    | PutItem
    | AddVeto
    | PutVeto
    | Move
    | Remove
)

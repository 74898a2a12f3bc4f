"""Levels, peer groups, lists, the annual mark, publication."""

from __future__ import annotations

from typing import Literal

import msgspec

from panel.rulebook.types.texts import Text


class Band(msgspec.Struct, frozen=True):
    """A level of scores, from this many hundredths upwards."""

    key: str
    text: Text
    from_hundredths: int


class PeerGroup(msgspec.Struct, frozen=True):
    """Units that may fairly be compared; ``form`` names their scoring sheet."""

    key: str
    text: Text
    form: str
    ranked: bool = True


class Ranking(msgspec.Struct, frozen=True):
    """How lists are made of scores."""

    method: str
    scope: Literal["peer_group", "city"]
    list_size: int
    bottom_share_percent: int
    gate_hundredths: int
    unit_minimum_visits: int
    unit_minimum_raters: int
    window_minimum_visits: int
    window_minimum_raters: int
    window_minimum_staff: int
    rectification_places: int


class Weights(msgspec.Struct, frozen=True):
    """Shares of the annual assessment, in percent; they sum to 100."""

    visits: int
    collective: int
    complaints: int
    rectification: int
    survey: int


class Assessment(msgspec.Struct, frozen=True):
    """The annual mark and its consequences."""

    weights: Weights
    gate_hundredths: int
    rectification_days: int


class Publication(msgspec.Struct, frozen=True):
    """What becomes public, and from how many."""

    minimum_visitors: int
    named_years: int
    levels: dict[str, Literal["public", "unit", "internal"]]
    """Publication level by kind of record: unit_ranking, window_ranking, officer_ranking…"""

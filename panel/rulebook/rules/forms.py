"""Faults of one scoring sheet (domain.md 4.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from panel.errors import Fault
from panel.rulebook.rules.walking import repeated
from panel.rulebook.types import Form, Item, ItemKind

_WHOLE: Final = 100
VALUES: Final = {
    ItemKind.FACT: (4, 2, 0),
    ItemKind.SCALE: (4, 3, 2, 1, 0),
    ItemKind.MINUTES: (4, 3, 2, 1, 0),
}
"""What an answer of each kind may be worth, the best first."""
_FULL_HUNDREDTHS: Final = 10_000


def check_form(form: Form, path: str) -> Iterator[Fault]:
    """Check weights, anchors and the decisive items of one form."""
    total = sum(item.weight for item in form.items)
    if total != _WHOLE:
        yield Fault(f"{path}.sections", "rulebook.weights", {"total": total})
    yield from repeated(f"{path}.sections", [item.id for item in form.items])
    yield from repeated(f"{path}.sections", [section.id for section in form.sections])
    yield from repeated(f"{path}.vetoes", [veto.id for veto in form.vetoes])
    yield from _check_sections(form, path)
    for item_path, item in _items(form, path):
        if item.weight < 1:
            yield Fault(f"{item_path}.weight", "rulebook.weight_range", {"id": item.id})
        if sorted(anchor.value for anchor in item.anchors) != sorted(VALUES[item.kind]):
            yield Fault(f"{item_path}.anchors", "rulebook.anchors", {"id": item.id})
    known = {item.id for item in form.items}
    for key in form.decisive:
        if key not in known:
            yield Fault(f"{path}.decisive", "rulebook.unknown_item", {"id": key})
    yield from _check_bounds(form, path)
    yield from _check_reach(form, path)


def _check_bounds(form: Form, path: str) -> Iterator[Fault]:
    """Check what makes a sheet valid and what visitors may come for."""
    if not 0 < form.minimum_answered_weight <= _WHOLE:
        yield Fault(f"{path}.minimum_answered_weight", "rulebook.percent")
    if not -1 <= form.reason_at_or_below < max(VALUES[ItemKind.SCALE]):
        yield Fault(f"{path}.reason_at_or_below", "rulebook.reason_range")
    if not 0 <= form.veto_cap_hundredths <= _FULL_HUNDREDTHS:
        yield Fault(f"{path}.veto_cap_hundredths", "rulebook.score_range")
    if not form.errands or len(set(form.errands)) != len(form.errands):
        yield Fault(f"{path}.errands", "rulebook.errands")


def _check_sections(form: Form, path: str) -> Iterator[Fault]:
    """Check that each section asks something, and something that can be observed (4.6)."""
    if not form.sections:
        yield Fault(f"{path}.sections", "rulebook.form_empty")
    for place, section in enumerate(form.sections):
        here = f"{path}.sections[{place}]"
        if not section.items:
            yield Fault(f"{here}.items", "rulebook.section_empty", {"id": section.id})
        elif all(item.kind is ItemKind.SCALE for item in section.items):
            yield Fault(f"{here}.items", "rulebook.no_observable", {"id": section.id})


def _check_reach(form: Form, path: str) -> Iterator[Fault]:
    """Check that an ordinary covert visit can reach the weight that makes a sheet count."""
    usual = [item for item in form.items if item.covert and not item.revisit_only]
    most = sum(item.weight for item in usual)
    if form.items and most < form.minimum_answered_weight:
        yield Fault(f"{path}.minimum_answered_weight", "rulebook.out_of_reach", {"most": most})
    known = {item.id for item in form.items}
    asked = {item.id for item in usual}
    if any(key in known for key in form.decisive) and not asked.intersection(form.decisive):
        yield Fault(f"{path}.decisive", "rulebook.decisive_unasked")


def _items(form: Form, path: str) -> Iterator[tuple[str, Item]]:
    """Yield each item with its path."""
    for place, section in enumerate(form.sections):
        for position, item in enumerate(section.items):
            yield f"{path}.sections[{place}].items[{position}]", item

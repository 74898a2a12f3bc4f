"""Is a year's plan whole, and may it be published: pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from panel.errors import Conflict, Fault, Invalid
from panel.visits.types.yearly import MOST_ENTRIES, YearDraft, YearEntry, YearPlanView, YearState

_QUARTERS: Final = range(1, 5)
_FIRST, _LAST = 2000, 2199
_LONGEST: Final = 500
_TITLE: Final = 120
_DOCUMENT: Final = 80


def check(draft: YearDraft, groups: Collection[str], edition: int) -> YearDraft:
    """Return a tidy plan; refuse every fault of it by its field, entries by their number."""
    entries = tuple(_tidy(entry) for entry in draft.entries)
    tidy = msgspec.structs.replace(
        draft,
        basis=draft.basis.strip(),
        document=draft.document.strip(),
        change=draft.change.strip(),
        entries=tuple(sorted(entries, key=lambda each: each.quarter)),
    )
    faults = [] if _FIRST <= tidy.year <= _LAST else [Fault("year", "plan.year")]
    faults += [Fault(name, "form.required") for name in ("basis", "document")
               if not getattr(tidy, name)]  # fmt: skip
    if len(tidy.document) > _DOCUMENT:
        faults.append(Fault("document", "form.too_long", {"most": _DOCUMENT}))
    if edition > 1 and not tidy.change:
        faults.append(Fault("change", "plan.change_missing"))
    if not entries:
        faults.append(Fault("title-0", "plan.empty"))
    if len(entries) > MOST_ENTRIES:
        faults.append(Fault(f"title-{MOST_ENTRIES}", "plan.too_many", {"most": MOST_ENTRIES}))
    for number, entry in enumerate(entries):
        faults += _entry_faults(number, entry, groups)
    if faults:
        raise Invalid("form.faults", *faults)
    return tidy


def _tidy(entry: YearEntry) -> YearEntry:
    return msgspec.structs.replace(
        entry,
        title=entry.title.strip(),
        theme=entry.theme.strip(),
        title_en=entry.title_en.strip(),
        theme_en=entry.theme_en.strip(),
    )


def _entry_faults(number: int, entry: YearEntry, groups: Collection[str]) -> list[Fault]:
    """Return what is wrong with one entry, by the fields of its number."""
    found = [
        Fault(f"{name}-{number}", "form.required")
        for name in ("title", "theme")
        if not getattr(entry, name)
    ]
    if entry.quarter not in _QUARTERS:
        found.append(Fault(f"quarter-{number}", "form.required"))
    if not set(entry.groups) <= set(groups):
        found.append(Fault(f"groups-{number}", "round.group_unknown"))
    for name, most in (("title", _TITLE), ("theme", _LONGEST), ("title_en", _TITLE)):
        if len(getattr(entry, name)) > most:
            found.append(Fault(f"{name}-{number}", "form.too_long", {"most": most}))
    return found


def may_publish(view: YearPlanView) -> None:
    """Refuse to publish an edition twice."""
    if view.state is not YearState.DRAFT:
        raise Conflict("plan.state_changed")

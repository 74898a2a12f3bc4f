"""Who may say what in a circular, and when: pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec

from panel.errors import Conflict, Fault, Invalid
from panel.evaluations.rules.findings import unlooked
from panel.evaluations.rules.texts import unchecked, unnamed
from panel.reports.types import (
    BulletinDraft,
    BulletinState,
    BulletinView,
    PublishedBulletin,
)
from panel.workdays import SHANGHAI

LONGEST: Final = 20_000
_TITLE: Final = 120
_NOBODY: Final = "某某"
_GOING: Final = frozenset({BulletinState.PUBLISHED, BulletinState.CORRECTED})


def check(draft: BulletinDraft) -> BulletinDraft:
    """Return a tidy draft; refuse an empty one, and texts that nobody has looked through.

    Names that the draft lists are meant to be told; whatever else looks as if it told of somebody
    must have been left in on purpose.
    """
    names = tuple(dict.fromkeys(name.strip() for name in draft.names if name.strip()))
    tidy = msgspec.structs.replace(
        draft,
        title=draft.title.strip(),
        title_en=draft.title_en.strip(),
        text=draft.text.strip(),
        text_en=draft.text_en.strip(),
        document=draft.document.strip(),
        names=names,
    )
    faults = [Fault(path, "form.required") for path in ("title", "text") if not getattr(tidy, path)]
    for path, most in (("title", _TITLE), ("title_en", 200), ("text", LONGEST), ("document", 80)):
        if len(getattr(tidy, path)) > most:
            faults.append(Fault(path, "form.too_long", {"most": most}))
    if bool(tidy.title_en) != bool(tidy.text_en):
        path = "text_en" if tidy.title_en else "title_en"
        faults.append(Fault(path, "form.required"))
    faults += _unlooked(tidy)
    if faults:
        raise Invalid("form.faults", *faults)
    return tidy


def _unlooked(tidy: BulletinDraft) -> list[Fault]:
    """Return what of a draft nobody has looked at."""
    found = []
    for path in ("title", "text", "text_en"):
        plain = unnamed(getattr(tidy, path), tidy.names, "")
        if hits := unchecked(plain, tidy.checked):
            found.append(unlooked(path, hits))
    return found


def check_note(text: str, checked: tuple[str, ...]) -> str:
    """Return the tidy text of a correction; refuse one that nobody has looked through."""
    tidy = text.strip()
    if not tidy:
        raise Invalid("form.faults", Fault("note", "form.required"))
    if len(tidy) > LONGEST:
        raise Invalid("form.faults", Fault("note", "form.too_long", {"most": LONGEST}))
    if hits := unchecked(tidy, checked):
        raise Invalid("form.faults", unlooked("note", hits))
    return tidy


def in_state(view: BulletinView, *states: BulletinState) -> None:
    """Refuse a step that does not follow from where a circular is."""
    if view.state not in states:
        raise Conflict("bulletin.state_changed")


def may_add(view: BulletinView) -> None:
    """Refuse to correct or withdraw what nobody can read."""
    in_state(view, *_GOING)


def may_schedule(view: BulletinView, on: date, at: datetime) -> None:
    """Refuse to schedule what nobody reviewed, or for a day that has passed."""
    in_state(view, BulletinState.REVIEWED)
    if on < at.astimezone(SHANGHAI).date():
        raise Invalid("form.faults", Fault("publish_on", "bulletin.day_passed"))


def readable(view: BulletinView, at: datetime) -> PublishedBulletin:
    """Return what readers find of a published circular at a moment."""
    draft = view.draft
    withdrawn = view.state is BulletinState.WITHDRAWN
    over = view.named_until is not None and at > view.named_until
    gone = draft.names if over else ()

    def shown(text: str) -> str:
        return "" if withdrawn else unnamed(text, gone, _NOBODY)

    return PublishedBulletin(
        code=view.code,
        kind=draft.kind,
        state=view.state,
        title=shown(draft.title),
        title_en=shown(draft.title_en),
        text=shown(draft.text),
        text_en=shown(draft.text_en),
        document=draft.document,
        published_at=view.published_at or view.written_at,
        notes=tuple(
            msgspec.structs.replace(note, text=unnamed(note.text, gone, _NOBODY))
            for note in view.notes
        ),
    )

"""What becomes of a draft when its version is decided about; joins the caller's command."""

from __future__ import annotations

from panel.ids import Code
from panel.rulebook.tables import RulebookDraft
from panel.rulebook.types import DraftState


async def publish_draft(version: Code) -> None:
    """Close the draft of an approved version, if it was written here."""
    await _step(version, DraftState.PUBLISHED)


async def reopen_draft(version: Code) -> None:
    """Let the draft of a version that was given back be written on."""
    await _step(version, DraftState.DRAFT)


async def _step(version: Code, state: DraftState) -> None:
    await RulebookDraft.update({RulebookDraft.state: state.value}).where(
        RulebookDraft.version == version, RulebookDraft.state == DraftState.IN_REVIEW
    )

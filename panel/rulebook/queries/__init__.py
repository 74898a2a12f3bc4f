"""Reads of measures."""

from panel.rulebook.queries.drafts import (
    approved_before,
    draft,
    draft_of,
    drafts,
    dry_run,
    groups_kept,
    tried,
)
from panel.rulebook.queries.versions import (
    content,
    current,
    frozen,
    people,
    version,
    version_by_id,
    versions,
)

__all__ = [
    "approved_before",
    "content",
    "current",
    "draft",
    "draft_of",
    "drafts",
    "dry_run",
    "frozen",
    "groups_kept",
    "people",
    "tried",
    "version",
    "version_by_id",
    "versions",
]

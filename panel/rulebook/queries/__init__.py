"""Reads of measures."""

from panel.rulebook.queries.drafts import (
    CHAPTERS,
    Bounds,
    approved_before,
    bounds,
    changes,
    choices,
    draft,
    draft_of,
    drafts,
    dry_run,
    groups_kept,
    seen,
    toml,
    tried,
)
from panel.rulebook.queries.versions import (
    content,
    current,
    frozen,
    people,
    version,
    versions,
)

__all__ = [
    "CHAPTERS",
    "Bounds",
    "approved_before",
    "bounds",
    "changes",
    "choices",
    "content",
    "current",
    "draft",
    "draft_of",
    "drafts",
    "dry_run",
    "frozen",
    "groups_kept",
    "people",
    "seen",
    "toml",
    "tried",
    "version",
    "versions",
]

"""Texts of the measures as paragraphs and lists."""

from __future__ import annotations

from typing import Any


def blocks(text: str) -> list[dict[str, Any]]:
    """Return a text's paragraphs; lines that begin with ``- `` stand together as a list."""
    found: list[dict[str, Any]] = []
    for part in text.strip().split("\n\n"):
        lines = part.strip().splitlines()
        items = [line[2:].strip() for line in lines if line.startswith("- ")]
        plain = " ".join(line.strip() for line in lines if not line.startswith("- "))
        if plain:
            found.append({"text": plain, "items": []})
        if items:
            found.append({"text": "", "items": items})
    return found

"""Releases of the first format: written before a checker travelled with them.

Their lists hold no sums of windows, no receipts and no corrections. What can still be checked is
that nothing was changed since: files, chain, measures, and that places follow the printed scores.
"""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from panel.rankings.checker import verify_release
from web.release.manifest import DATA

MISSING: Final = ("script", "scores", "receipts", "corrections", "sealed")
"""What a release of the first format doesn't hold."""
_COMMON: Final = ("sequence", "round", "published_at", "rulebook_hash")


def check(folder: Path, wanted: str = "") -> list[tuple[str, bool]]:
    """Tell by name what was checked and whether it holds."""
    try:
        data = (folder / "manifest.json").read_bytes()
        manifest = json.loads(data)
        public = json.loads((folder / f"{DATA}/rankings.json").read_bytes())
        text = (folder / f"{DATA}/rulebook.json").read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        told = (folder / "manifest.sha256").read_text().split()[0]
        return [
            ("hash", {digest} == {told, wanted or digest}),
            ("files", verify_release.files(folder, manifest)),
            ("manifest", _same(public, manifest)),
            ("rulebook", hashlib.sha256(text).hexdigest() == manifest["rulebook_hash"]),
            *((f"places {one['code']}", _ordered(one)) for one in public["lists"]),
            *((f"floor {one['code']}", _enough(one, public)) for one in public["lists"]),
            _chain(folder, manifest),
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return [("readable", False)]


def _same(public: Any, manifest: Any) -> bool:
    """Tell whether the lists are those that the manifest names."""
    lists = [{key: one[key] for key in ("code", "kind", "input_hash")} for one in public["lists"]]
    return lists == manifest["lists"] and all(public[key] == manifest[key] for key in _COMMON)


def _ordered(one: Any) -> bool:
    """Tell whether whoever has the better score has the better place; equal scores share one."""
    placed = sorted(
        (row["place"], -row["score"])
        for row in one["rows"]
        if row["place"] is not None and row["score"] is not None
    )
    return all((a[0] < b[0]) == (a[1] < b[1]) and a[1] <= b[1] for a, b in pairwise(placed))


def _enough(one: Any, public: Any) -> bool:
    """Tell whether no figure rests on too few visitors."""
    least = public["minimum_visitors"]
    return least >= 5 and all(  # noqa: PLR2004 - the promise
        row["visitors"] >= least if row["shown"] else row["score"] is None for row in one["rows"]
    )


def _chain(folder: Path, manifest: Any) -> tuple[str, bool]:
    before = folder.parent / (manifest["previous"] or "none")
    if not manifest["previous"] or not before.is_dir():
        return "chain", bool(manifest["previous"]) == (manifest["sequence"] > 1)
    data = (before / "manifest.json").read_bytes()
    same = hashlib.sha256(data).hexdigest() == manifest["previous"]
    return "chain", same and json.loads(data)["sequence"] + 1 == manifest["sequence"]

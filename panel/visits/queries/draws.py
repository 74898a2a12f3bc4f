"""Checking a published draw: the same short program that stands beside it for everybody."""

from __future__ import annotations

from importlib import resources

import msgspec

from panel.chance import digest
from panel.visits.checker.verify_draw import check
from panel.visits.types import RoundView


def checks(data: bytes, proof: bytes = b"") -> list[tuple[str, bool]]:
    """Tell by name what holds in a record of a draw and what does not."""
    return check(data, proof)


def commitment_of(data: bytes) -> str:
    """Return the SHA-256 of the commitment in a record; empty where there is none."""
    try:
        record = msgspec.json.decode(data, type=dict[str, object])
    except msgspec.MsgspecError:
        return ""
    return digest(record.get("committed", record))  # type: ignore[arg-type]


def commitment_hash(view: RoundView) -> str:
    """Return the SHA-256 under which a commitment is printed or published before the draw."""
    return digest(msgspec.json.decode(view.commitment)) if view.commitment else ""


def program() -> bytes:
    """Return the short program that needs nothing of ours."""
    return resources.files("panel.visits.checker").joinpath("verify_draw.py").read_bytes()

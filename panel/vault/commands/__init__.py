"""Commands of the vault: enrolling, looking on the record, erasing, opening by two persons."""

from __future__ import annotations

from panel.vault.commands.openings import ask, decide, redeem
from panel.vault.commands.persons import (
    Sealed,
    attach,
    detach,
    discard,
    enrol,
    enrol_many,
    enrol_sealed,
    erase,
    erase_many,
    forget,
    identify,
    look,
    look_attached,
    look_many,
    replace,
    seal_many,
)

__all__ = [
    "Sealed",
    "ask",
    "attach",
    "decide",
    "detach",
    "discard",
    "enrol",
    "enrol_many",
    "enrol_sealed",
    "erase",
    "erase_many",
    "forget",
    "identify",
    "look",
    "look_attached",
    "look_many",
    "redeem",
    "replace",
    "seal_many",
]

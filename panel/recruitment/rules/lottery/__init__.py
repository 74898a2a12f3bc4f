"""The lottery: leximin chances, numbered lists that keep every quota, the published file.

What draws lists needs numpy and solvers. It is imported when it is first asked for: most processes
draw nothing, and pages only read what was drawn.
"""

from importlib import import_module, resources
from typing import TYPE_CHECKING, Any, Final

from panel.recruitment.rules.lottery.numbers import label, list_number
from panel.recruitment.rules.lottery.published import LEXIMIN, STRATIFIED, document, read_document
from panel.recruitment.rules.lottery.replacement import missing
from panel.recruitment.rules.lottery.roster import (
    file_digest,
    roster_leaf,
    roster_proof,
    roster_root,
    sealed_roster,
)
from panel.recruitment.rules.lottery.verification import check_sealed, verify

if TYPE_CHECKING:
    from panel.recruitment.rules.lottery.dealing import deal
    from panel.recruitment.rules.lottery.lists import extend, made
    from panel.recruitment.rules.lottery.preparation import chances, prepare
    from panel.recruitment.rules.lottery.solver import library
    from panel.recruitment.rules.lottery.strata import stratified

__all__ = [
    "LEXIMIN",
    "STRATIFIED",
    "chances",
    "check_sealed",
    "checker_source",
    "deal",
    "document",
    "extend",
    "file_digest",
    "label",
    "library",
    "list_number",
    "made",
    "missing",
    "prepare",
    "read_document",
    "roster_leaf",
    "roster_proof",
    "roster_root",
    "sealed_roster",
    "stratified",
    "verify",
]
_DRAWING: Final = {
    "chances": "preparation",
    "deal": "dealing",
    "extend": "lists",
    "library": "solver",
    "made": "lists",
    "prepare": "preparation",
    "stratified": "strata",
}
"""What draws, and the module of this package that it stands in."""


def __getattr__(name: str) -> Any:
    """Import what draws when it is first asked for."""
    if name not in _DRAWING:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_DRAWING[name]}"), name)


def checker_source() -> bytes:
    """Return the short program that ships with the published file and needs nothing of ours."""
    folder = resources.files("panel.recruitment.checker")
    return folder.joinpath("verify_lottery.py").read_bytes()

"""What changes campaigns, applications and draws; each verb is one transaction and one entry."""

from panel.recruitment.commands.applications import apply, import_applications
from panel.recruitment.commands.campaigns import (
    approve_and_announce,
    cancel,
    create,
    extend,
    finish_screening,
    reopen,
    start_screening,
)
from panel.recruitment.commands.draws import appoint, commit_draw, draw
from panel.recruitment.commands.screening import vet

__all__ = [
    "apply",
    "appoint",
    "approve_and_announce",
    "cancel",
    "commit_draw",
    "create",
    "draw",
    "extend",
    "finish_screening",
    "import_applications",
    "reopen",
    "start_screening",
    "vet",
]

"""What changes campaigns, applications and draws; each verb is one transaction and one entry."""

from panel.recruitment.commands.applications import apply
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
from panel.recruitment.commands.imports import (
    cancel_import,
    import_applications,
    resume_import,
    start_import,
)
from panel.recruitment.commands.screening import answer, ask, decide_reply, lapse_questions, vet

__all__ = [
    "answer",
    "apply",
    "appoint",
    "approve_and_announce",
    "ask",
    "cancel",
    "cancel_import",
    "commit_draw",
    "create",
    "decide_reply",
    "draw",
    "extend",
    "finish_screening",
    "import_applications",
    "lapse_questions",
    "reopen",
    "resume_import",
    "start_import",
    "start_screening",
    "vet",
]

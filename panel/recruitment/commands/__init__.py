"""What changes campaigns and applications; each verb is one transaction and one entry."""

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
from panel.recruitment.commands.imports import (
    cancel_import,
    import_applications,
    resume_import,
    start_import,
)
from panel.recruitment.commands.receipts import reissue
from panel.recruitment.commands.screening import answer, ask, decide_reply, lapse_questions, vet
from panel.recruitment.commands.staff import (
    compare_due,
    compare_staff,
    decide_staff_hit,
    take_staff_list,
)
from panel.recruitment.commands.vetting import (
    decide_hit,
    open_list,
    recall_list,
    send_list,
    take_reply,
)

__all__ = [
    "answer",
    "apply",
    "approve_and_announce",
    "ask",
    "cancel",
    "cancel_import",
    "compare_due",
    "compare_staff",
    "create",
    "decide_hit",
    "decide_reply",
    "decide_staff_hit",
    "extend",
    "finish_screening",
    "import_applications",
    "lapse_questions",
    "open_list",
    "recall_list",
    "reissue",
    "reopen",
    "resume_import",
    "send_list",
    "start_import",
    "start_screening",
    "take_reply",
    "take_staff_list",
    "vet",
]

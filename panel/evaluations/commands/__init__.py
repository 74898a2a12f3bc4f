"""Commands of evaluations: what visitors send, what reviewers decide, what is kept sealed."""

from panel.evaluations.commands.accusations import open_accusations
from panel.evaluations.commands.rechecking import keep, recheck
from panel.evaluations.commands.reviewing import (
    accept,
    confirm_void,
    propose_void,
    refuse_void,
    send_back,
)
from panel.evaluations.commands.sending import check, save_draft, submit

__all__ = [
    "accept",
    "check",
    "confirm_void",
    "keep",
    "open_accusations",
    "propose_void",
    "recheck",
    "refuse_void",
    "save_draft",
    "send_back",
    "submit",
]

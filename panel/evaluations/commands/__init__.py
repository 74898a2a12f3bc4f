"""Commands of evaluations: what visitors send, what reviewers decide, what is kept sealed."""

from panel.evaluations.commands.accusations import open_accusations
from panel.evaluations.commands.photos import add_photo, keep_place, remove_photo
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
    "add_photo",
    "check",
    "confirm_void",
    "keep",
    "keep_place",
    "open_accusations",
    "propose_void",
    "recheck",
    "refuse_void",
    "remove_photo",
    "save_draft",
    "send_back",
    "submit",
]

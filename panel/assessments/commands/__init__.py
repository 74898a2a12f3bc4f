"""Opening the year from a published ranking; what becomes of orders."""

from panel.assessments.commands.consequences import (
    answer_letter,
    hold_talk,
    propose,
    send_letter,
    withdraw_consequence,
)
from panel.assessments.commands.figures import enter_figures, import_figures
from panel.assessments.commands.lines import accept_line, appeal_line, receive_line
from panel.assessments.commands.marks import open_year
from panel.assessments.commands.plans import receive
from panel.assessments.commands.years import (
    amend,
    begin,
    compute,
    explain,
    export,
    finalise,
    freeze,
)

__all__ = [
    "accept_line",
    "amend",
    "answer_letter",
    "appeal_line",
    "begin",
    "compute",
    "enter_figures",
    "explain",
    "export",
    "finalise",
    "freeze",
    "hold_talk",
    "import_figures",
    "open_year",
    "propose",
    "receive",
    "receive_line",
    "send_letter",
    "withdraw_consequence",
]

"""Commands of rankings: compute, recount, tell the units, hear them, put on notice, publish.

Appeals have a module of their own (`panel.rankings.commands.appeals`), objections too.
"""

from panel.rankings.commands.closing import close, recompute
from panel.rankings.commands.hearing import answer, consider, notify
from panel.rankings.commands.procedure import carry_out, correct, finalise, sign
from panel.rankings.commands.publishing import (
    ASSESSMENT,
    RELEASE,
    open_notice,
    publish,
    record_release,
)
from panel.rankings.commands.recount import open_sealed, recount
from panel.rankings.commands.telling import appeal, dispute, receive, record_receipt, waive
from panel.rankings.commands.withholding import (
    confirm_withholding,
    decline_withholding,
    withhold,
)

__all__ = [
    "ASSESSMENT",
    "RELEASE",
    "answer",
    "appeal",
    "carry_out",
    "close",
    "confirm_withholding",
    "consider",
    "correct",
    "decline_withholding",
    "dispute",
    "finalise",
    "notify",
    "open_notice",
    "open_sealed",
    "publish",
    "receive",
    "recompute",
    "record_receipt",
    "record_release",
    "recount",
    "sign",
    "waive",
    "withhold",
]

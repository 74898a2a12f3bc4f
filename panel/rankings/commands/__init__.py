"""Commands of rankings: close, notify, answer, consider, publish, record what was written."""

from panel.rankings.commands.closing import close, recompute
from panel.rankings.commands.hearing import answer, consider, notify
from panel.rankings.commands.publishing import ASSESSMENT, RELEASE, publish, record_release

__all__ = [
    "ASSESSMENT",
    "RELEASE",
    "answer",
    "close",
    "consider",
    "notify",
    "publish",
    "recompute",
    "record_release",
]

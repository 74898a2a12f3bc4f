"""Commands of evaluations: what visitors send, what reviewers decide, what is kept sealed."""

from panel.evaluations.commands.accusations import open_accusations
from panel.evaluations.commands.batches import accept_batch, end_batch, start_batch
from panel.evaluations.commands.claiming import claim_next
from panel.evaluations.commands.counting import tallied
from panel.evaluations.commands.holding import hold, plan_revisit, release_hold
from panel.evaluations.commands.influence import (
    close_influence,
    open_influence,
    receive_influence,
    report_influence,
)
from panel.evaluations.commands.leads import (
    answer_lead,
    report_lead,
    take_lead,
    tie_lead,
)
from panel.evaluations.commands.paper import (
    enter,
    keep_scan,
    print_papers,
    reread,
    settle_paper,
    spoil,
)
from panel.evaluations.commands.photos import add_photo, keep_place, remove_photo
from panel.evaluations.commands.rechecking import keep, recheck
from panel.evaluations.commands.releases import (
    drop_results,
    make_results,
    release_results,
    screen_comment,
    withhold_comment,
)
from panel.evaluations.commands.reviewing import (
    accept,
    confirm_void,
    propose_void,
    refuse_void,
    send_back,
)
from panel.evaluations.commands.sending import check, save_draft, submit
from panel.evaluations.commands.weighing import weigh

__all__ = [
    "accept",
    "accept_batch",
    "add_photo",
    "answer_lead",
    "check",
    "claim_next",
    "close_influence",
    "confirm_void",
    "drop_results",
    "end_batch",
    "enter",
    "hold",
    "keep",
    "keep_place",
    "keep_scan",
    "make_results",
    "open_accusations",
    "open_influence",
    "plan_revisit",
    "print_papers",
    "propose_void",
    "receive_influence",
    "recheck",
    "refuse_void",
    "release_hold",
    "release_results",
    "remove_photo",
    "report_influence",
    "report_lead",
    "reread",
    "save_draft",
    "screen_comment",
    "send_back",
    "settle_paper",
    "spoil",
    "start_batch",
    "submit",
    "take_lead",
    "tallied",
    "tie_lead",
    "weigh",
    "withhold_comment",
]

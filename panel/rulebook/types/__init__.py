"""The rulebook: what a city decides about evaluating, as one frozen tree of values.

Chinese texts are required, English ones may be empty.
"""

from panel.rulebook.types.forms import Anchor, Form, Item, ItemKind, Section, Veto
from panel.rulebook.types.judging import Assessment, Band, PeerGroup, Publication, Ranking, Weights
from panel.rulebook.types.measures import Deadline, Rulebook, RulebookState, RulebookVersion
from panel.rulebook.types.seats import Check, Conduct, GroupQuota, Quota, Recruitment
from panel.rulebook.types.texts import Text
from panel.rulebook.types.training import (
    Case,
    Course,
    ModelAnswer,
    Picture,
    Question,
    Training,
    Unit,
)
from panel.rulebook.types.visiting import (
    Covert,
    Findings,
    Messages,
    Reviewing,
    Rounds,
    Targeting,
)

__all__ = [
    "Anchor",
    "Assessment",
    "Band",
    "Case",
    "Check",
    "Conduct",
    "Course",
    "Covert",
    "Deadline",
    "Findings",
    "Form",
    "GroupQuota",
    "Item",
    "ItemKind",
    "Messages",
    "ModelAnswer",
    "PeerGroup",
    "Picture",
    "Publication",
    "Question",
    "Quota",
    "Ranking",
    "Recruitment",
    "Reviewing",
    "Rounds",
    "Rulebook",
    "RulebookState",
    "RulebookVersion",
    "Section",
    "Targeting",
    "Text",
    "Training",
    "Unit",
    "Veto",
    "Weights",
]

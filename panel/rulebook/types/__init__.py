"""The rulebook: what a city decides about evaluating, as one frozen tree of values.

Chinese texts are required, English ones may be empty.
"""

from panel.rulebook.types.drafts import Change, DraftState, DraftView, DryRunState, DryRunView
from panel.rulebook.types.edits import (
    AddForm,
    AddItem,
    AddSection,
    AddVeto,
    Basics,
    Edit,
    FormHead,
    Groups,
    Move,
    Numbers,
    PutItem,
    PutVeto,
    Remove,
    SectionHead,
)
from panel.rulebook.types.forms import Anchor, Form, Item, ItemKind, Section, Veto
from panel.rulebook.types.judging import Assessment, Band, PeerGroup, Publication, Ranking, Weights
from panel.rulebook.types.measures import (
    Deadline,
    Frozen,
    Rulebook,
    RulebookState,
    RulebookVersion,
)
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
    "AddForm",
    "AddItem",
    "AddSection",
    "AddVeto",
    "Anchor",
    "Assessment",
    "Band",
    "Basics",
    "Case",
    "Change",
    "Check",
    "Conduct",
    "Course",
    "Covert",
    "Deadline",
    "DraftState",
    "DraftView",
    "DryRunState",
    "DryRunView",
    "Edit",
    "Findings",
    "Form",
    "FormHead",
    "Frozen",
    "GroupQuota",
    "Groups",
    "Item",
    "ItemKind",
    "Messages",
    "ModelAnswer",
    "Move",
    "Numbers",
    "PeerGroup",
    "Picture",
    "Publication",
    "PutItem",
    "PutVeto",
    "Question",
    "Quota",
    "Ranking",
    "Recruitment",
    "Remove",
    "Reviewing",
    "Rounds",
    "Rulebook",
    "RulebookState",
    "RulebookVersion",
    "Section",
    "SectionHead",
    "Targeting",
    "Text",
    "Training",
    "Unit",
    "Veto",
    "Weights",
]

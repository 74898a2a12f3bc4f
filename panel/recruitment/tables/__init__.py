"""Tables of recruitment, by subject."""

from panel.recruitment.tables.applications import (
    Application,
    ApplicationDraft,
    ImportRun,
    Nomination,
    NominationBar,
)
from panel.recruitment.tables.campaigns import Campaign, Period
from panel.recruitment.tables.lottery import (
    Drawn,
    FrozenPool,
    Lottery,
    NumberEntry,
    Slice,
)
from panel.recruitment.tables.notice import NoticeBatch, Noticed, Objection
from panel.recruitment.tables.paper import PaperEntry
from panel.recruitment.tables.terms import Correction, Proceeding, Renewal
from panel.recruitment.tables.vetting import (
    Listed,
    StaffCheck,
    StaffHit,
    StaffList,
    StaffMark,
    Vetting,
    VettingList,
)

__all__ = [
    "Application",
    "ApplicationDraft",
    "Campaign",
    "Correction",
    "Drawn",
    "FrozenPool",
    "ImportRun",
    "Listed",
    "Lottery",
    "Nomination",
    "NominationBar",
    "NoticeBatch",
    "Noticed",
    "NumberEntry",
    "Objection",
    "PaperEntry",
    "Period",
    "Proceeding",
    "Renewal",
    "Slice",
    "StaffCheck",
    "StaffHit",
    "StaffList",
    "StaffMark",
    "Vetting",
    "VettingList",
]

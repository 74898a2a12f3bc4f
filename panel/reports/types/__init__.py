"""Values of reports."""

from panel.reports.types.bulletins import (
    READABLE,
    BulletinAudience,
    BulletinDraft,
    BulletinKind,
    BulletinNote,
    BulletinState,
    BulletinView,
    PublishedBulletin,
)
from panel.reports.types.exports import (
    AllowanceLine,
    Board,
    DistrictLine,
    PlaceLine,
    SheetFilter,
    SheetLine,
)

__all__ = [
    "READABLE",
    "AllowanceLine",
    "Board",
    "BulletinAudience",
    "BulletinDraft",
    "BulletinKind",
    "BulletinNote",
    "BulletinState",
    "BulletinView",
    "DistrictLine",
    "PlaceLine",
    "PublishedBulletin",
    "SheetFilter",
    "SheetLine",
]

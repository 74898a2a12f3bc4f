"""Values of reports."""

from panel.reports.types.archive import (
    ArchivedFile,
    ArchiveItem,
    CheckedItem,
    PackageState,
    PackageView,
    Part,
    Presence,
)
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
    SheetRow,
)
from panel.reports.types.ledger import (
    LedgerKind,
    LedgerLine,
)
from panel.reports.types.scoreboard import (
    AppealMarks,
    RoundMarks,
    Scoreboard,
)

__all__ = [
    "READABLE",
    "AllowanceLine",
    "AppealMarks",
    "ArchiveItem",
    "ArchivedFile",
    "Board",
    "BulletinAudience",
    "BulletinDraft",
    "BulletinKind",
    "BulletinNote",
    "BulletinState",
    "BulletinView",
    "CheckedItem",
    "DistrictLine",
    "LedgerKind",
    "LedgerLine",
    "PackageState",
    "PackageView",
    "Part",
    "PlaceLine",
    "Presence",
    "PublishedBulletin",
    "RoundMarks",
    "Scoreboard",
    "SheetFilter",
    "SheetLine",
    "SheetRow",
]

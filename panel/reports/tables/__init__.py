"""Tables of reports: circulars and archive packages."""

from panel.reports.tables.archive import ArchivePackage
from panel.reports.tables.bulletins import Bulletin, BulletinAddition

__all__ = ["ArchivePackage", "Bulletin", "BulletinAddition"]

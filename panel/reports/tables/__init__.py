"""Tables of reports: circulars."""

from panel.reports.tables.bulletins import Bulletin, BulletinAddition

__all__ = ["Bulletin", "BulletinAddition"]

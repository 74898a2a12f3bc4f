"""When things happen in the story: counted back from today, so that its end is now."""

from __future__ import annotations

import datetime as dt

import msgspec

from panel.workdays import SHANGHAI


def morning_after(moment: dt.datetime) -> dt.datetime:
    """Return half past nine of the next day here."""
    day = moment.astimezone(SHANGHAI).date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(9, 30), tzinfo=SHANGHAI).astimezone(dt.UTC)


class Timeline(msgspec.Struct, frozen=True):
    """The story's simulated clock."""

    now: dt.datetime

    def days_ago(self, days: int, hour: int = 9, minute: int = 0) -> dt.datetime:
        """Return a moment in local office hours, some days before today."""
        day = self.now.astimezone(SHANGHAI).date() - dt.timedelta(days=days)
        local = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=SHANGHAI)
        return local.astimezone(dt.UTC)

    def back(self, days: int) -> Timeline:
        """Return the clock of what happened some days earlier."""
        return Timeline(self.now - dt.timedelta(days=days))

    def day(self, days: int) -> dt.date:
        """Return the local day, some days before today."""
        return self.days_ago(days).astimezone(SHANGHAI).date()

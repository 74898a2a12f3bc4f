"""Bounds of visits, of their review, and of what follows from a finding.

What a city frozen earlier did not say yet has a default here.
"""

from __future__ import annotations

import msgspec


class Rounds(msgspec.Struct, frozen=True):
    """Bounds of visits."""

    visits_per_window: int
    maximum_tasks_per_member: int
    rotation_days: int
    far_percent: int
    candidates_per_window: int
    grace_days: int
    rest_rounds: int = 1
    """Rounds that must lie between two visits of one member to one unit."""
    double_percent: int = 4
    """Share of the visits that a second member makes blindly, to measure agreement."""
    uniform_percent: int = 50
    """Share of a round's visits spread evenly; the rest goes where the lists are unclear."""
    cap_times: int = 3
    """Most visits of one place, in times of the mean."""
    confirming_visits: int = 4
    """Further visits that a confirming stage sends to each place it names."""
    shown_days_before: int = 3
    """Days before a visit may begin from which its member sees where it leads."""
    open_notice_days: int = 3
    """Days before an open visit on which its unit is told at the latest."""
    visit_cost_hundredths: int = 3000
    """What one visit costs the city in allowances, in hundredths of a yuan."""
    allowance_basis: str = ""
    """The document that sets the allowance."""


class Targeting(msgspec.Struct, frozen=True):
    """When complaints lead to a targeted evaluation, and how it is made."""

    upheld_at_least: int = 3
    per_transactions: int = 10_000
    top_percent: int = 10
    """Units among so many percent with the most upheld complaints are suggested too."""
    months: int = 3
    visitors: int = 9
    rest_days: int = 90
    """Days for which a drawn member is not drawn for another targeted evaluation."""


class Reviewing(msgspec.Struct, frozen=True):
    """What a reviewer is shown sooner, and how many clean sheets are looked at one by one."""

    fast_seconds: int = 60
    spot_check_percent: int = 10
    batch: int = 50
    extreme_hundredths: int = 3000
    """Distance from the mean of the same place's counted sheets that is flagged."""
    severe_hundredths: int = 1200
    """Mean distance of a member from others at the same places that is flagged."""
    feedback_sheets: int = 5
    """Counted sheets from which a member is told privately how strict the own marks are."""


class Findings(msgspec.Struct, frozen=True):
    """What follows from a finding, by its severity from 1 to 4."""

    independent_from: int = 3
    """Severity from which two independent items of evidence are needed."""
    independent_items: int = 2
    points: tuple[int, ...] = (1, 3, 6, 15)
    soft_percent: int = 80
    """Share of a time limit after which it is called near."""
    extensions: int = 1
    bodies: tuple[str, ...] = ("纪委监委", "市场监管部门", "公安机关", "主管部门")
    """Bodies to which a matter may be transferred."""


class Messages(msgspec.Struct, frozen=True):
    """When members may be written to; times are those of the city, ``HH:MM``."""

    quiet_from: str = "21:00"
    quiet_until: str = "08:00"
    before_due_hours: int = 24
    overdue_hours: int = 12
    most_reminders: int = 3
    sms_cost_hundredths: int = 5
    """Price of one text message, in hundredths of a yuan."""


class Covert(msgspec.Struct, frozen=True):
    """How covert visitors are kept unknown."""

    opening_minutes: int = 15
    """How long an identity stays open that two persons opened."""
    release_days: tuple[int, ...] = (1, 15)
    """Days of the month on which units are told results."""

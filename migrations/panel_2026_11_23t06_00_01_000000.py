"""Campaigns of the earlier way of drawing come to their places in the new life cycle."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from panel import db

ID = "2026-11-23T06:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "campaigns in their new states"

# What was drawn but not appointed goes back to its pool: nobody had been told yet.
STATES = {"committed": "screening", "drawn": "screening", "appointed": "completed"}


async def carry_over() -> None:
    for before, after in STATES.items():
        await db.raw("UPDATE campaign SET state = {} WHERE state = {}", after, before)
    await db.raw(
        "UPDATE application SET state = 'eligible' WHERE state IN ('selected', 'reserve') "
        "AND campaign IN (SELECT id FROM campaign WHERE state = 'screening')"
    )
    await db.raw(
        "UPDATE application SET state = 'not_selected' WHERE state = 'eligible' "
        "AND campaign IN (SELECT id FROM campaign WHERE state = 'completed')"
    )
    await db.raw(
        "UPDATE campaign SET completed_at = (SELECT max(appointed_at) FROM panel_draw "
        "WHERE panel_draw.campaign = campaign.id) WHERE state = 'completed'"
    )
    await db.raw(
        "INSERT INTO campaign_period (campaign, number, kind, opens_at, closes_at, reason, "
        "document, decided_at, decided_by) SELECT id, 1, 'first', opens_at, closes_at, '', "
        "document, announced_at, approver FROM campaign WHERE announced_at IS NOT NULL"
    )


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="panel", description=DESCRIPTION)
    manager.add_raw(carry_over)
    manager.drop_table(class_name="Draw", tablename="panel_draw", schema=None)
    return manager

"""The job that lets certificates lapse hands on what their holders had waiting."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from panel.db import Engine
from panel.members import queries as members
from panel.members.tables import Member
from panel.members.types import MemberState
from panel.settings import Settings
from panel.visits import queries
from panel.visits.types import TaskState
from panel.workdays import SHANGHAI
from tests.make import visits as make
from web import jobs, pictures
from web.i18n import gettext

pytestmark = pytest.mark.engines("sqlite", "postgres")


async def test_the_job_sends_back_to_the_course_and_hands_tasks_on(
    engine: Engine, settings: Settings
) -> None:
    setting = await make.running_round(members_count=16)
    actor, task = await make.accepted_task(setting)
    assert actor.member is not None
    last = make.DURING.astimezone(SHANGHAI).date()
    await Member.update({Member.qualified_until: last}).where(Member.code == actor.member)
    end = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    for at, state in ((end - timedelta(seconds=1), TaskState.ACCEPTED), (end, TaskState.DECLINED)):
        await jobs.RECURRING["members.lapse"].work(settings, {}, at)
        assert (await queries.task(task.code)).state is state
    assert (await members.member(actor.member)).state is MemberState.TRAINING


def test_a_picture_of_leaning_counts_every_sheet_and_names_no_one() -> None:
    drawn = pictures.leaning({-4: 2, 0: 5, 1: 1}, lambda text, **more: gettext("en", text, **more))
    assert drawn.count('class="bar"') == 9
    for label in ("-2", "0", "+2", "Leaning"):
        assert label in drawn
    assert pictures.leaning({}, lambda text, **more: gettext("zh", text, **more))

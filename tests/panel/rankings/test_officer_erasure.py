"""Who left is erased from the vault by two persons; the record keeps the post alone."""

from __future__ import annotations

import pytest

from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden
from panel.piccolo_app import our_tables
from panel.rankings.commands import officer_erasure as commands
from panel.rankings.commands import officers as cases
from panel.rankings.types.officers import CaseState
from panel.roster.queries import duty
from panel.roster.types import OfficerState, OfficerView
from panel.vault import queries as vault
from tests import people
from tests.make import officers as make

pytestmark = pytest.mark.usefixtures("engine")

LEFT = {"状态": "离职"}


async def gone(unit: int, number: int) -> OfficerView:
    """Return an officer after a table said that the post was left."""
    await make.officers([make.officer_row(unit, number, **LEFT)])
    return await make.officer(unit, number)


async def test_a_name_is_erased_by_two_persons_once_nothing_waits_for_it() -> None:
    place = await make.computed(list_size=1)
    about = await make.officer(3, 1)
    case = await make.brought(place, about, "bottom", CaseState.DECIDED)
    with pytest.raises(Conflict, match=r"officers\.case_open"):
        await commands.ask_to_erase(people.coordinator, about.code, at=make.AFTER)
    end = {"document": "决定4号", "text": "已离职", "at": make.AFTER}
    await cases.drop(people.coordinator, case.code, **end)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match=r"officer\.not_left"):
        await commands.ask_to_erase(people.coordinator, about.code, at=make.AFTER)
    await gone(3, 1)
    with pytest.raises(Forbidden):
        await commands.ask_to_erase(people.reviewer, about.code, at=make.AFTER)
    with pytest.raises(Conflict, match=r"officer\.erase_not_asked"):
        await commands.erase(people.second, about.code, at=make.AFTER)
    await commands.ask_to_erase(people.coordinator, about.code, at=make.AFTER)
    with pytest.raises(Conflict, match=r"officer\.erasing"):
        await commands.ask_to_erase(people.second, about.code, at=make.AFTER)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.erase(people.coordinator, about.code, at=make.AFTER)
    await commands.erase(people.second, about.code, at=make.AFTER)
    assert about.person not in await vault.opened([about.person], ["name"])
    found = await make.officer(3, 1)
    assert (found.post, found.erased_at) == (about.post, make.AFTER)
    assert await cases.look(people.auditor, [case.code], "核对", at=make.AFTER) == {}
    with pytest.raises(Conflict, match=r"officer\.gone"):
        await commands.erase(people.second, about.code, at=make.AFTER)
    assert (await audit.verify(our_tables())).findings == ()


@pytest.mark.engines("sqlite")
async def test_a_table_brings_no_erased_name_back_but_a_new_person() -> None:
    await make.computed(list_size=1)
    about = await gone(1, 2)
    await commands.ask_to_erase(people.coordinator, about.code, at=make.AFTER)
    await commands.keep(people.second, about.code, at=make.AFTER)
    with pytest.raises(Conflict, match=r"officer\.erase_not_asked"):
        await commands.keep(people.second, about.code, at=make.AFTER)
    await commands.ask_to_erase(people.coordinator, about.code, at=make.AFTER)
    await commands.erase(people.second, about.code, at=make.AFTER)
    again = await gone(1, 2)
    assert again.erased_at == make.AFTER
    assert about.person not in await vault.opened([about.person], ["name"])
    await make.officers([make.officer_row(1, 2)])
    back = await make.officer(1, 2)
    assert (back.state, back.erased_at) == (OfficerState.IN_POST, None)
    assert back.person != about.person
    assert back.person in await vault.opened([back.person], ["name"])
    assert len(await duty.officers()) > 1
    assert (await audit.verify(our_tables())).findings == ()

"""The sample city's staff: real accounts with a known password and codes shown on request."""

from __future__ import annotations

import datetime as dt
from typing import Final

from panel.accounts import commands, queries
from panel.actor import Actor, Role
from panel.demo.people import rows
from panel.ids import Code, PersonId
from panel.roster import queries as roster
from panel.vault.types import Identity

PASSWORD: Final = "sample-city-2026"  # noqa: S105 - of sample accounts only, whose codes the owner of the machine prints
_FOUNDER: Final = "admin"


async def staff(*, at: dt.datetime) -> dict[str, Actor]:
    """Create an account for every person of staff.csv; return the actors by sign-in name."""
    people = {row["登录名"]: row for row in rows("staff.csv")}
    founder = people.pop(_FOUNDER)
    identity = Identity(name=founder["姓名"], employer=founder["办公室"])
    await commands.found(identity, _FOUNDER, PASSWORD, at=at, sample=True)
    actors = {_FOUNDER: await queries.actor_named(_FOUNDER)}
    for number, (login, row) in enumerate(people.items(), 1):
        actors[login] = await _join(
            actors[_FOUNDER],
            login,
            Role(row["角色"]),
            row["办公室"],
            Identity(name=row["姓名"], phone=f"0537-000{number:04d}"),
            at=at,
        )
    return actors


async def liaison(
    administrator: Actor, login: str, office: str, unit: Code, person: PersonId, *, at: dt.datetime
) -> Actor:
    """Create the account of a unit's liaison, whose name the roster holds already."""
    return await _join(administrator, login, Role.LIAISON, office, person, at=at, unit=unit)


async def speaker(
    administrator: Actor, unit: Code, liaisons: dict[str, str], *, at: dt.datetime
) -> Actor:
    """Return who speaks for a unit, with an account made now if there is none; notes its name."""
    found = await roster.unit(unit)
    login = found.ref.lower()
    if login in liaisons:
        return await queries.actor_named(login)
    first = next(each for each in await roster.liaisons(unit) if not each.deputy)
    liaisons[login] = found.name
    return await liaison(administrator, login, found.name, unit, first.person, at=at)


async def _join(
    administrator: Actor,
    login: str,
    role: Role,
    office: str,
    identity: Identity | PersonId,
    *,
    at: dt.datetime,
    unit: Code | None = None,
) -> Actor:
    """Invite somebody, who then sets a password and confirms the second factor."""
    invitation = await commands.invite(
        administrator, login, [role], office, identity, at=at, unit=unit, sample=True
    )
    await commands.accept_invitation(invitation.token, PASSWORD, at=at)
    code = await queries.sample_code(login, at=at)
    await commands.confirm_totp(invitation.token, code, at=at)
    return await queries.actor_named(login)

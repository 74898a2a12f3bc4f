"""Stock people of the tests: one of each role, all of them different natural persons."""

from __future__ import annotations

from panel.actor import Actor, Role
from panel.ids import AccountId, Code, PersonId


def staff(number: int, name: str, office: str, *roles: Role) -> Actor:
    """Return a member of staff."""
    return Actor(
        account=AccountId(number),
        person=PersonId(number),
        roles=frozenset(roles),
        office=office,
        name=name,
    )


coordinator = staff(9001, "coordinator", "评议办", Role.COORDINATOR)
second = staff(9002, "second", "评议办", Role.COORDINATOR)
reviewer = staff(9003, "reviewer", "评议办", Role.REVIEWER)
second_reviewer = staff(9004, "reviewer2", "评议办", Role.REVIEWER)
publisher = staff(9005, "publisher", "评议办", Role.PUBLISHER)
administrator = staff(9006, "administrator", "信息科", Role.ADMINISTRATOR)
auditor = staff(9007, "auditor", "审计科", Role.AUDITOR)
clerk_a = staff(9008, "clerk-a", "公安", Role.VETTING_CLERK)
clerk_b = staff(9009, "clerk-b", "纪检", Role.VETTING_CLERK)
clerk_c = staff(9010, "clerk-c", "组织部", Role.VETTING_CLERK)
stranger = staff(9011, "stranger", "别处")


def liaison(unit: Code, number: int = 9020) -> Actor:
    """Return the liaison of a unit."""
    return Actor(
        account=AccountId(number),
        person=PersonId(number),
        roles=frozenset({Role.LIAISON}),
        unit=unit,
        name=f"liaison-{number}",
    )


def member(code: Code, number: int) -> Actor:
    """Return a member of the panel."""
    return Actor(
        account=AccountId(number),
        person=PersonId(number),
        roles=frozenset({Role.MEMBER}),
        member=code,
        name=f"member-{number}",
    )

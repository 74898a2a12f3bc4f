"""What anybody can check in a published file by counting, and what witnesses can check besides."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain

import msgspec

from panel.errors import Invalid
from panel.recruitment.rules.lottery import published
from panel.recruitment.rules.lottery.numbers import list_number
from panel.recruitment.rules.lottery.roster import (
    file_digest,
    proves,
    read_sealed,
    roster_root,
)
from panel.recruitment.types.lottery import (
    Check,
    Document,
    GroupQuota,
    PoolEntry,
    RosterEntry,
    RosterProof,
)


def verify(
    data: bytes,
    expected_sha: str | None = None,
    number: str | None = None,
    proof: bytes | None = None,
) -> tuple[Check, ...]:
    """Check a published file; what cannot be read fails `form` and is not looked at further.

    `file`: unchanged since it was written, and the file with the expected SHA-256 · `sizes`,
    `twice`, `known`, `counts`: of lists and tickets · `quotas`, `totals`, `hard`: bounds kept as
    told, recounted where the category shows it, hard groups on every list and in every reserve ·
    `number`: there is such a list · `proof`: an application stands in the published roster.
    """
    sealed = published.closes(data)
    same = expected_sha is None or file_digest(data) == expected_sha.strip().lower()
    checks = [Check("file", sealed and same)]
    try:
        found = published.read_document(data)
    except Invalid:
        return (*checks, Check("form", passed=False))
    checks.append(Check("form", passed=True))
    checks += [Check(code, rule(found)) for code, rule in _CHECKS.items()]
    if number is not None:
        checks.append(Check("number", _named(number, found)))
    if proof is not None:
        checks.append(Check("proof", _proved(proof, found)))
    return tuple(checks)


def check_sealed(data: bytes, sealed: bytes) -> tuple[Check, ...]:
    """Check with the sealed roster what the public cannot see: every quota, every address.

    `sealed.file`: it is the roster that was committed · `sealed.root`: its applications are the
    published ones · `sealed.pool`: the tickets and categories agree · `sealed.quotas`,
    `sealed.totals`, `sealed.addresses`: on every list.
    """
    try:
        found, roster = published.read_document(data), read_sealed(sealed)
        root = roster_root(roster)
    except (Invalid, ValueError):
        return (Check("sealed.file", passed=False),)
    pool = [
        PoolEntry(each.ticket, each.features, each.household) for each in roster if each.eligible
    ]
    facts, book = found.facts, found.book
    known = {(line.ticket, line.category) for line in found.tickets}
    same = known == {(entry.ticket, published.category(entry)) for entry in pool}
    checks = [
        Check("sealed.file", file_digest(sealed) == facts.sealed),
        Check("sealed.root", (root, len(roster)) == (facts.root, facts.applicants)),
        Check("sealed.pool", same),
    ]
    if not same or not _known(found):
        return (*checks, Check("sealed.quotas", passed=False))
    counted = published.totals(pool, book.lists, facts.plan)
    return (
        *checks,
        Check("sealed.quotas", all(_within(found, each) for each in counted)),
        Check("sealed.totals", counted == found.totals),
        Check("sealed.addresses", _one_an_address(found, roster)),
    )


def _one_an_address(found: Document, roster: Sequence[RosterEntry]) -> bool:
    homes = {entry.ticket: entry.household for entry in roster if entry.household is not None}
    for seats, spare in zip(found.book.lists, found.book.reserves, strict=True):
        shared = [homes[ticket] for ticket in (*seats, *spare) if ticket in homes]
        if len(set(shared)) != len(shared):
            return False
    return True


def _within(found: Document, counts: Sequence[int]) -> bool:
    bounds = published.rows(found.facts.plan)
    return len(counts) == len(bounds) and all(
        low <= count <= high for count, (_, _, _, low, high) in zip(counts, bounds, strict=True)
    )


def _sizes(found: Document) -> bool:
    plan = found.facts.plan
    return (
        len(found.book.lists) > 0
        and all(len(each) == plan.seats for each in found.book.lists)
        and all(len(each) <= plan.reserves for each in found.book.reserves)
        and len(found.tickets) <= found.facts.applicants
    )


def _once(found: Document) -> bool:
    tickets = [line.ticket for line in found.tickets]
    return len(set(tickets)) == len(tickets) and all(
        len({*seats, *spare}) == len(seats) + len(spare)
        for seats, spare in zip(found.book.lists, found.book.reserves, strict=True)
    )


def _known(found: Document) -> bool:
    tickets = {line.ticket for line in found.tickets}
    return tickets.issuperset(chain.from_iterable((*found.book.lists, *found.book.reserves)))


def _counts(found: Document) -> bool:
    seats = Counter(chain.from_iterable(found.book.lists))
    spare = Counter(chain.from_iterable(found.book.reserves))
    return all(
        (seats[line.ticket], spare[line.ticket]) == (line.seats, line.reserve)
        for line in found.tickets
    )


def _quotas(found: Document) -> bool:
    return all(_within(found, each) for each in found.totals)


def _totals(found: Document) -> bool:
    """Recount the totals of every quota and group that is about the category."""
    category = {line.ticket: line.category for line in found.tickets}
    bounds = published.rows(found.facts.plan)
    for seats, told in zip(found.book.lists, found.totals, strict=True):
        counts = Counter(category.get(ticket) for ticket in seats)
        for count, (_, feature, values, _, _) in zip(told, bounds, strict=True):
            own = sum(counts[value] for value in values)
            if feature == published.CATEGORY and own != count:
                return False
    return True


def _hard(found: Document) -> bool:
    category = {line.ticket: line.category for line in found.tickets}
    return all(
        _group_kept(found, group, category)
        for group in found.facts.plan.groups
        if group.hard and group.feature == published.CATEGORY
    )


def _group_kept(found: Document, group: GroupQuota, category: dict[str, str]) -> bool:
    """Tell whether a group has its minimum on every list, in proportion in every reserve."""
    total = found.facts.plan.seats
    for seats, spare in zip(found.book.lists, found.book.reserves, strict=True):
        held, kept = (
            sum(category.get(ticket) in group.values for ticket in each) for each in (seats, spare)
        )
        if held < group.minimum or kept * total < group.minimum * len(spare):
            return False
    return True


def _named(number: str, found: Document) -> bool:
    try:
        list_number(number, len(found.book.lists))
    except Invalid:
        return False
    return True


def _proved(proof: bytes, found: Document) -> bool:
    try:
        told = msgspec.json.decode(proof, type=RosterProof)
    except msgspec.MsgspecError:
        return False
    rooted = (told.root, told.size) == (found.facts.root, found.facts.applicants)
    in_pool = told.ticket in {line.ticket for line in found.tickets}
    return rooted and proves(told) and told.eligible == in_pool


_CHECKS: dict[str, Callable[[Document], bool]] = {
    "sizes": _sizes,
    "twice": _once,
    "known": _known,
    "counts": _counts,
    "quotas": _quotas,
    "totals": _totals,
    "hard": _hard,
}

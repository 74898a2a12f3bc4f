"""Reading and verifying the history."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Final

from piccolo.table import Table

from panel import keys
from panel.audit import rules
from panel.audit.tables import Entry, Link, SealedRow
from panel.audit.types import ChainCode, CovertDay, EntryView, Finding, Head, Trouble, Verification
from panel.chance import anchor
from panel.workdays import SHANGHAI

_CHUNK = 500
_PSEUDONYMS = "visitor:%"
_SEALED: Final = "influence.%"
"""Commands of which not even the existence is shown but to those who may know."""
_RETIRED: Final = frozenset({"panel_draw", "assessment_line"})
"""Tables that a migration took away; what the history holds of them stays, and is not compared."""


async def entries(
    *,
    before: int | None = None,
    limit: int = 50,
    pseudonyms: bool = True,
    sealed: bool = True,
) -> list[EntryView]:
    """Return the newest entries, older ones by passing the last id seen.

    A page for people leaves ``pseudonyms`` out: between the entry of a member who redeems a card
    and the next one of a pseudonym lies a moment, so that together they would tell who a visitor
    is. It shows `covert` instead. Without ``sealed`` what members reported to the discipline office
    is left out too.
    """
    rows = await Entry.raw(
        "SELECT e.id, e.at, e.command, e.actor, e.office, e.reason, e.document, e.detail, "
        "l.sequence FROM audit_entry e LEFT JOIN audit_link l ON l.entry = e.id "
        "WHERE e.id < {} AND e.actor NOT LIKE {} AND e.command NOT LIKE {} "
        "ORDER BY e.id DESC LIMIT {}",
        before or 2**31 - 1,
        "" if pseudonyms else _PSEUDONYMS,
        "" if sealed else _SEALED,
        limit,
    )
    return [EntryView(**row) for row in rows]


async def covert(*, since: dt.datetime, sealed: bool = True) -> list[CovertDay]:
    """Count the entries of pseudonyms by local day and command, the latest day first."""
    rows = await Entry.raw(
        "SELECT at, command FROM audit_entry WHERE actor LIKE {} AND at >= {} "
        "AND command NOT LIKE {}",
        _PSEUDONYMS,
        since,
        "" if sealed else _SEALED,
    )
    counts = Counter((row["at"].astimezone(SHANGHAI).date(), row["command"]) for row in rows)
    ordered = sorted(counts, key=lambda each: (-each[0].toordinal(), each[1]))
    return [CovertDay(day, command, counts[day, command]) for day, command in ordered]


async def head() -> Head:
    """Return the newest link of the chain."""
    last = (
        await Link.select(Link.sequence, Link.hash).order_by(Link.sequence, ascending=False).first()
    )
    return Head(last["sequence"], last["hash"]) if last else Head(0, rules.GENESIS)


async def unsealed() -> int:
    """Return how many committed entries the chain does not hold yet."""
    return int(await Entry.count()) - int(await Link.count())


async def seal_waits(*, since: dt.datetime) -> bool:
    """Tell whether an entry as old as that is not sealed yet."""
    return bool(
        await Entry.raw(
            "SELECT 1 FROM audit_entry WHERE at <= {} AND NOT EXISTS "
            "(SELECT 1 FROM audit_link WHERE audit_link.entry = audit_entry.id) LIMIT 1",
            since,
        )
    )


def chain_anchor() -> str:
    """Return the published start of the organiser's chain of draw codes."""
    return anchor(keys.current().secret("chain"), rules.CHAIN_LENGTH)


def chain_code(position: int) -> ChainCode:
    """Return a code of the chain that was revealed already (its draw record holds the position)."""
    return rules.chain_code(keys.current().secret("chain"), position)


async def verify(tables: Sequence[type[Table]], *, kept: Head | None = None) -> Verification:
    """Check entries, chain and every protected row of the tables against their digests.

    ``kept`` is a head that was stored elsewhere: a chain that no longer holds it was cut.
    """
    findings: list[Finding] = []
    known = await _verify_entries(findings)
    last = await _verify_chain(findings, known, kept)
    rows = await _verify_rows(findings, {table._meta.tablename: table for table in tables})  # noqa: SLF001
    return Verification(
        entries=len(known),
        unsealed=len(known) - last.sequence if last.sequence <= len(known) else 0,
        rows=rows,
        head=last,
        findings=tuple(findings),
    )


async def _verify_entries(findings: list[Finding]) -> dict[int, str]:
    """Recompute every entry's digest; return the stored digests by id."""
    known: dict[int, str] = {}
    for row in await Entry.select().order_by(Entry.id):
        facts = rules.entry_facts(
            *(
                row[name]
                for name in (
                    "at",
                    "command",
                    "actor",
                    "account",
                    "office",
                    "reason",
                    "document",
                    "detail",
                )
            )
        )
        if keys.current().hash("audit", facts) != row["digest"]:
            findings.append(Finding(Trouble.ENTRY_CHANGED, str(row["id"])))
        known[row["id"]] = row["digest"]
    return known


async def _verify_chain(findings: list[Finding], known: dict[int, str], kept: Head | None) -> Head:
    """Walk the chain from its start; return its head."""
    last = Head(0, rules.GENESIS)
    seen_kept = kept is None or kept.sequence == 0
    for row in await Link.select().order_by(Link.sequence):
        place = str(row["sequence"])
        if row["sequence"] != last.sequence + 1 or row["previous"] != last.hash:
            findings.append(Finding(Trouble.CHAIN_BROKEN, place))
        digest = known.get(row["entry"])
        if digest is None:
            findings.append(Finding(Trouble.ENTRY_DROPPED, place))
        elif rules.link_hash(row["previous"], row["sequence"], digest) != row["hash"]:
            findings.append(Finding(Trouble.CHAIN_BROKEN, place))
        last = Head(row["sequence"], row["hash"])
        seen_kept = seen_kept or last == kept
    if not seen_kept and kept is not None:
        findings.append(Finding(Trouble.TAIL_CUT, str(kept.sequence)))
    return last


async def _verify_rows(findings: list[Finding], tables: dict[str, type[Table]]) -> int:
    """Compare the newest digest of every protected row with the row as it stands."""
    newest: dict[tuple[str, int], tuple[str, str]] = {}
    for row in await SealedRow.select(
        SealedRow.relation, SealedRow.row, SealedRow.columns, SealedRow.digest
    ).order_by(SealedRow.id):
        newest[row["relation"], row["row"]] = (row["columns"], row["digest"])
    for relation in sorted({key[0] for key in newest} - _RETIRED):
        if relation not in tables:
            findings.append(Finding(Trouble.ROW_DROPPED, relation))
            continue
        stored = {row["id"]: row for row in await tables[relation].select()}
        sealed = {number for name, number in newest if name == relation}
        for number in sorted(sealed):
            columns, digest = newest[relation, number]
            if number not in stored:
                findings.append(Finding(Trouble.ROW_DROPPED, f"{relation} {number}"))
                continue
            values = {column: stored[number][column] for column in columns.split(",")}
            facts = rules.row_facts(relation, number, values)
            if keys.current().hash("audit", facts) != digest:
                findings.append(Finding(Trouble.ROW_CHANGED, f"{relation} {number}"))
        findings.extend(
            Finding(Trouble.ROW_UNRECORDED, f"{relation} {number}")
            for number in sorted(stored.keys() - sealed)
        )
    return len(newest)

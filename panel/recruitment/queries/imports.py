"""Reads of sheets on their way in: how far, what was wrong, whose receipts to print."""

from __future__ import annotations

from typing import Any

import msgspec

from panel import keys
from panel.db import raw
from panel.errors import Fault, Invalid, Missing, Value
from panel.ids import Code, PersonId
from panel.recruitment.queries import keyed
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules import nominations
from panel.recruitment.rules.sheets import PaperNomination
from panel.recruitment.tables import ImportRun, NominationBar
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.vetting import ImportState, RunView, Slip

_SEALED_WITH = "member"
_LIVING = (ImportState.QUEUED, ImportState.READING, ImportState.STAGING)


def context(code: str, column: str) -> str:
    """Return what the ciphertext of a run's column is bound to."""
    return f"application_import:{code}:{column}"


def sealed(code: str, column: str, plain: bytes) -> bytes:
    """Encrypt a column of a run: a sheet of names, and the faults that may quote it."""
    return keys.current().seal(_SEALED_WITH, plain, context(code, column))


def opened(code: str, column: str, stored: bytes) -> bytes:
    """Decrypt a column of a run."""
    return keys.current().open(_SEALED_WITH, stored, context(code, column))


def _run(row: dict[str, Any]) -> RunView:
    return RunView(
        id=row["id"],
        code=Code(row["code"]),
        campaign=Code(row["campaign_code"]),
        filename=row["filename"],
        state=ImportState(row["state"]),
        done=row["done"],
        total=row["total"],
        faults=row["fault_count"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def _select() -> Any:
    return ImportRun.select(
        ImportRun.id,
        ImportRun.code,
        ImportRun.campaign.code.as_alias("campaign_code"),
        ImportRun.filename,
        ImportRun.state,
        ImportRun.done,
        ImportRun.total,
        ImportRun.fault_count,
        ImportRun.started_at,
        ImportRun.ended_at,
    )


async def run(code: Code, *, campaign: Code | None = None) -> RunView:
    """Return one sheet on its way in; ``Missing`` where it is another campaign's."""
    row = await _select().where(ImportRun.code == code).first()
    if row is None or campaign not in {None, row["campaign_code"]}:
        raise Missing("import.unknown")
    return _run(row)


async def runs(campaign: CampaignView) -> list[RunView]:
    """Return the sheets of a campaign, the newest first."""
    rows = (
        await _select()
        .where(ImportRun.campaign == campaign.id)
        .order_by(ImportRun.id, ascending=False)
    )
    return [_run(row) for row in rows]


async def living(campaign: CampaignView) -> bool:
    """Tell whether a sheet of the campaign is on its way in."""
    return await ImportRun.exists().where(
        ImportRun.campaign == campaign.id, ImportRun.state.is_in([each.value for each in _LIVING])
    )


async def content(code: Code) -> bytes:
    """Return the bytes of an uploaded sheet while it is on its way in."""
    row = await ImportRun.select(ImportRun.sealed).where(ImportRun.code == code).first()
    if row is None or not row["sealed"]:
        raise Missing("import.unknown")
    return opened(code, "sealed", bytes(row["sealed"]))


class _Refused(msgspec.Struct):
    """A refusal as it is stored with its run."""

    code: str
    values: dict[str, Value]
    faults: list[Fault]


def packed(code: str, refused: Invalid) -> bytes:
    """Return a refusal sealed for its run."""
    plain = _Refused(refused.code, dict(refused.values), list(refused.faults))
    return sealed(code, "faults", msgspec.json.encode(plain))


async def refusal(code: Code) -> Invalid | None:
    """Return why a sheet was refused, by row and column; None of one that was not."""
    row = await ImportRun.select(ImportRun.faults).where(ImportRun.code == code).first()
    if row is None or not row["faults"]:
        return None
    found = msgspec.json.decode(opened(code, "faults", bytes(row["faults"])), type=_Refused)
    return Invalid(found.code, *found.faults, **found.values)


async def staged(code: Code) -> list[dict[str, Any]]:
    """Return the columns of a run's staged rows that the history will keep digests of."""
    return await raw(
        "SELECT id, code, campaign, person, category, district, sex, age_band, household "
        "FROM application WHERE run = {} AND state = {} ORDER BY id",
        code,
        ApplicationState.STAGED,
    )


async def barred(nominations_found: list[tuple[int, PaperNomination]]) -> list[int]:
    """Return the rows whose organisation or nominator may not nominate any more."""
    if not nominations_found:
        return []
    marks = {row["mark"] for row in await NominationBar.select(NominationBar.mark)}
    return [
        row
        for row, each in nominations_found
        if any(
            keyed.bar_mark(kind, plain) in marks
            for kind, plain in nominations.bars(each.organisation, each.name, each.phone).items()
        )
    ]


def printable(campaign: CampaignView) -> bool:
    """Tell whether the receipts of a campaign's sheets can still be printed."""
    return rules.receipts_printable(campaign)


async def prints(code: Code, size: int) -> list[int]:
    """Return after which row each print of a sheet's receipts begins: 0, then every so many."""
    rows = await raw(
        "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM application "
        "WHERE run = {}) AS numbered WHERE place % {} = 0 ORDER BY id",
        code,
        size,
    )
    return [0, *(row["id"] for row in rows)]


async def slips(campaign: CampaignView, code: Code, *, limit: int, after: int = 0) -> list[Slip]:
    """Return the receipts of so many rows of an imported sheet after one, in its order.

    Who withdrew is left out and nobody moves up. Names are a logged look. Refused once the pool is
    frozen; whoever lost a receipt comes in person then.
    """
    rules.may_print_receipts(campaign)
    rows = await raw(
        "SELECT code, key, person, received_at FROM (SELECT id, code, key, person, received_at, "
        "state FROM application WHERE run = {} AND id > {} ORDER BY id LIMIT {}) AS print "
        "WHERE state NOT IN ({}, {}) ORDER BY id",
        code,
        after,
        limit,
        ApplicationState.STAGED,
        ApplicationState.WITHDRAWN,
    )
    return [
        Slip(
            ticket=Code(row["code"]),
            receipt=keyed.receipt_code(row["key"]),
            person=PersonId(row["person"]),
            received_at=row["received_at"],
        )
        for row in rows
    ]

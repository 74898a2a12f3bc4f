"""A round's archive package: packed piece by piece by a worker, the same bytes for the same facts.

Beside the files stand the catalogue, as it is printed, and the list of SHA-256 sums.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from panel.ids import Code
from panel.reports.commands import archive as commands
from panel.reports.queries import archive as queries
from panel.reports.types import ArchivedFile, CheckedItem, Part
from panel.settings import Settings
from panel.visits import queries as visits
from web.i18n import gettext

ZIP: Final = "application/zip"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_CATALOGUE: Final = "00-catalogue.txt"
_SUMS: Final = "SHA256SUMS"


async def pack(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Pack a round: the job; one that a stopped worker left begins anew."""
    del settings
    package = await queries.package(Code(payload["package"]))
    if not package.running:
        return
    view = await visits.round(package.round_code)
    parts: list[Part] = []
    async for part in queries.parts(view, at=at):
        parts.append(part)
        if not await commands.advance(package, len(parts)):
            return
    checklist = [
        CheckedItem(part.item, part.presence, tuple(path for path, _ in part.files))
        for part in parts
    ]
    files = [file for part in parts for file in part.files]
    head = f"{view.draft.title} {view.code}"
    whole = [(_CATALOGUE, catalogue(head, checklist, listed(files)).encode()), *files]
    data = bundle([*whole, (_SUMS, sums(listed(whole)).encode())])
    await commands.finish(package, data, checklist, listed(whole), at=at)


def listed(files: Sequence[tuple[str, bytes]]) -> list[ArchivedFile]:
    """Return the files with their sizes and hashes."""
    return [ArchivedFile(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in files]


def sums(files: Sequence[ArchivedFile]) -> str:
    """Write the hashes as ``sha256sum -c`` reads them."""
    return "".join(f"{each.hash}  {each.path}\n" for each in files)


def catalogue(head: str, checklist: Sequence[CheckedItem], files: Sequence[ArchivedFile]) -> str:
    """Write what a package holds and what is missing, in Chinese as it goes to the archive."""
    of_path = {each.path: each for each in files}
    lines = [gettext("zh", "Archive catalogue"), head, ""]
    for number, item in enumerate(checklist, 1):
        name = gettext("zh", f"archive.item.{item.item}")
        presence = gettext("zh", f"archive.presence.{item.presence}")
        lines.append(f"{number:02} {name} [{presence}]")
        lines += [f"   {path}  {of_path[path].bytes}  {of_path[path].hash}" for path in item.files]
    return "\n".join(lines) + "\n"


def bundle(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Return a ZIP of files without any time in it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files:
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return data.getvalue()

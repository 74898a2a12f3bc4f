"""Writing what is due: every publication whose files are not recorded yet."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from pathlib import Path
from typing import Any, Final

from panel.actor import SYSTEM
from panel.assessments import commands as assessments
from panel.errors import Conflict
from panel.ids import Code
from panel.rankings import commands, queries
from panel.rankings.checker import verify_release
from panel.rankings.types import Kind
from panel.settings import Settings
from web import assets
from web.i18n import Lang
from web.release import manifest, overlay
from web.release.content import Content, gathered
from web.release.pages import Writer
from web.release.store import Release, point, pressed, store

_LANGS: Final[tuple[Lang, ...]] = ("zh", "en")
_ASSETS: Final = ("app.css", "app.js", "icon.svg")


async def write_due(settings: Settings, *, at: dt.datetime) -> list[str]:
    """Write every publication whose files are not recorded yet; return their hashes.

    May run twice, also at once: the files of a publication are the same each time.
    """
    written: list[str] = []
    newest = ""
    for each in reversed(await queries.publications()):
        if not each.manifest_hash:
            found = await gathered(each, newest)
            release = await asyncio.to_thread(build, settings, found)
            await asyncio.to_thread(store, settings.releases_dir, release)
            await commands.record_release(each.sequence, release.hash, newest, at=at)
            written.append(release.hash)
            newest = release.hash
        else:
            newest = each.manifest_hash
    if newest:
        await asyncio.to_thread(point, settings.releases_dir, newest)
        await overlay.refresh(settings, at=at)
    return written


async def release_job(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Write what is due: the job ``rankings.release``."""
    del payload
    await write_due(settings, at=at)


async def assessment_job(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Open the year from a published ranking: the job ``assessments.open``; twice is once."""
    del settings
    try:
        await assessments.open_year(SYSTEM, Code(payload["round"]), at=at)
    except Conflict as known:
        if known.code != "assessment.opened":
            raise


def build(settings: Settings, content: Content) -> Release:
    """Render all files of a publication: a pure function of its content and the settings."""
    front = assets.load()
    files: dict[str, bytes] = {}
    for name in _ASSETS:
        hashed = front.url(name).removeprefix(front.prefix)
        asset = front.find(hashed)
        if asset is not None:
            files[f"rankings/static/{hashed}"] = asset.body
    files |= manifest.data_files(content)
    files["rankings/verify_release.py"] = Path(verify_release.__file__).read_bytes()
    digest = hashlib.sha256(files[f"{manifest.DATA}/rankings.json"]).hexdigest()
    for lang in _LANGS:
        for kind in Kind:
            files[f"{manifest.DATA}/{kind.value}s-{lang}.csv"] = manifest.table(content, lang, kind)
        for large in (False, True):
            files |= Writer(settings, content, front, lang, large=large).pages(digest)
        first = f"{lang}/index.html"
        files[first] = Writer(settings, content, front, lang, large=False).start(first)
    files["index.html"] = Writer(settings, content, front, "zh", large=False).start("index.html")
    twins = pressed(files)
    return Release(files, twins, manifest.manifest(content, files, twins))

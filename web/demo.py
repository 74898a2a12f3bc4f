"""Playing the sample city on a terminal: progress bars, and how to go on by hand."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from panel import clock
from panel.accounts import queries as accounts
from panel.audit import commands as audit
from panel.demo import cast, serving, stories
from panel.settings import Settings
from web import jobs, worker
from web.runtime import StartFault, opened

NOTES: Final = "sample-city.json"
_STEPS: Final = {
    "found": "建市 · staff and measures",
    "roster": "单位名录 · roster",
    "apply": "报名 · applications",
    "screen": "资格审查 · screening",
    "draw": "抽签 · lottery, a thousand lists",
    "notice": "公示与异议 · notice, objections",
    "appoint": "聘任与培训 · appointment, training",
    "serve": "任期 · a term, month by month",
    "cards": "制证 · member cards",
    "assign": "派单 · round planned and drawn",
    "answer": "接单 · members answer",
    "visit": "走访与审核 · visits and review",
    "rank": "排名与公布 · ranking, publication",
    "second_answer": "第二轮接单 · members answer again",
    "second_visit": "第二轮走访 · second round, visits",
    "follow": "整改与考核 · orders, annual marks",
    "round1": "第一轮走访 · first round",
    "round2": "第二轮走访 · second round",
    "round3": "第三轮走访 · third round",
    "round4": "第四轮走访 · fourth round",
    # A terminal is 80 columns wide: a longer text would leave no room for bar and figures.
    "next": "第二轮与问题 · second round, findings",
}

_STAFF: Final = {
    "coordinator": "经办人 · plans rounds, recruits, runs the office",
    "approver": "第二经办人 · approves what coordinator proposed",
    "reviewer1 reviewer2": "审核员 · review sheets",
    "publisher": "发布人 · publishes rankings",
    "independent": "独立复核员 · decides appeals",
    "vetting1 vetting2": "资格审查员 · vet applicants",
    "intake": "受理员 · take in paper and objections",
    "auditor": "审计员 · reads everything, changes nothing",
    "admin": "管理员 · accounts",
}
"""Sign-in names of the sample staff, with what each of them does."""


async def play(
    settings: Settings, console: Console, story: str, *, scale: float, reset: bool, if_empty: bool
) -> None:
    """Play the story into an empty city; with ``reset`` throw the old sample city away first."""
    notes = settings.data_dir / NOTES
    if reset:
        _reset(settings, notes)
    async with opened(settings, migrate=True) as runtime:
        if await accounts.accounts():
            if not if_empty:
                raise StartFault(f"a city stands here already; panel demo --story {story} --reset")
            _tell(console, settings, notes)
            return
        now = clock.now()
        ending = stories.Ending()
        seed = hashlib.sha256(b"panel sample city").hexdigest()
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        ) as bars:
            lines: dict[str, TaskID] = {}
            async for step in stories.STORIES[story](scale, seed, now, ending):
                if step.step not in lines:
                    lines[step.step] = bars.add_task(_STEPS[step.step], total=step.total)
                bars.update(lines[step.step], completed=step.done, total=step.total)
            while await worker.once(runtime.settings, "demo", list(jobs.KINDS), jobs.KINDS, {}):
                pass
            while await audit.seal_chain():
                pass
        notes.write_bytes(msgspec.json.format(msgspec.json.encode(ending)))
        notes.chmod(0o600)
        _tell(console, settings, notes)


def _reset(settings: Settings, notes: Path) -> None:
    """Throw away the sample city of the embedded database, and nothing else."""
    if not settings.embedded:
        raise StartFault(
            "--reset works on the embedded SQLite file only; empty PostgreSQL yourself"
        )
    if settings.database_path.exists() and not notes.exists():
        raise StartFault("this is no sample city; --reset throws only a sample city away")
    for path in settings.data_dir.glob(f"{settings.database_path.name}*"):
        path.unlink()
    shutil.rmtree(settings.releases_dir, ignore_errors=True)
    notes.unlink(missing_ok=True)


def _tell(console: Console, settings: Settings, notes: Path) -> None:
    """Print addresses, sign-ins and a QR to try the city by hand."""
    if not notes.exists():
        return
    ending = msgspec.json.decode(notes.read_bytes(), type=stories.Ending)
    base = settings.base_url
    console.print(f"\n[b]样板城市 · Sample city[/b]   {base}")
    console.print("  Served by [b].venv/bin/panel serve[/b]; make run starts it now.")
    if ending.told.ended:
        _tell_term(console, ending.told)
    else:
        console.print(f"  排名 · rankings          {base}/rankings")
        console.print(f"  整改 · outcomes          {base}/zh/outcomes")
    if ending.open_campaign:
        console.print(f"  招募 · recruitment       {base}/zh/recruitment/{ending.open_campaign}")
    console.print(f"  评议办法 · measures      {base}/zh/measures")
    console.print(f"\n[b]工作人员 · Staff[/b]   {base}/sign-in   password [b]{cast.PASSWORD}[/b]")
    for names, duty in _STAFF.items():
        console.print(f"  {names:<24} {duty}")
    console.print("  单位联络员 · liaisons of units, who read and answer their results:")
    for login, unit in ending.liaisons.items():
        console.print(f"  {login:<24} {unit}")
    console.print("  one-time code: [b].venv/bin/panel demo code NAME[/b]")
    if not ending.card_number:
        return
    console.print(f"\n[b]监督员 · Panel member[/b]   {base}/m/sign-in")
    console.print(f"  card [b]{ending.card_number}[/b]   PIN [b]{stories.PIN}[/b]")
    card = f"{base}/m/card/{ending.fresh_card}"
    console.print(f"\n新证 · a fresh card, last digits of the phone [b]{ending.fresh_digits}[/b]:")
    console.print(f"  {card}", soft_wrap=True)
    import qrcode

    code = qrcode.QRCode(border=1)
    code.add_data(card)
    code.print_ascii(invert=True)
    console.print("On a real phone: .venv/bin/panel serve --lan (the address is printed there).")


def _tell_term(console: Console, told: serving.Told) -> None:
    """Print what happened in two years."""
    for text in (
        f"{told.resigned} 人辞任 resigned, 1 人解聘 dismissed",
        f"{told.moved_up} 人递补 moved up, 80% 告警 alarms {told.alarms}",
        f"{told.erased} 人信息已删除 erased, {told.reminded} 人提醒 reminded",
        f"{told.renewed} 人续任 renewed, {told.refused} 人未准 refused",
        f"{told.ended} 人届满 ended",
    ):
        console.print(f"  任期 · the term          {text}", soft_wrap=True)

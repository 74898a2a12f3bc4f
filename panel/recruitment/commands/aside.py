"""Heavy arithmetic in a process of its own, so that pages stay quick and a stop is a stop."""

from __future__ import annotations

import asyncio
import sys
from typing import Final

import msgspec

from panel.recruitment.rules import turns
from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.types.lottery import Feasibility
from panel.recruitment.types.runs import Turn, Weighing, Work

SMALL: Final = 400
"""Up to so many applicants the arithmetic is quicker than the start of a process."""
_PROGRAM: Final = (
    "import os, sys\n"
    "os.nice(5)\n"  # pages come first
    "from panel.recruitment.rules import turns\n"
    "sys.stdout.buffer.write(turns.answer(sys.stdin.buffer.read()))\n"
)


class StumbledError(RuntimeError):
    """The process ended without an answer."""


async def turn(work: Work) -> Turn:
    """Make a run's next lists; a refusal comes back as part of the turn."""
    if len(work.people) <= SMALL:
        return await asyncio.to_thread(turns.turn, work)
    return msgspec.json.decode(await _asked(work), type=Turn)


async def weigh(weighing: Weighing) -> Feasibility:
    """Weigh quotas against people."""
    if len(weighing.people) <= SMALL:
        return await asyncio.to_thread(feasibility, weighing.people, weighing.plan)
    return msgspec.json.decode(await _asked(weighing), type=Feasibility)


async def _asked(question: Work | Weighing) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        answer, complaint = await process.communicate(msgspec.json.encode(question))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise StumbledError(last.partition(":")[0])  # the kind of fault, no values of anybody
    return answer

"""Waiting for what a test can't be told of: bounded, and as long as a busy machine may need."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

PATIENCE: Final = 300.0
"""Seconds: a machine that stands still for a while is no fault of the code."""


async def until(met: Callable[[], bool | Awaitable[bool]]) -> None:
    """Ask again and again until something is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = met()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)

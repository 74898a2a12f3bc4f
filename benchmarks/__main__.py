"""All measurements in one table: `python -m benchmarks`, or some of them by name."""

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

SUBJECTS = {
    "engines": "Engines beside the bare drivers, on one connection",
    "pages": "Pages beside raw ASGI: CPU of the server per request",
    "lottery": "The lottery: CPU seconds, ratios to a bare linear programme, memory",
    "draws": "Assignment: CPU seconds",
    "rankings": "Rankings: one fit of a million visits, one more sheet, whole lists",
    "publishing": "Publications: a page beside a static server, checking, the floor of five",
    "rounds": "A thousand simulated rounds, judged by an independent checker",
    "evaluations": "Sheets sent in",
    "exports": "Lists to take out: CPU seconds, memory",
    "imports": "Applications: a sheet of 50,000, forms sent all at once",
}


def main(names: list[str]) -> int:
    """Run each subject in a process of its own, so that none changes another; tell failures."""
    known = [name for name in SUBJECTS if Path(__file__).with_name(f"{name}.py").exists()]
    if unknown := set(names) - set(known):
        print(f"no such measurement: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return 2
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}")
    failed = []
    for name in names or known:
        print(f"\n{SUBJECTS[name]} ({name})\n{'-' * 78}", flush=True)
        begin = time.perf_counter()
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - ourselves
            failed.append(name)
        print(f"{'':42} in {time.perf_counter() - begin:.0f} s", flush=True)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

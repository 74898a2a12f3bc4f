"""The page of a draw, its record and the checker, as a stranger finds them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from click.testing import CliRunner

from panel import db
from panel.visits import commands, queries
from panel.visits.queries import draws
from tests import people
from tests.make import visits as make
from tests.web.conftest import Browser
from web.cli import main

Browse = Callable[..., Browser]


async def test_a_stranger_checks_a_draw_with_the_shipped_program_and_the_command(
    engine: db.Engine, browse: Browse, tmp_path: Path
) -> None:
    setting = await make.running_round(double_percent=10)
    code = setting.round.code
    page = (await browse().get(f"/en/rounds/{code}/draw")).text
    assert draws.commitment_hash(setting.round) in page
    assert "verify_draw.py" in page
    record = (await browse().get(f"/en/rounds/{code}/draw.json")).content
    program = await browse().get("/en/draw/verify_draw.py")
    (tmp_path / "draw.json").write_bytes(record)
    (tmp_path / "verify_draw.py").write_bytes(program.content)
    command = [sys.executable, "-I", "verify_draw.py", "draw.json"]
    done = subprocess.run(  # noqa: ASYNC221 - a program of our own
        command, cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    told = CliRunner().invoke(main, ["draw", "verify", str(tmp_path / "draw.json")])
    assert told.exit_code == 0, told.output
    assert draws.commitment_hash(setting.round) in told.output
    (tmp_path / "draw.json").write_bytes(record.replace(b'"k":', b'"K":'))
    assert CliRunner().invoke(main, ["draw", "verify", str(tmp_path / "draw.json")]).exit_code == 1


async def test_while_covert_visits_go_on_only_fingerprints_are_public(
    engine: db.Engine, browse: Browse
) -> None:
    setting = await make.running_round(covert_percent=50)
    code = setting.round.code
    record = (await browse().get(f"/zh/rounds/{code}/draw.json")).text
    page = (await browse().get(f"/zh/rounds/{code}/draw")).text
    seed = await queries.seed(setting.round.id)
    for task in await queries.round_tasks(setting.round.id):
        assert task.visitor not in record + page
        assert task.code not in record + page
    for place in await queries.frozen_places(setting.round):
        assert place.code not in record + page
        assert place.unit_code not in record + page
    assert seed not in record + page
    await commands.close(people.coordinator, code, at=make.after(8))
    later = await browse().get(f"/zh/rounds/{code}/draw")
    assert later.status_code == HTTPStatus.OK
    assert seed in later.text

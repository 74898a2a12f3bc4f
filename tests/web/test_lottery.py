"""The command that checks a published lottery says plainly what holds."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from panel import chance
from panel.recruitment.rules import lottery
from panel.recruitment.types.lottery import DrawPlan, Facts, GroupQuota, PoolEntry, RosterEntry
from web.cli import main
from web.i18n import LOCALES, catalogue

SEED = chance.digest("a committed code")
ROSTER = [
    RosterEntry(
        f"T{i:02}", (("category", ("resident", "official")[i % 3 // 2]),), i != 5, f"salt {i}", None
    )
    for i in range(30)
]
PLAN = DrawPlan(5, 1, (), (GroupQuota("citizens", "category", ("resident",), 4),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Publish a small lottery with a proof and the sealed roster."""
    pool = [PoolEntry(e.ticket, e.features, e.household, e.salt) for e in ROSTER if e.eligible]
    prepared = lottery.prepare(pool, PLAN, SEED, 20)
    book = lottery.deal(pool, prepared, (lottery.extend(pool, prepared, (), 20),), SEED)
    sealed = lottery.sealed_roster(ROSTER)
    facts = Facts(
        "2026", SEED, lottery.roster_root(ROSTER), len(ROSTER), PLAN, (), lottery.LEXIMIN,
        lottery.library(), SEED, lottery.file_digest(sealed),
    )  # fmt: skip
    (tmp_path / "lottery.txt").write_bytes(lottery.document(pool, book, facts))
    (tmp_path / "sealed.txt").write_bytes(sealed)
    proof = msgspec.json.encode(lottery.roster_proof(ROSTER, "T05"))
    (tmp_path / "proof.json").write_bytes(proof)
    return tmp_path


def run(folder: Path, *options: str) -> Result:
    """Run the command on the published file."""
    own = [str(folder / each) if each.endswith((".txt", ".json")) else each for each in options]
    return CliRunner().invoke(main, ["lottery", "verify", str(folder / "lottery.txt"), *own])


def test_a_true_lottery_holds(folder: Path) -> None:
    digest = lottery.file_digest((folder / "lottery.txt").read_bytes())
    done = run(
        folder, "--sha256", digest, "--number", "007", "--proof", "proof.json",
        "--sealed", "sealed.txt",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "List 007: 5 members" in done.output
    assert "所查各项全部相符。" in done.output
    assert "lottery." not in done.output  # every text is there
    assert "WRONG" not in done.output


@pytest.mark.parametrize(
    "options",
    [
        ("--sha256", "0" * 64),
        ("--number", "020"),
        ("--number", "7"),
        ("--proof", "sealed.txt"),
        ("--sealed", "lottery.txt"),
    ],
)
def test_what_does_not_hold_is_told(folder: Path, options: tuple[str, ...]) -> None:
    done = run(folder, *options)
    assert done.exit_code == 1
    assert done.output.count("WRONG: ") == 1
    assert "Something does not hold" in done.output


def test_a_changed_file_is_told(folder: Path) -> None:
    path = folder / "lottery.txt"
    path.write_bytes(path.read_bytes().replace(b"T00", b"T01", 1))
    done = run(folder)
    assert done.exit_code == 1
    assert "不符：" in done.output


def test_every_check_has_words_in_both_languages(folder: Path) -> None:
    data, sealed = (folder / "lottery.txt").read_bytes(), (folder / "sealed.txt").read_bytes()
    checks = (*lottery.verify(data, None, "000", b"{}"), *lottery.check_sealed(data, sealed))
    assert len(checks) == 17
    for lang in LOCALES:
        assert {f"lottery.check.{check.code}" for check in checks} <= catalogue(lang).keys()

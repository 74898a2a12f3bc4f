"""Anybody checks a release: whatever is changed in it is noticed."""

from __future__ import annotations

import ast
import copy
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from panel.rankings.checker import verify_release
from panel.settings import Settings
from tests.make import rankings as make
from web import release, releases
from web.cli import main

pytestmark = pytest.mark.usefixtures("engine")
DATA = "rankings/data"
Json = Any


_KEPT: dict[str, Path] = {}


@pytest.fixture
async def folder(
    settings: Settings, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a copy of a small city's newest release, the one before beside it.

    It is made once for all tests and thinned out: most pages are left away, so that it is read
    quickly.
    """
    if not _KEPT:
        await make.published(make.few(), offices=1)
        before, newest = await release.write_due(settings, at=make.LATE)
        kept = tmp_path_factory.mktemp("releases")
        shutil.copytree(settings.releases_dir / before, kept / before)
        shutil.copytree(settings.releases_dir / newest, kept / "copy")
        _KEPT["folder"] = kept
        _KEPT["whole"] = Path(shutil.copytree(settings.releases_dir, kept / "whole", symlinks=True))
    for each in _KEPT["folder"].iterdir():
        shutil.copytree(each, tmp_path / each.name, symlinks=True)
    thin(tmp_path / "copy")
    return tmp_path / "copy"


def before(folder: Path) -> Path:
    """Return the release before."""
    return next(each for each in folder.parent.iterdir() if len(each.name) == 64)


def thin(folder: Path) -> None:
    """Leave most pages away."""
    manifest = read(folder, "manifest.json")
    pages = [each for each in manifest["files"] if each.endswith(".html")]
    for name in [each for number, each in enumerate(pages) if number % 5]:
        del manifest["files"][name]
        manifest["twins"].pop(f"{name}.br", None)
        for twin in ("", ".br", ".gz"):
            (folder / f"{name}{twin}").unlink(missing_ok=True)
    forge(folder, "manifest.json", manifest)


def failed(folder: Path, **more: Any) -> list[str]:
    """Return what does not hold."""
    return [name for name, holds in verify_release.check(folder, **more) if not holds]


def read(folder: Path, name: str) -> Json:
    """Return a file of a release as data."""
    return json.loads((folder / name).read_bytes())


def forge(folder: Path, name: str, value: Json) -> None:
    """Write a file and make the manifest agree with it, as somebody would who owns the folder."""
    manifest = read(folder, "manifest.json")
    if name == "manifest.json":
        manifest = value
    else:
        body = json.dumps(value, ensure_ascii=False).encode()
        (folder / name).write_bytes(body)
        for twin in (".br", ".gz"):
            (folder / f"{name}{twin}").unlink(missing_ok=True)
        manifest["twins"].pop(f"{name}.br", None)
        manifest["files"][name] = hashlib.sha256(body).hexdigest()
    text = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(text)
    digest = hashlib.sha256(text).hexdigest()
    (folder / "manifest.sha256").write_text(f"{digest}  manifest.json\n")


def test_a_true_release_holds_and_so_does_the_one_before(folder: Path) -> None:
    found = dict(verify_release.check(folder))
    assert all(found.values())
    assert {"hash", "files", "manifest", "rulebook", "receipts", "chain", "corrections"} <= {*found}
    assert sum(name.startswith("scores ") for name in found) >= 3
    assert failed(before(folder)) == []
    rows = [row for one in read(folder, f"{DATA}/rankings.json")["lists"] for row in one["rows"]]
    assert any(row["rest"] for row in rows)
    assert any(not row["shown"] for row in rows)


def raw(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Give changes of single files: a byte, a missing file, one too many, a false twin."""
    names = sorted(read(folder, "manifest.json")["files"])
    for number, name in enumerate([*names, "manifest.json", "manifest.sha256"]):
        path = folder / name

        def flip(path: Path = path, number: int = number) -> None:
            body = bytearray(path.read_bytes())
            body[(number * 7919) % min(len(body), 60)] ^= 1 + number % 30
            path.write_bytes(bytes(body))

        yield f"byte of {name}", flip
    for name in names[::3]:
        yield f"without {name}", (folder / name).unlink
        path = folder / f"{name}.gz"
        yield f"twin of {name}", lambda path=path: path.write_bytes(b"\x1f\x8b")  # type: ignore[misc]
    for name in read(folder, "manifest.json")["twins"]:
        path = folder / name
        body = path.read_bytes()
        yield f"byte of {name}", lambda path=path, body=body: path.write_bytes(body[:-1] + b"?")  # type: ignore[misc]
        yield f"other {name}", lambda path=path: path.write_bytes(brotli.compress(b"other"))  # type: ignore[misc]
    stray = ("index.html.br", "manifest.json.br", "manifest.json.gz", "manifest.sha256.gz")
    for name in ("extra.html", "zh/x.html", f"{DATA}/more.json", *stray):
        yield f"more: {name}", lambda name=name: (folder / name).write_bytes(b"x")  # type: ignore[misc]


def changed_rows(public: Json) -> Iterator[tuple[str, Json]]:
    """Give the public layer with one line changed, everything else as it was."""
    for number, one in enumerate(public["lists"]):
        for place, row in enumerate(one["rows"]):
            for key, value in _lies(one, row, public["model"]["scale"]):
                found = copy.deepcopy(public)
                found["lists"][number]["rows"][place][key.partition(" ")[0]] = value
                yield f"{one['kind']} {row['code']} {key}", found


def _lies(one: Json, row: Json, scale: int) -> Iterator[tuple[str, Json]]:
    if not row["shown"]:
        yield "score", 8000
        yield "visits", 3
        yield "in_top", not row["in_top"]
        return
    yield "shown", False
    yield "score", row["score"] - 1 or 1
    yield "score", row["score"] + 1
    yield "score", None
    yield "visits", row["visits"] + 1
    yield "visitors", 4
    yield "limit", row["limit"] + 1
    yield "under_gate", not row["under_gate"]
    yield "in_bottom", not row["in_bottom"]
    yield "standing", "insufficient" if row["standing"] == "ranked" else "ranked"
    if row["place"]:
        yield "place", row["place"] + 1
        yield "place_from_below", row["place_from_below"] + 1
    if row["low"] is not None:
        yield "low", row["score"] + 1
    if one["kind"] == "unit":
        for number, figure in enumerate(row["windows"]):
            more = {
                **figure,
                "sum": figure["sum"] + 100 * scale * figure["visits"] * len(row["windows"]),
            }
            for lie in (more, {**figure, "visits": figure["visits"] + 1}):
                yield "windows", [*row["windows"][:number], lie, *row["windows"][number + 1 :]]
            yield "windows", row["windows"][:number] + row["windows"][number + 1 :]
        if row["rest"]:
            for name, off in (
                ("sum_of_means", 999 * scale), ("sum_of_means", -999 * scale), ("windows", 1),
                ("windows", -1), ("visits", 1), ("gain", 10**8), ("gain", -(10**8)),
                ("weight", 1), ("total", 1),
            ):  # fmt: skip
                yield f"rest {name} {off}", {**row["rest"], name: row["rest"][name] + off}
            yield "rest half", {**row["rest"], "weighted_sum": 0}
            yield "rest weighted", {**row["rest"], "weighted_gain": 0, "weighted_sum": 0}
            yield "rest", None


def changed_whole(public: Json) -> Iterator[tuple[str, Json]]:
    """Give the public layer with something changed that is not in one line."""
    for key, value in (
        ("sequence", 9), ("edition", 9), ("status", "notice"), ("round", "X"), ("lists", []),
        ("minimum_visitors", 2), ("rulebook_hash", "0" * 64),
    ):  # fmt: skip
        yield key, {**public, key: value}
    for key in ("list_size", "unit_minimum_visits", "gate_hundredths", "bottom_share_percent"):
        yield f"rule {key}", {**public, "rules": {**public["rules"], key: 1}}
    for number, one in enumerate(public["lists"]):
        for name, lie in (
            ("ranked", {**one, "ranked": one["ranked"] + 1}),
            ("list_size", {**one, "list_size": one["list_size"] + 1}),
            ("code", {**one, "code": "0000000000"}),
            ("twice", {**one, "rows": [*one["rows"], one["rows"][0]]}),
        ):
            lists = [*public["lists"][:number], lie, *public["lists"][number + 1 :]]
            yield f"list {number} {name}", {**public, "lists": lists}
        if one["ranked"]:
            lists = copy.deepcopy(public["lists"])
            lists[number]["rows"] = [row for row in one["rows"] if row["place"] != 1]
            yield f"list {number} without the first", {**public, "lists": lists}


def test_a_copy_without_pressed_twins_holds(folder: Path) -> None:
    for name in read(folder, "manifest.json")["twins"]:
        (folder / name).unlink()
    for path in folder.rglob("*.gz"):
        path.unlink()
    assert failed(folder) == []


def test_two_hundred_changes_are_all_noticed(folder: Path) -> None:
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    missed, tried = [], 0
    for what, change in raw(folder):
        change()
        tried += 1
        missed += [what] if failed(folder) == [] else []
        for path in [path for path in folder.rglob("*") if path.is_file() and path not in kept]:
            path.unlink()
        for path, body in kept.items():
            if not path.is_file() or path.read_bytes() != body:
                path.write_bytes(body)
    public = read(folder, f"{DATA}/rankings.json")
    for what, value in [*changed_rows(public), *changed_whole(public)]:
        forge(folder, f"{DATA}/rankings.json", value)
        tried += 1
        missed += [what] if failed(folder) == [] else []
    forge(folder, f"{DATA}/rankings.json", public)
    assert failed(folder) == []
    leaves = read(folder, f"{DATA}/receipts.json")["leaves"]
    for lie in (leaves[1:], leaves[::-1], [*leaves[:-1], "0" * 64], [*leaves, leaves[-1]]):
        forge(folder, f"{DATA}/receipts.json", {"leaves": lie})
        tried += 1
        missed += ["receipts"] if failed(folder) == [] else []
    forge(folder, f"{DATA}/receipts.json", {"leaves": leaves})
    manifest = read(folder, "manifest.json")
    for key, value in (
        ("sequence", 7), ("previous", ""), ("round", "X"), ("status", "notice"), ("lists", []),
        ("receipts", {"root": "0" * 64, "number": 1}), ("rulebook_hash", "0" * 64),
    ):  # fmt: skip
        forge(folder, "manifest.json", {**manifest, key: value})
        tried += 1
        missed += [key] if failed(folder) == [] else []
    assert missed == []
    assert tried >= 200


def test_a_correction_that_was_taken_away_is_noticed(folder: Path) -> None:
    (before(folder) / f"{DATA}/errata.json").write_text('[{"reason": "once told"}]')
    assert "corrections" in failed(folder)


def test_a_release_proves_ones_own_receipt_and_the_hash_on_the_notice(folder: Path) -> None:
    leaves = read(folder, f"{DATA}/receipts.json")["leaves"]
    assert len(leaves) == read(folder, "manifest.json")["receipts"]["number"] > 0
    assert failed(folder, receipt={"code": "0" * 10, "digest": "0" * 64}) == ["own receipt"]
    digest = (folder / "manifest.sha256").read_text().split()[0]
    assert failed(folder, wanted=digest) == []
    assert failed(folder, wanted="0" * 64) == ["hash"]


def panel(*words: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, [str(word) for word in words])


def key_file(path: Path, key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> Path:
    """Write a private key."""
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def test_the_command_checks_signs_and_checks_signatures(folder: Path, tmp_path: Path) -> None:
    done = panel("verify", folder)
    assert done.exit_code == 0, done.output
    assert "全部核验通过。" in done.output
    assert "Everything holds." in done.output
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw().hex()
    own = key_file(tmp_path / "key.pem", key)
    assert panel("verify", folder, "--key", public).exit_code == 1
    assert panel("sign", folder, "--key", own).exit_code == 0
    done = panel("verify", folder, "--key", public)
    assert done.exit_code == 0, done.output
    assert f"signature {public[:16]}" in done.output
    assert "release." not in done.output
    path = folder / f"rankings/signatures/{public}.json"
    said = json.loads(path.read_bytes())
    path.write_text(json.dumps({**said, "signature": "00" * 64}))
    assert panel("verify", folder).exit_code == 1
    path.write_text("{}")
    assert panel("verify", folder).exit_code == 1
    foreign = key_file(tmp_path / "other.pem", ec.generate_private_key(ec.SECP256R1()))
    assert "another kind" in panel("sign", folder, "--key", foreign).output
    (tmp_path / "none.pem").write_text("no key")
    assert "can't be read" in panel("sign", folder, "--key", tmp_path / "none.pem").output
    (folder / f"{DATA}/units-zh.csv").write_text("changed")
    assert "nothing was signed" in panel("sign", folder, "--key", own).output


def test_a_folder_of_releases_is_checked_one_by_one(folder: Path, tmp_path: Path) -> None:
    done = panel("verify", folder.parent / "whole")
    assert done.exit_code == 0, done.output
    assert done.output.count("Every file as the manifest names it") == 2
    (tmp_path / "empty").mkdir()
    assert "holds no release" in panel("verify", tmp_path / "empty").output


def test_the_script_in_the_release_stands_alone(folder: Path) -> None:
    script = folder / "rankings/verify_release.py"
    assert len(script.read_text().splitlines()) <= 200
    known = {*sys.stdlib_module_names}
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.Import):
            assert {each.name for each in node.names} <= known
        if isinstance(node, ast.ImportFrom):
            assert node.module in known
    done = subprocess.run(
        [sys.executable, "-I", "-S", script, folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / f"{DATA}/units-zh.csv").write_text("x")
    done = subprocess.run(
        [sys.executable, "-I", "-S", script, folder], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "FAIL files" in done.stdout) == (1, True)


def former(folder: Path) -> Path:
    """Return a release of the first format, made of a newer one: no checker travelled with it."""
    old = folder.parent / "former"
    shutil.copytree(folder, old)
    public, manifest = (read(old, name) for name in (f"{DATA}/rankings.json", "manifest.json"))
    for name in (f"{DATA}/receipts.json", f"{DATA}/errata.json", "rankings/verify_release.py"):
        del manifest["files"][name]
        for twin in ("", ".br", ".gz"):
            (old / f"{name}{twin}").unlink(missing_ok=True)
    for name in ("status", "edition", "sealed_hash", "receipts", "twins"):
        del manifest[name]
    for name in ("status", "edition", "rounds", "model", "under_appeal"):
        del public[name]
    shutil.rmtree(old / "rankings/overlay", ignore_errors=True)
    measures = hashlib.sha256((old / f"{DATA}/rulebook.json").read_bytes()).hexdigest()
    public |= {"version": 1, "sequence": 1, "rulebook_hash": measures}
    manifest |= {"version": 1, "sequence": 1, "previous": "", "rulebook_hash": measures}
    body = json.dumps(public).encode()
    (old / f"{DATA}/rankings.json").write_bytes(body)
    (old / f"{DATA}/rankings.json.gz").unlink(missing_ok=True)
    (old / f"{DATA}/rankings.json.br").write_bytes(brotli.compress(body))
    manifest["files"][f"{DATA}/rankings.json"] = hashlib.sha256(body).hexdigest()
    forge(old, "manifest.json", manifest)
    return old


def test_a_release_of_the_first_format_is_checked_as_far_as_it_goes(folder: Path) -> None:
    old = former(folder)
    public = read(old, f"{DATA}/rankings.json")
    done = panel("verify", old)
    assert done.exit_code == 0, done.output
    assert "nobody can compute its scores again" in done.output
    assert "得分无法重新计算" in done.output
    assert "release." not in done.output
    path = old / f"{DATA}/rankings.json"
    path.write_text(json.dumps({**public, "title": {}}))
    assert panel("verify", old).exit_code == 1
    one, row = next(
        (one, row) for one in public["lists"] for row in one["rows"] if row["place"] == 1
    )
    row["score"] = 0
    own = json.dumps(public).encode()
    for twin in ("", ".br"):
        (old / f"{DATA}/rankings.json{twin}").write_bytes(brotli.compress(own) if twin else own)
    manifest = read(old, "manifest.json")
    manifest["files"][f"{DATA}/rankings.json"] = hashlib.sha256(own).hexdigest()
    forge(old, "manifest.json", manifest)
    assert [name for name, holds in releases.checked(old) if not holds] == [f"places {one['code']}"]


def test_the_command_reads_what_stands_in_brotli_of_older_releases_too(folder: Path) -> None:
    assert panel("verify", folder).exit_code == 0
    manifest = read(folder, "manifest.json")
    name = f"{DATA}/rankings.json.br"
    del manifest["twins"]
    forge(folder, "manifest.json", {**manifest, "version": 2})
    assert failed(folder) == []
    (folder / name).write_bytes(brotli.compress(b"{}"))
    assert failed(folder) == []
    assert [each for each, holds in releases.checked(folder) if not holds] == ["brotli"]


MODEL = {"method": "crossed_effects", "window_ratio": 2875}
REST = {
    "windows": 3, "visits": 21, "weight": 3, "gain": 2 * 10**9, "sum_of_means": 5, "total": 0,
    "weighted_gain": None, "weighted_sum": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("equal", "lie"),
    [
        (True, {"windows": 4}),
        (True, {"weight": 6}),
        (False, {"weight": 4}),
        (False, {"windows": 30, "weight": 30}),
        (False, {"weight": 2, "weighted_gain": 7, "weighted_sum": 7}),
        (False, {"total": 1}),
        (False, {"gain": 1_380_000_000}),
        (False, {"gain": 2_150_000_000}),
    ],
)
def test_a_rest_whose_numbers_cannot_belong_together_is_refused(equal: bool, lie: Json) -> None:  # noqa: FBT001
    assert verify_release.sound(REST, MODEL, equal)
    assert verify_release.sound({**REST, "weight": 6}, MODEL, equal=False)
    assert not _sound({**REST, **lie}, MODEL, equal=equal)


def test_a_number_that_a_method_does_not_use_is_nought() -> None:
    means = {"method": "mean_of_window_means", "window_ratio": None}
    pooled = {"method": "pooled_mean", "window_ratio": None}
    plain = {**REST, "gain": 0}
    assert verify_release.sound(plain, means, equal=True)
    assert not verify_release.sound({**plain, "gain": 1}, means, equal=True)
    assert not verify_release.sound({**plain, "total": 1}, means, equal=True)
    assert verify_release.sound({**plain, "sum_of_means": 0, "total": 9}, pooled, equal=True)
    assert not verify_release.sound({**plain, "total": 9}, pooled, equal=True)


def _sound(rest: Json, model: Json, *, equal: bool) -> bool:
    """Tell whether a rest is sound; numbers that can't be counted with are not."""
    try:
        return verify_release.sound(rest, model, equal)
    except ArithmeticError:
        return False


def test_a_city_of_three_thousand_windows_is_checked() -> None:
    """Three hundred units with ten windows each, as the public layer has them."""
    model = {"method": "crossed_effects", "scale": 1000, "unit_ratio": 4210, "window_ratio": 2875,
             "types": {"w": 7_800_000}}  # fmt: skip
    units = []
    for number in range(300):
        windows = [
            {"code": f"{number}-{n}", "visits": 40 + n, "sum": (number * 37 + n * 91) * 1000,
             "weight": 1}
            for n in range(10)
        ]  # fmt: skip
        units.append(_row(f"{number}", windows, f"{number}"))
    sums = {row["code"]: verify_release.sums_of(row, model) for row in units}
    lines = []
    for row in units:
        row.update(_scored(sums[row["code"]], sums[row["code"]], model))
        for one in row["windows"]:
            part = verify_release.weigh(one["visits"], one["sum"], 1, model)
            line = _row(one["code"], [], row["code"])
            lines.append(line | _scored(part, sums[row["code"]], model))
    public = {"model": model, "minimum_visitors": 5, "under_appeal": [], "rules": _RULES}
    known = {row["code"]: row for row in units}
    for kind, rows in (("unit", units), ("window", lines)):
        one = {"kind": kind, "rows": rows, "ranked": len(rows), "list_size": 10}
        assert verify_release.scores(one, public, known)
        verify_release.places(one, public)
        assert verify_release.floor(one, public)


_RULES = {
    "unit_minimum_visits": 20, "unit_minimum_raters": 8, "window_minimum_visits": 8,
    "window_minimum_raters": 6, "list_size": 10, "bottom_share_percent": 20,
    "gate_hundredths": 7500, "window_weights": "equal",
}  # fmt: skip


def _scored(own: list[Any], unit: list[Any], model: Json) -> Json:
    exact = verify_release.value(own, unit, 7_800_000, model)
    got = min(max(exact, 0), 10_000)
    return {"score": got, "limit": got - exact, "visits": own[1]}


def _row(code: str, windows: Json, unit: str) -> Json:
    return {
        "code": code, "unit_code": unit, "shown": True, "standing": "ranked", "windows": windows,
        "rest": None, "form": "w", "story": [], "low": None, "high": None, "visitors": 30,
        "place": 1, "place_from_below": 1, "in_top": False, "in_bottom": False,
        "under_gate": False,
    }  # fmt: skip

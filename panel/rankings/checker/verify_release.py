"""Check a published ranking with Python 3 and nothing else: verify_release.py FOLDER."""

import argparse
import gzip
import hashlib
import json
from bisect import bisect_left, bisect_right
from fractions import Fraction
from pathlib import Path
from typing import Any

HALF, DATA, WORDS = Fraction(1, 2), "rankings/data", ("insufficient", "ranked")
OWN, ASIDE = {"manifest.json", "manifest.sha256"}, ("rankings/overlay/", "rankings/signatures/")
COMMON = ("sequence", "round", "edition", "status", "published_at", "rulebook_hash")
EMPTY = ("score", "low", "high", "visits", "visitors", "rest", "chance_top", "rank_low", "set_low")


def check(folder: Path, receipt: Any = None, wanted: str = "") -> list[tuple[str, bool]]:
    """Tell by name what was checked and whether it holds; earlier releases beside it included."""
    try:
        data = (folder / "manifest.json").read_bytes()
        manifest, name = json.loads(data), hashlib.sha256(data).hexdigest()
        told = (folder / "manifest.sha256").read_text().split()[0]
        names = {told, wanted or name, folder.name if len(folder.name) == len(name) else name}
        found = [("hash", names == {name}), ("files", files(folder, manifest))]
        public = json.loads((folder / f"{DATA}/rankings.json").read_bytes())
        same = [public[key] == manifest[key] for key in COMMON]
        lists = [{k: one[k] for k in ("code", "kind", "input_hash")} for one in public["lists"]]
        found.append(("manifest", all(same) and lists == manifest["lists"]))
        book = json.loads(text := (folder / f"{DATA}/rulebook.json").read_bytes())
        hashed = book.get("answers", {}).get("whole") or hashlib.sha256(text).hexdigest()
        same = [book["ranking"].get(key, rule) == rule for key, rule in public["rules"].items()]
        same += [book["publication"]["minimum_visitors"] == public["minimum_visitors"]]
        found.append(("rulebook", all(same) and hashed == manifest["rulebook_hash"]))
        leaves = json.loads((folder / f"{DATA}/receipts.json").read_bytes())["leaves"]
        kept = {"root": root(leaves), "number": len(set(leaves))}
        found.append(("receipts", kept == manifest["receipts"] and leaves == sorted(leaves)))
        own = ("\0" + receipt["code"] + receipt["digest"]).encode() if receipt else b""
        found += [("own receipt", hashlib.sha256(own).hexdigest() in leaves)] if receipt else []
        units = {r["code"]: r for o in public["lists"] if o["kind"] == "unit" for r in o["rows"]}
        for one in public["lists"]:
            found.append((f"scores {one['code']}", scores(one, public, units)))
            found += [(f"{f.__name__} {one['code']}", f(one, public)) for f in (places, floor)]
        return found + earlier(folder, manifest)
    except Exception:  # noqa: BLE001 - whatever a file does to its reader, it can't be read
        return [("readable", False)]


def files(folder: Path, manifest: Any) -> bool:
    """Tell whether each file, and what pressed twins came along, is as named, and no other is."""
    named = manifest["files"] | manifest.get("twins", {})
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - OWN
    found = {name for name in found if not name.startswith(ASIDE)}
    if "twins" not in manifest:  # an older release: `panel verify` reads what stands in brotli
        found -= {n for n in found if n.endswith(".br")} | {f"{n}.gz" for n in OWN}
    for name in found:
        body = (gzip.decompress if name.endswith(".gz") else bytes)((folder / name).read_bytes())
        if hashlib.sha256(body).hexdigest() != named.get(name.removesuffix(".gz")):
            return False
    return set(manifest["files"]) <= found


def earlier(folder: Path, manifest: Any) -> list[tuple[str, bool]]:
    """Check that the release before, where it stands beside, is the one that the chain names."""
    before = folder.parent / (manifest["previous"] or "none")
    if not manifest["previous"] or not before.is_dir():
        return [("chain", bool(manifest["previous"]) == (manifest["sequence"] > 1))]
    last = json.loads(data := (before / "manifest.json").read_bytes())
    ends = (last["sequence"] + 1, hashlib.sha256(data).hexdigest())
    said = json.loads((folder / (name := f"{DATA}/errata.json")).read_bytes())
    old = json.loads((before / name).read_bytes()) if name in last["files"] else []
    chain = ends == (manifest["sequence"], manifest["previous"])
    return [("chain", chain), ("corrections", said[: len(old)] == old)]


def root(leaves: list[str]) -> str:
    """Return the root of the hash tree over the leaves (RFC 6962)."""
    level = [bytes.fromhex(leaf) for leaf in leaves] or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        pairs = [b"\1" + level[i] + level[i + 1] for i in range(0, len(level) - 1, 2)]
        level = [*(hashlib.sha256(p).digest() for p in pairs), *level[len(pairs) * 2 :]]
    return level[0].hex()


def weigh(n: Any, total: int, weight: int, model: Any) -> list[Any]:
    """Return windows, visits, total, weight, gain, pull and both weighted, of one window."""
    a = model["window_ratio"]
    gain = 0 if a is None else (Fraction(10**12 * n, 1000 * n + a) + HALF) // 1
    pull = Fraction(total, n) if a is None else (Fraction(1000 * total, 1000 * n + a) + HALF) // 1
    return [1, n, total, weight, gain, pull, weight * gain, weight * pull]


def sums_of(row: Any, model: Any) -> list[Any]:
    """Add up what the windows of a unit put into its score, those not shown one by one too."""
    found = [weigh(w["visits"], w["sum"], w["weight"], model) for w in row["windows"]]
    if rest := row["rest"]:
        told = [rest[k] for k in ("windows", "visits", "total", "weight", "gain", "sum_of_means")]
        more = [rest["weighted_gain"], rest["weighted_sum"]]
        each = Fraction(rest["weight"], rest["windows"])
        found.append(told + ([each * n for n in told[4:]] if more == [None, None] else more))
    return [sum(column) for column in zip(*found, strict=True)]


def value(own: list[Any], unit: list[Any], base: int, model: Any) -> int:
    """Return a score: base + effect of the unit + what the windows add, each by its weight."""
    a, b = model["window_ratio"], model["unit_ratio"]
    top, under = (0, 1) if a is None or b is None else (a * unit[5], b * 10**9 + a * unit[4])
    effect = Fraction(top * 10**9, under)
    exact = base + effect + (own[7] - Fraction(own[6], 10**9) * effect) / own[3]
    if model["method"] == "pooled_mean":
        exact = Fraction(own[2], own[1])
    return int((exact / model["scale"] + HALF) // 1)


def sound(rest: Any, model: Any, equal: bool) -> bool:  # noqa: FBT001 - told by the rules
    """Tell whether the numbers of a rest can belong together; one that is not used is nought."""
    a, pooled = model["window_ratio"], model["method"] == "pooled_mean"
    count, visits, weight, gain = (rest[k] for k in ("windows", "visits", "weight", "gain"))
    numbers = (1, visits - count + 1, Fraction(visits, count))  # one has most, or all have alike
    one, left, mean = (weigh(n, 0, 1, model)[4] for n in numbers)
    fits = (count - 1) * one + left - count <= gain <= count * (mean + 1) and (a or gain == 0)
    alike = rest["weighted_gain"] is None is rest["weighted_sum"]
    even = alike and weight == count if equal or pooled else weight % (count if alike else 1) == 0
    idle = rest["sum_of_means"] if pooled or (a is None and not alike) else 0
    return bool(fits and even and weight >= count and idle == 0 == rest["total"] * (not pooled))


def scores(one: Any, public: Any, units: Any) -> bool:
    """Tell whether every score of a list follows from what is public of its windows."""
    model, sums, equal = public["model"], dict[str, Any](), public["rules"]["window_weights"]
    holds = [len({row["code"] for row in one["rows"]}) == len(one["rows"])]
    for row in (each for each in one["rows"] if each["shown"]):
        code, unit, rest = row["unit_code"], units[row["unit_code"]], row["rest"]
        whole = own = sums[code] = sums.get(code) or sums_of(unit, model)
        if one["kind"] == "window":
            (part,) = (w for w in unit["windows"] if w["code"] == row["code"])
            own = weigh(part["visits"], part["sum"], 1, model)
        exact = value(own, whole, model["types"].get(row["form"], 0), model)
        got = min(max(exact, 0), 10_000)
        told = sum(step["points"] for step in row["story"]) if row["story"] else got
        low, high = (got, got) if row["low"] is None else (row["low"], row["high"])
        holds.append(row["score"] == got == told == exact + row["limit"] and low <= got <= high)
        holds += [own[1] == row["visits"], not rest or sound(rest, model, equal == "equal")]
    return all(holds)


def places(one: Any, public: Any) -> bool:
    """Tell whether ranks, ties, short lists and the gate follow from scores and rules."""
    rules, kind = public["rules"], one["kind"]
    least = max(rules[f"{kind}_minimum_raters"], public["minimum_visitors"])
    ranked = [row for row in one["rows"] if row["standing"] == "ranked"]
    known = sorted(row["score"] for row in ranked if row["shown"])
    aside = sorted(row["place"] for row in ranked if not row["shown"] and row["place"])
    lost, visits = len(ranked) - len(known) - len(aside), rules[f"{kind}_minimum_visits"]
    size = min(rules["list_size"], len(ranked) * rules["bottom_share_percent"] // 100)
    holds = [(one["ranked"], one["list_size"]) == (len(ranked), size)]
    for row in one["rows"]:
        place, below, score = row["place"], row["place_from_below"], row["score"]
        enough = (row["visits"] or 0) >= visits and (row["visitors"] or 0) >= least
        gate = row["standing"] == "ranked" and row["shown"] and score < rules["gate_hundredths"]
        fair = row["under_gate"] == gate and row["standing"] in {"not_ranked", WORDS[enough]}
        silent = row["unit_code"] in public["under_appeal"] or row["standing"] != "ranked"
        ends = (False, False) if silent else (place <= size < below, below <= size < place)
        holds.append(ends == (row["in_top"], row["in_bottom"]) and (fair or not row["shown"]))
        holds.append(not (silent and (place or below)))
        if row["shown"] and not silent:
            up = place - 1 - len(known) + bisect_right(known, score) - bisect_left(aside, place)
            down = below - 1 - bisect_left(known, score) - len(aside) + bisect_right(aside, place)
            holds.append(0 <= up <= lost and 0 <= down <= lost)
    return all(holds)


def floor(one: Any, public: Any) -> bool:
    """Tell whether no figure rests on too few visitors, as far as public numbers tell."""
    few = [(least := public["minimum_visitors"]) < 5]  # noqa: PLR2004 - the promise
    for row in one["rows"]:
        if row["shown"]:
            parts = [w["visits"] for w in row["windows"]] + [(row["rest"] or row)["visits"]]
            few += [min(parts) < least, not least <= row["visitors"] <= row["visits"]]
            few += [row["rest"] and row["rest"]["windows"] == 1 and row["windows"]]
        else:
            few += [row["windows"], row["story"], *(row[key] is not None for key in EMPTY)]
    return not any(few)


def main() -> int:
    """Check the folder named on the command line and say what holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--receipt", type=Path, help="your own receipt (a file from its page)")
    parser.add_argument("--hash", default="", help="SHA-256 on the stamped notice")
    to = parser.parse_args()
    found = check(to.folder.resolve(), to.receipt and json.loads(to.receipt.read_bytes()), to.hash)
    signed = [f"     {p.name}: see `panel verify`" for p in to.folder.glob(f"{ASIDE[1]}*.json")]
    print(*signed, *(f"{'ok  ' if ok else 'FAIL'} {name}" for name, ok in found), sep="\n")  # noqa: T201
    return 0 if all(holds for _, holds in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())

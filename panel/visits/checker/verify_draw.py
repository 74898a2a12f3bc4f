"""Check the record of a draw of visitors, with Python 3 and nothing else: verify_draw.py FILE."""

import argparse
import hashlib
import hmac
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Checks = list[tuple[str, bool]]
FIXED = ("version", "draw", "root", "n", "k", "places", "covert", "rules", "source")


def check(data: bytes, proof: bytes = b"") -> Checks:
    """Tell by name what was checked and whether it holds; what is still sealed is not named."""
    try:
        record = json.loads(data)
        fixed = record.get("committed", record)
        found = [("form", all(name in fixed for name in FIXED))]
        if "seed" in record:
            found += chances(record, fixed)
        if "result" in record:
            found += whole(record, fixed)
        for lot in record.get("lots", ()):
            found.append((f"lot {lot['lot']}", in_order(record["seed"], lot)))
        if proof:
            found.append(("proof", proves(json.loads(proof), fixed)))
    except (ValueError, LookupError, TypeError, AttributeError):
        return [("readable", False)]
    return found


def canonical(value: Any) -> bytes:
    """Return the one byte string of a value: JSON, keys sorted, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def digest(value: Any) -> str:
    """Return SHA-256 over the canonical bytes."""
    return hashlib.sha256(canonical(value)).hexdigest()


def chances(record: Any, fixed: Any) -> Checks:
    """Check the revealed code, the announced numbers and the seed that follows from both."""
    source, told = record["source"], record.get("announced", [])
    promised = fixed["source"]
    links = hashlib.sha256(bytes.fromhex(source["code"])).hexdigest()
    sources = [{"kind": source["kind"], "position": source["position"], "value": source["code"]}]
    seed = digest(
        {
            "version": fixed["version"],
            "draw": fixed["draw"],
            "root": fixed["root"],
            "n": fixed["n"],
            "k": fixed["k"],
            "sources": sources + told,
        }
    )
    named = [{name: each[name] for name in ("game", "issue", "on")} for each in told]
    digits = all(len(each["value"]) == 3 and each["value"].isdecimal() for each in told)  # noqa: PLR2004
    return [
        ("code", links == source["previous"] == promised["previous"]),
        ("position", source["position"] == promised["position"]),
        ("numbers", named == fixed.get("announced", []) and digits),
        ("seed", seed == record["seed"]),
    ]


def whole(record: Any, fixed: Any) -> Checks:
    """Check a record with its sealed parts: nobody twice, nobody overloaded, substitutes apart."""
    pairs = [(place, label) for place, label, _ in record["result"]]
    loads = Counter(label for _, label in pairs)
    met: dict[str, set[str]] = {}
    for place, label in pairs:
        met.setdefault(place, set()).add(label)
    spare = all(met.get(place, set()).isdisjoint(names) for place, names in record["substitutes"])
    missing = sum(number for _, number, _ in record["unmet"])
    doubled: dict[int, list[str]] = {}
    for place, _, number in record.get("pairs", []):
        doubled.setdefault(number, []).append(place)
    twice = [len(places) == 2 and len(set(places)) == 1 for places in doubled.values()]  # noqa: PLR2004
    return [
        ("result", digest(record["result"]) == record["result_hash"]),
        ("once", len(set(pairs)) == len(pairs)),
        ("load", max(loads.values(), default=0) <= fixed["rules"]["maximum"]),
        ("count", len(pairs) + missing == fixed["k"]),
        ("substitutes", spare),
        ("doubles", all(twice) and len(doubled) == record.get("doubles", 0)),
    ]


def in_order(seed: str, lot: Any) -> bool:
    """Tell whether a lot went by HMAC-SHA-256 of the seed: drawn, skipped and substitutes."""
    key = f"{seed} lot {lot['lot']}".encode()

    def scores(labels: Sequence[str]) -> list[bytes]:
        return [hmac.digest(key, label.encode(), "sha256") for label in labels]

    drawn, spare = scores(lot["drawn"]), scores(lot["substitutes"])
    skipped = scores([label for label, _ in lot["skipped"]])
    everybody = drawn + spare + skipped
    return (
        drawn + spare == sorted(drawn + spare)
        and skipped == sorted(skipped)
        and len(set(everybody)) == len(everybody)
        and len(drawn) <= lot["k"]
    )


def proves(proof: Any, fixed: Any) -> bool:
    """Tell whether a label stood in the roster that was committed to (RFC 6962)."""
    index, size = proof["index"], proof["n"]
    left: list[bool] = []
    while size > 1:
        middle = 1 << ((size - 1).bit_length() - 1)
        left.append(index < middle)
        index, size = (index, middle) if index < middle else (index - middle, size - middle)
    found = hashlib.sha256(b"\x00" + proof["label"].encode()).digest()
    if len(left) != len(proof["path"]):
        return False
    for is_left, sibling in zip(reversed(left), proof["path"], strict=True):
        other = bytes.fromhex(sibling)
        found = hashlib.sha256(b"\x01" + (found + other if is_left else other + found)).digest()
    same = (proof["draw"], proof["n"]) == (fixed["draw"], fixed["n"])
    return same and found.hex() == proof["root"] == fixed["root"]


def main() -> int:
    """Check the files named on the command line and say what holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="the record of the draw (JSON)")
    parser.add_argument("--proof", type=Path, help="your own proof from the page of your task")
    given = parser.parse_args()
    data = given.file.read_bytes()
    found = check(data, given.proof.read_bytes() if given.proof else b"")
    for name, holds in found:
        print("ok  " if holds else "FAIL", name)  # noqa: T201
    record = json.loads(data)
    print("commitment", digest(record.get("committed", record)))  # noqa: T201
    if "result" in record:
        print("record    ", digest(record))  # noqa: T201
    return 0 if all(holds for _, holds in found) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Check a published lottery file, with Python 3 and nothing else: verify_lottery.py FILE."""

import argparse
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

Checks = list[tuple[str, bool]]


def check(data: bytes, sha: str = "", number: str = "", proof: bytes = b"") -> Checks:
    """Tell by name what was checked and whether it holds."""
    whole = hashlib.sha256(data).hexdigest()
    closing = f"sha256 {hashlib.sha256(data[:-72]).hexdigest()}\n".encode()
    found = [("unchanged", data[-72:] == closing and sha.lower() in ("", whole))]
    try:
        title, facts, *lines = data[:-72].decode().removesuffix("\n").split("\n")
        told: dict[str, list[list[str]]] = {w: [] for w in ("list", "reserve", "totals", "ticket")}
        for word, *items in (line.split(" ") for line in lines):
            told[word].append(items)
        found.append(("title", title == "panel lottery 1"))
        return found + contents(json.loads(facts[6:]), told, number, proof)
    except (ValueError, LookupError, TypeError, AttributeError):
        return [*found, ("readable", False)]


def contents(facts: Any, told: dict[str, list[list[str]]], number: str, proof: bytes) -> Checks:
    """Count again everything that the file says."""
    plan, count = facts["plan"], len(told["list"])
    names = [f"{each:0{max(3, len(str(count - 1)))}}:" for each in range(count)]
    lists, spare, totals = ([e[1:] for e in told[w]] for w in ("list", "reserve", "totals"))
    kind = {ticket: category for ticket, category, _, _ in told["ticket"]}
    seats, places = (Counter(t for each in part for t in each) for part in (lists, spare))
    rows = [(q["feature"], [q["value"]], q["minimum"], q["maximum"]) for q in plan["quotas"]]
    rows += [(g["feature"], g["values"], g["minimum"], plan["seats"]) for g in plan["groups"]]
    hard = [g for g in plan["groups"] if g["hard"] and g["feature"] == "category"]
    both = list(zip(lists, spare, totals, strict=True))

    def held(values: list[str], tickets: list[str]) -> int:
        return sum(kind.get(ticket) in values for ticket in tickets)

    return [
        ("numbers", all([e[0] for e in told[w]] == names for w in ("list", "reserve", "totals"))),
        ("sizes", count > 0 and len(kind) <= facts["applicants"] and all(
            len(a) == plan["seats"] and len(b) <= plan["reserves"] for a, b, _ in both)),
        ("nobody twice", len(kind) == len(told["ticket"]) and all(
            len({*a, *b}) == len(a) + len(b) for a, b, _ in both)),
        ("known tickets", kind.keys() >= seats.keys() | places.keys()),
        ("counts", all((f"{seats[t]}", f"{places[t]}") == (a, b) for t, _, a, b in told["ticket"])),
        ("quotas", all(low <= int(n) <= high for _, _, c in both
                       for n, (_, _, low, high) in zip(c, rows, strict=True))),
        ("totals", all(held(values, a) == int(n) for a, _, c in both
                       for n, (name, values, _, _) in zip(c, rows, strict=True)
                       if name == "category")),
        ("hard groups", all(held(g["values"], a) >= g["minimum"] and
                            held(g["values"], b) * plan["seats"] >= g["minimum"] * len(b)
                            for g in hard for a, b, _ in both)),
        *([("this list", f"{number}:" in names)] if number else []),
        *([("proof", proves(json.loads(proof), facts, kind))] if proof else []),
    ]  # fmt: skip


def proves(proof: Any, facts: Any, kind: dict[str, str]) -> bool:
    """Fold an application's path up to the published root (RFC 6962)."""
    leaf = [proof["salt"], proof["ticket"], sorted(proof["features"]), proof["eligible"]]
    text = json.dumps(leaf, ensure_ascii=False, separators=(",", ":")).encode()
    node, index, last = hashlib.sha256(b"\0" + text).digest(), proof["index"], proof["size"] - 1
    for other in map(bytes.fromhex, proof["path"]):
        left = index % 2 == 1 or index == last
        node = hashlib.sha256(b"\1" + (other + node if left else node + other)).digest()
        while left and index and index % 2 == 0:
            index, last = index // 2, last // 2
        index, last = index // 2, last // 2
    published = (proof["root"], proof["size"]) == (facts["root"], facts["applicants"])
    known = proof["eligible"] == (proof["ticket"] in kind)
    return published and known and index == last == 0 and node.hex() == proof["root"]


if __name__ == "__main__":
    words = argparse.ArgumentParser(description="Check a published lottery file.")
    words.add_argument("file", type=Path)
    words.add_argument("--sha256", default="", help="the file's SHA-256 as it was announced")
    words.add_argument("--number", default="", help="the drawn number: print that list")
    words.add_argument("--proof", type=Path, help="your own proof file")
    own = words.parse_args()
    data = own.file.read_bytes()
    proof = own.proof.read_bytes() if own.proof else b""
    checked = check(data, own.sha256, own.number, proof)
    lines = [f"{'ok   ' if holds else 'WRONG'} {what}" for what, holds in checked]
    starts = (f"list {own.number}:", f"reserve {own.number}:")
    lines += [each for each in data.decode(errors="replace").split("\n") if each.startswith(starts)]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(not all(holds for _, holds in checked))

"""Chance that anybody can recompute: canonical bytes, commitments, a seeded order, a hash chain.

Everything that enters a hash as text enters it as the UTF-8 bytes of the text as printed, so that
a short script without this package can check a published draw (methods.md 5).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, MutableSequence, Sequence
from typing import Final, TypeAlias, TypeVar

import msgspec

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
Item = TypeVar("Item")

_LEAF: Final = b"\x00"  # RFC 6962 keeps leaves and inner nodes apart, so that
_NODE: Final = b"\x01"  # no inner node can be passed off as a leaf
_BLOCK: Final = 32
_UNIFORM_BITS: Final = 53
_encoder: Final = msgspec.json.Encoder(order="sorted")
"""Writes what ``json.dumps`` does, in a tenth of the time; every sheet and entry passes here."""


def canonical(value: Json) -> bytes:
    """Return the one byte string of a value: JSON, keys sorted, no spaces, UTF-8, no floats."""
    _check(value)
    try:
        return _encoder.encode(value)
    except TypeError:  # texts and numbers of types of their own
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()


_PLAIN: Final = frozenset({bool, int, str, type(None)})


def _check(value: object) -> None:
    if value is None or isinstance(value, (bool, int, str)):
        return
    if isinstance(value, (list, tuple)):
        for item in value:
            if type(item) not in _PLAIN:
                _check(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                message = f"a key must be text, not {type(key).__name__}"
                raise TypeError(message)
            if type(item) not in _PLAIN:
                _check(item)
    else:
        message = f"no canonical form for {type(value).__name__}"
        raise TypeError(message)


def digest(value: Json) -> str:
    """Return SHA-256 over the canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Return the root of the RFC 6962 hash tree over the leaves, in hex."""
    return _subtree([_leaf(leaf) for leaf in leaves]).hex()


def leaf_hash(data: bytes) -> str:
    """Return the hash under which a leaf stands in a hash tree (RFC 6962), in hex."""
    return _leaf(data).hex()


def tree_root(leaf_hashes: Sequence[str]) -> str:
    """Return the root of the hash tree over leaves whose hashes are given, in hex."""
    return _subtree([bytes.fromhex(each) for each in leaf_hashes]).hex()


def inclusion(leaves: Sequence[bytes], index: int) -> list[str]:
    """Return the audit path (hex, from the leaf upwards) of the leaf at an index."""
    if not 0 <= index < len(leaves):
        message = "no such leaf"
        raise IndexError(message)
    hashes = [_leaf(leaf) for leaf in leaves]
    path: list[str] = []
    while len(hashes) > 1:
        middle = _split(len(hashes))
        if index < middle:
            other, hashes = hashes[middle:], hashes[:middle]
        else:
            other, hashes, index = hashes[:middle], hashes[middle:], index - middle
        path.append(_subtree(other).hex())
    return path[::-1]


def includes(root: str, leaf: bytes, index: int, size: int, path: Sequence[str]) -> bool:
    """Tell whether the audit path proves the leaf at this index of a tree of this size."""
    if not 0 <= index < size:
        return False
    # Walk the splits from the root down, then fold the path from the leaf up.
    left: list[bool] = []
    while size > 1:
        middle = _split(size)
        left.append(index < middle)
        index, size = (index, middle) if index < middle else (index - middle, size - middle)
    if len(left) != len(path):
        return False
    found = _leaf(leaf)
    for is_left, sibling in zip(reversed(left), path, strict=True):
        try:
            other = bytes.fromhex(sibling)
        except ValueError:
            return False
        found = _node(found, other) if is_left else _node(other, found)
    return found.hex() == root


def _leaf(data: bytes) -> bytes:
    return hashlib.sha256(_LEAF + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _subtree(hashes: Sequence[bytes]) -> bytes:
    # Pairing level by level and carrying an odd last node up gives the tree of RFC 6962.
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        above = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
    return level[0]


def seed_of(
    *, version: int, draw: str, root: str, n: int, k: int, sources: Sequence[Mapping[str, Json]]
) -> str:
    """Return the seed of a draw from what was committed and the sources' values, in hex.

    `root` commits to the `n` sorted labels, `k` are taken; each source names its issue and value.
    """
    facts: Json = {
        "version": version,
        "draw": draw,
        "root": root,
        "n": n,
        "k": k,
        "sources": [dict(source) for source in sources],
    }
    return digest(facts)


def label(secret: bytes, draw: str) -> str:
    """Return somebody's label in one draw; labels of different draws cannot be linked."""
    return hmac.digest(secret, draw.encode(), "sha256").hex()


def order(seed: str, labels: Sequence[str]) -> list[str]:
    """Return the labels by ascending HMAC-SHA-256(seed, label); removing one moves no other.

    A label that stands twice would have two chances: ValueError.
    """
    if len(set(labels)) != len(labels):
        message = "a label stands twice"
        raise ValueError(message)
    key = seed.encode()
    return sorted(labels, key=lambda each: hmac.digest(key, each.encode(), "sha256"))


class Stream:
    """An endless sequence of integers from a seed: HMAC-SHA-256 in counter mode."""

    def __init__(self, seed: str, purpose: str) -> None:
        """Start the sequence of one purpose; other purposes of the same seed are independent."""
        self._key = hmac.digest(seed.encode(), purpose.encode(), "sha256")
        self._counter = 0
        self._rest = b""

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        parts = [self._rest]
        held = len(self._rest)
        while held < count:
            parts.append(hmac.digest(self._key, self._counter.to_bytes(8, "big"), "sha256"))
            self._counter += 1
            held += _BLOCK
        buffer = b"".join(parts)
        self._rest = buffer[count:]
        return buffer[:count]

    def below(self, bound: int) -> int:
        """Return an integer from 0 to bound - 1, each equally likely."""
        if bound < 1:
            message = "the bound must be positive"
            raise ValueError(message)
        bits = (bound - 1).bit_length()
        size = (bits + 7) // 8
        while True:  # throwing away what lies above the bound keeps every value equally likely
            value = int.from_bytes(self.read(size), "big") >> (size * 8 - bits)
            if value < bound:
                return value

    def uniform53(self) -> int:
        """Return 53 random bits as an integer; divided by 2**53 they are an exact float."""
        return int.from_bytes(self.read(8), "big") >> (64 - _UNIFORM_BITS)

    def shuffle(self, items: MutableSequence[Item]) -> None:
        """Put the items into a random order in place, every order equally likely."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]


def anchor(secret: bytes, length: int) -> str:
    """Return the published start of a hash chain that can give `length` codes."""
    return code_at(secret, length, 0)


def code_at(secret: bytes, length: int, position: int) -> str:
    """Return the code to reveal at a position from 1 to `length`; position 0 is the anchor."""
    if not 0 <= position <= length:
        message = "the chain has no such position"
        raise ValueError(message)
    # The end of the chain is derived, so that even the last code does not reveal the secret.
    code = hmac.digest(secret, b"panel hash chain", "sha256")
    for _ in range(length - position):
        code = hashlib.sha256(code).digest()
    return code.hex()


def follows(previous: str, code: str) -> bool:
    """Tell whether a revealed code is the one that the previous code was made from."""
    try:
        return hashlib.sha256(bytes.fromhex(code)).hexdigest() == previous
    except ValueError:
        return False

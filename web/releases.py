"""The commands `panel publish`, `panel verify` and `panel sign`: releases from the command line."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import brotli
import click
import msgspec

from panel.rankings.checker import verify_release
from web.i18n import LOCALES, gettext
from web.release import former

_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_ASIDE: Final = "rankings/signatures"


class Signed(msgspec.Struct, frozen=True):
    """One signature beside the files: of the hash of the manifest, in hex."""

    algorithm: str
    key: str
    signature: str


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--receipt", type=_FILE, help="Your own receipt, a file from its page.")
@click.option("--hash", "wanted", default="", help="SHA-256 on the stamped notice.")
@click.option("--key", "keys", multiple=True, help="Public key (hex) that must have signed.")
def verify(folder: Path, receipt: Path | None, wanted: str, keys: tuple[str, ...]) -> None:
    """Check a release: files, chain, scores, places, floor, signatures; exit code 1 if one fails.

    FOLDER may also hold several releases: then each is checked.
    """
    own = msgspec.json.decode(receipt.read_bytes()) if receipt else None
    holds = True
    for each in releases_in(folder.resolve()):
        click.echo(each.name)
        for name, passed in [
            *checked(each, own, wanted),
            *signatures(each),
            *((f"signed by {key[:16]}", key in _signers(each)) for key in keys),
        ]:
            kind, _, about = name.partition(" ")
            said = [gettext(lang, f"release.check.{kind}", about=about) for lang in LOCALES]
            click.echo(f"  {'✓' if passed else '✗'} {name}  {said[0]}  {said[1]}")
            holds = holds and passed
        for name in missing(each):
            said = [gettext(lang, f"release.missing.{name}") for lang in LOCALES]
            click.echo(f"  – {name}  {said[0]}  {said[1]}")
    click.echo("\n".join(_say("release.holds" if holds else "release.holds_not")))
    if not holds:
        raise SystemExit(1)


def checked(folder: Path, own: object = None, wanted: str = "") -> list[tuple[str, bool]]:
    """Check a release as the script in it does, and what only a library opens.

    A release that was written before there was a checker is checked as far as it goes.
    """
    if _former(folder):
        found = former.check(folder, wanted)
        found += [("own receipt", False)] if own else []
    else:
        found = verify_release.check(folder, own, wanted)
    return [*found, ("brotli", _brotli(folder))]


def missing(folder: Path) -> tuple[str, ...]:
    """Return what a release doesn't hold, so that nobody can check it."""
    if _former(folder):
        return former.MISSING
    return () if (folder / "rankings/verify_release.py").is_file() else ("script",)


def _former(folder: Path) -> bool:
    """Tell whether a release was written before there was a checker."""
    try:
        return bool(msgspec.json.decode((folder / "manifest.json").read_bytes())["version"] == 1)
    except (msgspec.DecodeError, KeyError, TypeError):
        return False


def _brotli(folder: Path) -> bool:
    """Tell whether every twin in brotli holds the file beside it."""
    try:
        return all(
            brotli.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()
            for path in folder.rglob("*.br")
        )
    except (OSError, brotli.error):
        return False


def _say(key: str) -> list[str]:
    return [gettext(lang, key) for lang in LOCALES]


def releases_in(folder: Path) -> list[Path]:
    """Return the release that a folder is, or all that it holds."""
    if (folder / "manifest.json").is_file():
        return [folder]
    found = [each.parent for each in folder.glob("*/manifest.json") if not each.parent.is_symlink()]
    if not found:
        raise click.ClickException(f"{folder} holds no release")
    return sorted(found)


def signatures(folder: Path) -> list[tuple[str, bool]]:
    """Check every signature beside the files of a release."""
    return [
        (f"signature {path.stem[:16]}", _signer(folder, path) == path.stem)
        for path in sorted((folder / _ASIDE).glob("*.json"))
    ]


def _signers(folder: Path) -> set[str]:
    """Return the public keys that signed a release."""
    return {_signer(folder, path) for path in (folder / _ASIDE).glob("*.json")}


def _signer(folder: Path, path: Path) -> str:
    """Return the public key that a file's signature is of; nothing where it is of none."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        said = msgspec.json.decode(path.read_bytes(), type=Signed)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(said.key))
        key.verify(bytes.fromhex(said.signature), message(folder))
    except (ValueError, InvalidSignature, msgspec.MsgspecError):
        return ""
    return said.key if said.algorithm == "Ed25519" else ""


def message(folder: Path) -> bytes:
    """Return what is signed: the hash of the manifest, in hex, which is the release's name."""
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest().encode()


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--key", type=_FILE, required=True, help="Private key (PEM, Ed25519), not the city's."
)
@click.option("--password", default="", help="Of the key, if it has one.")
def sign(folder: Path, key: Path, password: str) -> None:
    """Sign a release that was checked, on a machine of your own; only its files are needed.

    A key is made with: openssl genpkey -algorithm ed25519 -out key.pem
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    folder = folder.resolve()
    if not all(passed for _, passed in checked(folder)):
        raise click.ClickException("the release does not hold; nothing was signed")
    try:
        own = load_pem_private_key(key.read_bytes(), password.encode() or None)
    except (ValueError, TypeError) as fault:
        raise click.ClickException(f"{key} can't be read as a key: {fault}") from fault
    if not isinstance(own, Ed25519PrivateKey):
        raise click.ClickException("the key is of another kind than Ed25519")
    public = own.public_key().public_bytes_raw().hex()
    said = Signed("Ed25519", public, own.sign(message(folder)).hex())
    path = folder / _ASIDE / f"{public}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(said))
    click.echo(f"{path}\n{public}")

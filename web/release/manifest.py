"""The public layer and the manifest: what a stranger needs to compute everything again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from panel.chance import canonical
from panel.rankings.types import Kind
from web import standings
from web.exports import csv_file
from web.i18n import Lang, gettext
from web.release.content import Content

DATA = "rankings/data"


def manifest(content: Content, files: Mapping[str, bytes], twins: Mapping[str, bytes]) -> bytes:
    """Return the manifest: place in the chain, hashes of both layers, digest of every file.

    Of pressed twins it names those in brotli, which a reader without a library can't open.
    """
    publication, edition = content.publication, content.edition
    return canonical(
        {
            "version": 3,
            "sequence": publication.sequence,
            "previous": content.previous_hash,
            "round": publication.round_code,
            "edition": publication.edition,
            "status": publication.status.value,
            "published_at": _moment(publication.published_at),
            "rulebook_hash": content.rulebook_hash,
            "sealed_hash": edition.sealed_hash,
            "receipts": {"root": edition.receipts_root, "number": edition.receipts},
            "lists": [
                {"code": each.code, "kind": each.kind.value, "input_hash": each.input_hash}
                for each in content.lists
            ],
            "files": _digests(files),
            "twins": _digests({name: twins[name] for name in twins if name.endswith(".br")}),
        }
    )


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(body).hexdigest() for name, body in sorted(files.items())}


def data_files(content: Content) -> dict[str, bytes]:
    """Return the files for machines: lists, rulebook, receipts, corrections."""
    return {
        f"{DATA}/rankings.json": canonical(public_data(content)),
        f"{DATA}/rulebook.json": content.rulebook_text.encode(),
        f"{DATA}/receipts.json": canonical({"leaves": content.receipts}),
        f"{DATA}/errata.json": canonical([msgspec.to_builtins(each) for each in content.errata]),
    }


def public_data(content: Content) -> dict[str, Any]:
    """Return the public layer: from it a stranger recomputes every score and place."""
    publication, edition = content.publication, content.edition
    return {
        "version": 2,
        "sequence": publication.sequence,
        "round": publication.round_code,
        "rounds": list(edition.rounds),
        "edition": publication.edition,
        "status": publication.status.value,
        "title": {"zh": publication.title, "en": publication.title_en},
        "published_at": _moment(publication.published_at),
        "rulebook_hash": content.rulebook_hash,
        "rules": msgspec.to_builtins(content.rulebook.ranking),
        "minimum_visitors": content.rulebook.publication.minimum_visitors,
        "model": msgspec.to_builtins(edition.model),
        "under_appeal": sorted(publication.under_appeal),
        "peer_groups": [
            {"key": group.key, "zh": group.text.zh, "en": group.text.en}
            for group in content.rulebook.peer_groups
        ],
        "lists": msgspec.to_builtins(content.lists),
        "answers": [
            {
                "unit": each.unit_code,
                "text": each.printed,
                "shortened": each.shortened,
                "reply": each.reply,
            }
            for each in content.answers.values()
        ],
    }


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()


def table(content: Content, lang: Lang, kind: Kind) -> bytes:
    """Return the lists of a kind as a table."""

    def say(text: str) -> str:
        return gettext(lang, text)

    header = [
        say(text)
        for text in (
            "Peer group", "Rank", "Standing", "Public code", "Unit or window", "Unit", "Score",
            "Interval from", "Interval to", "Counted visits", "Visitors", "Under the gate",
        )
    ]  # fmt: skip
    return csv_file(
        header,
        (
            [
                standings.group_name(content.rulebook, row.group, lang),
                say("ranking.provisional") if row.provisional else row.place,
                say(f"ranking.standing.{row.standing.value}"),
                row.code,
                standings.called(row.name, row.name_en, lang),
                standings.called(row.unit_name, row.unit_name_en, lang),
                *(standings.plain(value) for value in (row.score, row.low, row.high)),
                row.visits,
                row.visitors,
                say("yes") if row.under_gate else "",
            ]
            for each in content.lists
            if each.kind is kind
            for row in each.rows
        ),
    )

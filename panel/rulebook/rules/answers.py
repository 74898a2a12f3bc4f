"""What is published of measures: everything but the right answers, by whose hash they are known."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from panel.chance import canonical

_KEY: Final = ("right", "why")


def published(content: str) -> str:
    """Return the text that everybody reads: measures without the answers to their examination.

    In their place stand two hashes: that of the answers, and that of the whole text, by which the
    measures are known everywhere. Who may read the whole text checks both.
    """
    tree = json.loads(content)
    answers = _taken(tree.get("training", {}))
    tree["answers"] = {
        "sha256": hashlib.sha256(canonical(answers)).hexdigest(),
        "whole": hashlib.sha256(content.encode()).hexdigest(),
    }
    return canonical(tree).decode()


def _taken(lessons: dict[str, Any]) -> Any:
    """Take the answers out of a course and of the courses below it, and return them."""
    found: dict[str, Any] = {
        "questions": [
            {"key": each["key"], **{name: each.pop(name) for name in _KEY}}
            for each in lessons.get("questions", ())
        ],
        "cases": [
            {"key": each["key"], "answers": each.pop("answers")}
            for each in lessons.get("cases", ())
        ],
    }
    if "courses" in lessons:
        found["courses"] = [{"form": each["form"], **_taken(each)} for each in lessons["courses"]]
    return found

"""What is published of measures shows no right answer, and is still bound to the whole text."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from panel.chance import canonical
from panel.rulebook import rules
from tests.make.rulebook import DEFAULT

WHOLE = rules.content(rules.read(DEFAULT))
SHOWN = rules.published(WHOLE)


def courses(tree: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what all courses share, and each course."""
    return [tree["training"], *tree["training"]["courses"]]


def test_no_right_answer_and_no_reason_of_one_is_published() -> None:
    tree, whole = json.loads(SHOWN), json.loads(WHOLE)
    for course in courses(tree):
        for question in course["questions"]:
            assert set(question) == {"key", "text", "options"}
        assert all("answers" not in case for case in course.get("cases", ()))
    for course in courses(whole):
        for question in course["questions"]:
            assert question["why"]["zh"] not in SHOWN
    for name in set(whole) - {"training"}:
        assert tree[name] == whole[name]


def test_auditors_check_both_hashes_with_the_whole_text() -> None:
    told = json.loads(SHOWN)["answers"]
    whole = json.loads(WHOLE)
    assert told["whole"] == rules.fingerprint(WHOLE)

    def key(course: dict[str, Any]) -> dict[str, Any]:
        return {
            "questions": [
                {name: each[name] for name in ("key", "right", "why")}
                for each in course["questions"]
            ],
            "cases": [
                {name: each[name] for name in ("key", "answers")}
                for each in course.get("cases", ())
            ],
        }

    training = whole["training"]
    answers = key(training) | {
        "courses": [{"form": each["form"]} | key(each) for each in training["courses"]]
    }
    assert told["sha256"] == hashlib.sha256(canonical(answers)).hexdigest()


def test_measures_without_a_course_are_published_too() -> None:
    bare = json.dumps({"title": "x"}, separators=(",", ":"))
    tree = json.loads(rules.published(bare))
    assert tree["title"] == "x"
    assert tree["answers"]["whole"] == hashlib.sha256(bare.encode()).hexdigest()

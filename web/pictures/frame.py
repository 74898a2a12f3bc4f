"""What all pictures are drawn with: scales, words, lines, and the frame that tells them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from unicodedata import east_asian_width

import msgspec

Say = Callable[..., str]


class Scale(msgspec.Struct, frozen=True):
    """A common scale from ``low`` to ``high``, in hundredths of a point."""

    low: int
    high: int

    def share(self, value: int) -> float:
        """Give the place of a value in percent of the width, kept inside."""
        room = max(self.high - self.low, 1)
        return min(max((value - self.low) * 100 / room, 0), 100)


def points(value: int, *, signed: bool = False) -> str:
    """Write hundredths of a point with two decimals and a true minus sign."""
    sign = "−" if value < 0 else "+" if signed else ""
    return f"{sign}{abs(value) // 100}.{abs(value) % 100:02d}"


def short(value: float) -> str:
    """Write a length with two decimals at most: thousands of pages hold hundreds of them."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def width(words: str) -> float:
    """Guess the room that a text takes, in multiples of its size."""
    return sum(1 if east_asian_width(letter) in "WF" else 0.6 for letter in words)


def anchor(share: float) -> str:
    """Keep a label inside the picture near both of its ends."""
    return "end" if share > 85 else "start" if share < 15 else "mid"  # noqa: PLR2004 - by eye


def inset(body: str) -> str:
    """Leave room for half a dot at both ends."""
    return f'<svg x="3%" width="94%" overflow="visible">{body}</svg>'


def text(x: str, y: float, words: str, kind: str = "") -> str:
    """Write words at a place."""
    marked = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{short(y)}em"{marked}>{escape(words)}</text>'


def rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Draw a bar or an area."""
    return (
        f'<rect class="{kind}" x="{short(x)}%" y="{short(y)}em" '
        f'width="{short(width)}%" height="{short(height)}em"/>'
    )


def line(x1: float, y1: str, x2: float, y2: str | None, kind: str) -> str:
    """Draw a rule; without a second height it lies level."""
    return f'<line class="{kind}" x1="{short(x1)}%" y1="{y1}" x2="{short(x2)}%" y2="{y2 or y1}"/>'


def picture(height: float, title: str, told: str, body: Sequence[str], kind: str = "") -> str:
    """Frame a picture with its name and its words for those who don't see it."""
    return (
        f'<svg class="pic{" " + kind if kind else ""}" role="img" width="100%" '
        f'height="{short(height)}em"><title>{escape(title)}</title><desc>{escape(told)}</desc>'
        f"{''.join(body)}</svg>"
    )

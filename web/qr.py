"""QR symbols as SVG, for posters and cards: level Q, a quiet zone of four modules."""

from __future__ import annotations

from html import escape
from itertools import groupby

BORDER = 4


_MASK = 0
"""Every reader takes any mask; looking for the calmest of eight costs nine tenths of the work."""


def runs(text: str, *, quick: bool = False) -> tuple[int, list[tuple[int, int, int]]]:
    """Return a symbol's size in modules, quiet zone included, and its black runs: x, y, length.

    ``quick`` ones are for many at once, which are read near and once, not for a wall.
    """
    import qrcode  # brings an image library along, which few processes need
    from qrcode.constants import ERROR_CORRECT_Q

    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_Q, border=BORDER, mask_pattern=_MASK if quick else None
    )
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    found: list[tuple[int, int, int]] = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                found.append((x, y, length))
            x += length
    return len(matrix), found


def svg(text: str, label: str, *, quick: bool = False) -> str:
    """Draw a text as a QR symbol, one path of black runs on white; ``label`` is read aloud."""
    size, black = runs(text, quick=quick)
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in black)
    return (
        f'<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{escape(label)}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )

"""Texts in Chinese, and in English where the city wrote one."""

from __future__ import annotations

import msgspec


class Text(msgspec.Struct, frozen=True):
    """A text in Chinese, and in English where the city wrote one."""

    zh: str
    en: str = ""

    def get(self, lang: str) -> str:
        """Return the text of a language, the Chinese one where there is no other."""
        return self.en if lang == "en" and self.en else self.zh

"""The lottery: leximin chances, numbered lists that keep every quota, the published file."""

from panel.recruitment.rules.lottery.dealing import deal
from panel.recruitment.rules.lottery.lists import extend, made
from panel.recruitment.rules.lottery.preparation import chances, prepare
from panel.recruitment.rules.lottery.solver import library

__all__ = ["chances", "deal", "extend", "library", "made", "prepare"]

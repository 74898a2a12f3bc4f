"""Decisions of the roster: reading uploaded tables, judging their rows, closing windows."""

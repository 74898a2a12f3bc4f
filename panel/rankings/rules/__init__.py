"""Decisions of rankings: pure, by subject."""

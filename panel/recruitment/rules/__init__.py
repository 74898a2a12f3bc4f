"""Decisions of recruitment: pure, by subject."""

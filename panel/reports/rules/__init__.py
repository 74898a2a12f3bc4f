"""Decisions of reports: pure."""

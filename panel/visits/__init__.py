"""Visits: a round is planned, approved, committed to, drawn; members are offered its tasks.

A task belongs to its visitor only by a keyed link that changes with every round, so that neither
the tables nor the history say who came. The chain of a round: ``plan → approve → commit → draw →
close``; of a task: ``offered → accepted → in_progress → submitted → done``, with side exits.
"""

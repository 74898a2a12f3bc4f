"""Roster: the units, halls, windows and service items that are visited, and their liaisons.

Comes from the offices' own tables (CSV, XLSX); a file is taken whole or not at all. The windows
have the printed public addresses ``/w/{code}``; a code is never used again.
"""

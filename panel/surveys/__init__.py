"""Collective evaluation: the whole panel marks every unit on secret ballots, counted by session.

Only counts are kept: no ballot, and nobody who gave one. A second person checks the figures; a
session without a quorum, or with more ballots returned than issued, is void.
"""

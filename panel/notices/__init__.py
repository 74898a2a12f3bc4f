"""Notices: messages to persons. A row says that something waits, never what or where.

What was sent keeps its day, kind and price, and no longer to whom.
"""

"""Append-only history: one entry a command, sealed into a hash chain; the chain of draw codes."""

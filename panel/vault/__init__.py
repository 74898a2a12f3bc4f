"""Identities: encrypted field by field with a key per person, opened only on the record."""

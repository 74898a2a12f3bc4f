"""Enums and frozen structs of rankings."""

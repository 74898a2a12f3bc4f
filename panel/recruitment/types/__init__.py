"""Enums and frozen structs of recruitment."""

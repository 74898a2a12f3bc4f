"""Tests of panel/accounts."""

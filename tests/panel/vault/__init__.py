"""Tests of panel/vault."""

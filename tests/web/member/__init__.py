"""Tests of the members' pages."""

"""Tests, arranged like the code they hold to its promises."""

"""The web: says who may ask, parses, calls one command or some queries, and shows a page."""

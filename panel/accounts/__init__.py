"""Who signs in: accounts of staff and members, sessions, second factors, cards, limits."""

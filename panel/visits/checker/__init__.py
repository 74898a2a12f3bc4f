"""A checker of published draws that needs nothing of ours; it stands beside the records."""

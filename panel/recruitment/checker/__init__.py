"""A checker of published lotteries that needs nothing of ours; it ships beside the file."""

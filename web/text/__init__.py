"""Words for values that come from the rulebook, shared by the pages of several audiences."""

"""Who holds a seat on the panel: terms, qualification, recusals.

Only this context writes seats. Names and addresses stay in the vault; a member row holds what
quotas and assignments need and nothing finer: an age band, a district, a place rounded to 0.01°.
"""

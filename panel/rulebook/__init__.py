"""The city's measures as data: forms, weights, thresholds, quotas, deadlines; frozen and hashed."""

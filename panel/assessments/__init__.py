"""The units' marks of a year and the orders to rectify, opened from published rankings.

Components that do not exist yet are marked missing and re-weighted, never counted as zero.
"""

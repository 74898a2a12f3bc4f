"""Evaluations: a visitor fills in a sheet, sends it once, a reviewer decides whether it counts.

A sheet is judged by the form of its round's rulebook; a returned one is sent again as the next
version. Rows name the task alone, and the task names its visitor by a link, never a member.
"""

"""Reports: reading across contexts, for exports, the desk and other programs.

Nothing here names a visitor; what a list says of covert visits is never finer than a month.
"""

"""Rankings: from cells of counted sheets to lists with places, chances and ranges (methods.md 2).

`compute` makes everything of one edition; `recompute` is the public formula in whole numbers,
which gives every published score again. What solves equations and counts chances needs numpy: it
is imported when it is first asked for.
"""

from panel.rankings.rules.ranking.cells import aggregate, fingerprint
from panel.rankings.rules.ranking.compute import compute
from panel.rankings.rules.ranking.naming import lowest

__all__ = ["aggregate", "compute", "fingerprint", "lowest"]

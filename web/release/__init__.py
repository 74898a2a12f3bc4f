"""A publication as static files: both languages, both sizes, readable from any static host.

Every link is relative, so that the folder works under the service, at ``/r/<hash>/`` and under
``python -m http.server``. The manifest names each file's digest and the manifest before it. What
can be taken away again (names of persons, a word that a release was corrected) stands beside the
files, in a folder of its own that no digest covers.
"""

from web.release.content import Content, Erratum, gathered
from web.release.manifest import public_data
from web.release.overlay import refresh
from web.release.store import Release, point, store
from web.release.writing import assessment_job, build, release_job, write_due

__all__ = [
    "Content",
    "Erratum",
    "Release",
    "assessment_job",
    "build",
    "gathered",
    "point",
    "public_data",
    "refresh",
    "release_job",
    "store",
    "write_due",
]

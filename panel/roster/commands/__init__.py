"""Commands of the roster."""

from panel.roster.commands.imports import import_file, import_table
from panel.roster.commands.posters import reprint
from panel.roster.commands.windows import close_window, reopen_window, retire_window

__all__ = [
    "close_window",
    "import_file",
    "import_table",
    "reopen_window",
    "reprint",
    "retire_window",
]

"""What a database may answer beside rows: come back later, there is one already, not like this."""


class Unavailable(Exception):  # noqa: N818 - an answer, not an accident
    """The database cannot serve now: locked, full, restarting or unreachable; nothing was kept."""

    def __init__(self, reason: str, *, full: bool = False) -> None:
        """`reason` is a word for the log; `full` tells a full disk from a busy database."""
        super().__init__(reason)
        self.full = full


class Duplicate(Exception):  # noqa: N818 - an answer, not an accident
    """A unique constraint or index had the last word; names the constraint, never the values."""


class TooLong(Exception):  # noqa: N818 - an answer, not an accident
    """A text is longer than its column; rules refuse it first, with the name of its field."""


class UnsafeDatabase(Exception):  # noqa: N818 - an answer, not an accident
    """The server may lose what it has acknowledged, or is not the database we expect."""


class NewerDatabase(Exception):  # noqa: N818 - an answer, not an accident
    """The database was written by a newer version of panel, which this one must not touch."""


class SpoiledTransaction(RuntimeError):  # noqa: N818 - named like its siblings
    """An error inside a transaction was swallowed without a savepoint, so it cannot commit."""


class ForeignTask(RuntimeError):  # noqa: N818 - named like its siblings
    """A task tried to use the transaction of the task that started it; see `detached`."""

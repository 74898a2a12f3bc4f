"""What SQLite cannot alter, said in statements it can run; and plain indexes for both engines."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from piccolo.columns import Column
from piccolo.constraints import Constraint

Run = Callable[[str, list[Any]], Awaitable[list[dict[str, Any]]]]

_NAME = r'"?(\w+)"?'
_ADD = re.compile(
    rf"ALTER TABLE {_NAME} ADD CONSTRAINT {_NAME} (UNIQUE INDEX|INDEX|UNIQUE|CHECK) ?(.*)",
    re.DOTALL,
)
_ADD_UNIQUE = re.compile(rf"ALTER TABLE {_NAME} ADD UNIQUE \({_NAME}\)")
# Piccolo says it twice.
_DROP = re.compile(
    rf"ALTER TABLE {_NAME} DROP CONSTRAINT (?:IF EXISTS )?{_NAME}"
    r'(?:, DROP CONSTRAINT (?:IF EXISTS )?"?\2"?)?'
)
_DROP_COLUMN = re.compile(rf"ALTER TABLE {_NAME} DROP COLUMN {_NAME}")
_ADD_COLUMN = re.compile(rf"ALTER TABLE {_NAME} ADD COLUMN {_NAME} (.*)", re.DOTALL)
_ALTER = re.compile(
    rf"ALTER TABLE {_NAME} ALTER COLUMN {_NAME} "
    r"((?:DROP|SET) NOT NULL|SET DEFAULT .*|DROP DEFAULT)",
    re.DOTALL,
)
_CREATE = re.compile(rf"CREATE TABLE (?:IF NOT EXISTS )?{_NAME} \((.*)\)", re.DOTALL)
_VARCHAR = re.compile(r'"(\w+)" VARCHAR\((\d+)\)')
_RENAME = re.compile(rf"ALTER TABLE {_NAME} RENAME (?:COLUMN .*|TO {_NAME})", re.DOTALL)


class UnsupportedChange(NotImplementedError):  # noqa: N818 - named like the others
    """A change of a table that our SQLite adapter does not know yet."""


class Index(Constraint):
    """A plain, composite, unique or partial index, declared in a table like a constraint."""

    def __init__(
        self,
        columns: Sequence[Column | str],
        name: str | None = None,
        *,
        unique: bool = False,
        where: str | None = None,
    ) -> None:
        """`where` is SQL both engines read, such as `state = 'due'`."""
        self.columns = list(columns)
        self.unique = unique
        self.where = where
        super().__init__(name=name, columns=self.columns, unique=unique, where=where)

    def serialise_self(self) -> None:
        """Turn column references into names for the migration file."""
        self._meta.params["columns"] = self.column_names()

    def column_names(self) -> list[str]:
        """Names of the columns in the database."""
        return [c if isinstance(c, str) else c._meta.db_column_name for c in self.columns]  # noqa: SLF001 - Piccolo's door

    @property
    def ddl(self) -> str:
        """What follows `ADD CONSTRAINT name`; our engines turn it into CREATE INDEX."""
        columns = ", ".join(f'"{name}"' for name in self.column_names())
        where = f" WHERE {self.where}" if self.where else ""
        return f"{'UNIQUE INDEX' if self.unique else 'INDEX'} ({columns}){where}"

    def _table_str(self) -> str:
        return f"{self._meta.name} = Index({self.column_names()}, unique={self.unique})"


def _qualified(table: str, name: str) -> str:
    # Names of indexes are shared by all tables of a database; names of attributes are not.
    return name if name.startswith(f"{table}_") else f"{table}_{name}"


async def run_on_postgres(ddl: str, run: Run) -> list[dict[str, Any]]:
    """Run Piccolo's statement, turning our indexes into real ones."""
    if found := _ADD.fullmatch(ddl):
        table, kind, rest = found[1], found[3], found[4]
        name = _qualified(table, found[2])
        if kind.endswith("INDEX"):
            return await run(f'CREATE {kind} "{name}" ON "{table}" {rest}', [])
        return await run(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {kind} {rest}', [])
    if found := _DROP.fullmatch(ddl):
        name = _qualified(found[1], found[2])
        await run(f'ALTER TABLE "{found[1]}" DROP CONSTRAINT IF EXISTS "{name}"', [])
        return await run(f'DROP INDEX IF EXISTS "{name}"', [])
    return await run(ddl, [])


async def run_on_sqlite(ddl: str, run: Run) -> list[dict[str, Any]]:  # noqa: PLR0911 - a table of cases
    """Run Piccolo's statement, or the ones that have its meaning in SQLite."""
    if found := _CREATE.fullmatch(ddl):
        return await _create(ddl, found[1], found[2], run)
    if found := _ADD.fullmatch(ddl):
        name = _qualified(found[1], found[2])
        return await _add(found[1], name, found[3], found[4], run)
    if found := _ADD_UNIQUE.fullmatch(ddl):
        return await run(_unique(found[1], found[2]), [])
    if found := _DROP.fullmatch(ddl):
        return await _drop(found[1], _qualified(found[1], found[2]), run)
    if found := _DROP_COLUMN.fullmatch(ddl):
        await _drop_indexes_of(found[1], found[2], run)
        return await run(ddl, [])
    if found := _ALTER.fullmatch(ddl):
        return await _alter(found[1], found[2], found[3], run)
    if found := _ADD_COLUMN.fullmatch(ddl):
        definition, unique = _without_unique(found[3])
        column = _bounded(f'"{found[2]}" {definition}')
        await run(f'ALTER TABLE "{found[1]}" ADD COLUMN {column}', [])
        return await run(_unique(found[1], found[2]), []) if unique else []
    if ddl.startswith("ALTER TABLE") and not _RENAME.fullmatch(ddl):
        raise UnsupportedChange(ddl)
    return await run(ddl, [])


def _unique(table: str, column: str) -> str:
    # The name PostgreSQL gives, so that one migration drops it on both.
    return f'CREATE UNIQUE INDEX IF NOT EXISTS "{table}_{column}_key" ON "{table}" ("{column}")'


def _bounded(definition: str) -> str:
    # SQLite reads the length of a text and forgets it; both engines must refuse the same texts.
    return _VARCHAR.sub(r'"\1" VARCHAR(\2) CHECK (length("\1") <= \2)', definition)


def _without_unique(definition: str) -> tuple[str, bool]:
    # Piccolo writes: type [PRIMARY KEY] [UNIQUE] [NOT NULL] [REFERENCES …] DEFAULT …
    head, default, tail = definition.partition(" DEFAULT ")
    return head.replace(" UNIQUE", "", 1) + default + tail, " UNIQUE" in head


def split(body: str) -> list[str]:
    """Split the inside of CREATE TABLE at its top-level commas."""
    parts, depth, quote, start = [], 0, "", 0
    for at, char in enumerate(body):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == ",":
            if depth == 0:
                parts.append(body[start:at].strip())
                start = at + 1
        else:
            depth += (char == "(") - (char == ")")
    return [*parts, body[start:].strip()]


async def _create(ddl: str, table: str, body: str, run: Run) -> list[dict[str, Any]]:
    columns, uniques = [], []
    for part in split(body):
        definition, unique = _without_unique(part)
        if unique:
            uniques.append(definition.split('"')[1])
        # An id must not come back after its row is gone: job ids are idempotency keys.
        columns.append(
            _bounded(definition).replace(
                "INTEGER PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT", 1
            )
        )
    rows = await run(f"{ddl[: ddl.index('(')]}({', '.join(columns)})", [])
    for column in uniques:
        await run(_unique(table, column), [])
    return rows


async def _add(table: str, name: str, kind: str, rest: str, run: Run) -> list[dict[str, Any]]:
    if kind == "CHECK":
        broken = await run(f'SELECT 1 FROM "{table}" WHERE NOT {rest} LIMIT 1', [])
        if broken:
            message = f"rows of {table} break the new check {name}"
            raise ValueError(message)
        parts = [*await _parts(table, run), f'CONSTRAINT "{name}" CHECK {rest}']
        return await _rewrite(table, parts, run)
    if "NULLS NOT DISTINCT" in rest:
        raise UnsupportedChange(rest)
    kind = "UNIQUE INDEX" if kind == "UNIQUE" else kind
    return await run(f'CREATE {kind} "{name}" ON "{table}" {rest}', [])


async def _drop(table: str, name: str, run: Run) -> list[dict[str, Any]]:
    await run(f'DROP INDEX IF EXISTS "{name}"', [])
    parts = await _parts(table, run)
    kept = [part for part in parts if not part.startswith(f'CONSTRAINT "{name}" ')]
    return await _rewrite(table, kept, run) if kept != parts else []


async def _alter(table: str, column: str, change: str, run: Run) -> list[dict[str, Any]]:
    """Let a column be empty or not, or change its default; refuses what stored rows contradict."""
    if change == "SET NOT NULL":
        empty = await run(f'SELECT 1 FROM "{table}" WHERE "{column}" IS NULL LIMIT 1', [])
        if empty:
            message = f"rows of {table} have no {column}"
            raise ValueError(message)
    parts = await _parts(table, run)
    for place, part in enumerate(parts):
        if not re.match(rf'"?{column}"? ', part):
            continue
        head, _, default = part.partition(" DEFAULT ")
        if change.endswith("NOT NULL"):
            head = head.replace(" NOT NULL", "", 1)
            head += " NOT NULL" if change.startswith("SET") else ""
        else:
            default = change.removeprefix("SET DEFAULT ") if change.startswith("SET") else ""
        parts[place] = f"{head} DEFAULT {default}" if default else head
        return await _rewrite(table, parts, run)
    message = f"no column {column} in {table}"
    raise ValueError(message)


async def _drop_indexes_of(table: str, column: str, run: Run) -> None:
    indexes = await run("SELECT name FROM pragma_index_list(?) WHERE origin = 'c'", [table])
    for index in indexes:
        columns = await run("SELECT name FROM pragma_index_info(?)", [index["name"]])
        if column in {found["name"] for found in columns}:
            await run(f'DROP INDEX "{index["name"]}"', [])


async def _parts(table: str, run: Run) -> list[str]:
    rows = await run("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", [table])
    if not rows:
        message = f"no table {table}"
        raise ValueError(message)
    sql: str = rows[0]["sql"]
    return split(sql[sql.index("(") + 1 : sql.rindex(")")])


async def _rewrite(table: str, parts: list[str], run: Run) -> list[dict[str, Any]]:
    """Change constraints in place, by the procedure SQLite documents for changes without new data.

    Rebuilding the table instead would delete the rows that refer to it: foreign keys are on.
    """
    version = (await run("PRAGMA schema_version", []))[0]["schema_version"]
    await run("PRAGMA writable_schema = ON", [])
    try:
        sql = f'CREATE TABLE "{table}" ({", ".join(parts)})'
        where = "WHERE type = 'table' AND name = ?"
        await run(f"UPDATE sqlite_master SET sql = ? {where}", [sql, table])
        await run(f"PRAGMA schema_version = {version + 1}", [])
    finally:
        await run("PRAGMA writable_schema = OFF", [])
    health = await run("PRAGMA integrity_check(1)", [])
    if health != [{"integrity_check": "ok"}]:
        message = f"changing {table} would damage the database"
        raise ValueError(message)
    return []

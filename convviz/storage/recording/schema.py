"""The tables of a recording, and connections for writing and reading it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from convviz.files.atomic import atomic_path
from convviz.files.inputs import open_regular
from convviz.files.network_drive import is_on_network

__all__ = [
    "APPLICATION_ID",
    "ENDING",
    "MAGIC",
    "TABLES",
    "VERSION",
    "checksum",
    "companions",
    "connect_reader",
    "connect_writer",
    "insert",
    "insert_all",
    "is_recording",
    "make_recording",
    "problem_of",
    "settle",
]

APPLICATION_ID = 0x43565A52
"""``CVZR``, in the header of the file, which tells recordings from other databases."""
VERSION = 1
"""Version of the schema (``user_version``)."""
ENDING = ".cvz"
MAGIC = b"SQLite format 3\x00"
PAGE = 16 << 10
"""Bytes of a page of the database."""
LOG_BYTES = 8 << 20
"""Bytes of the write-ahead log after which its contents are moved into the recording."""
WAIT = 5.0
"""Seconds for which reader and writer wait for each other if there is no write-ahead log."""

Value = int | float | str | bytes | memoryview
Row = tuple[Value, ...]

TABLES: dict[str, tuple[str, ...]] = {
    "head": ("number INTEGER PRIMARY KEY", "json BLOB"),
    "designs": ("number INTEGER PRIMARY KEY", "toml TEXT"),
    "minibatches": ("first INTEGER PRIMARY KEY", "count INTEGER", "contents BLOB"),
    "epochs": ("epoch INTEGER PRIMARY KEY", "json BLOB"),
    "measures": ("step INTEGER PRIMARY KEY", "contents BLOB"),
    "filters": ("step INTEGER PRIMARY KEY", "contents BLOB"),
    "key_points": (
        "step INTEGER PRIMARY KEY",
        "design INTEGER",
        "learning_rate REAL",
        "seconds REAL",
        "essential INTEGER",
        "contents BLOB",
    ),
    "events": ("number INTEGER PRIMARY KEY", "step INTEGER", "kind TEXT", "json BLOB"),
}
"""Table → its columns. Each table has one more column, ``crc``, the checksum of the others."""
INSERT = {
    table: f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * (len(columns) + 1))})"  # noqa: S608 (ours)
    for table, columns in TABLES.items()
}


def create(table: str) -> str:
    """The statement that makes a table; a file in which a table was made by any other statement is refused."""
    return f"CREATE TABLE {table} ({', '.join(TABLES[table])}, crc INTEGER)"


def checksum(*values: Value) -> int:
    """CRC-32 of a row's values."""
    crc = 0
    for value in values:
        crc = zlib.crc32(value if isinstance(value, bytes | memoryview) else f"{value!r};".encode(), crc)
    return crc


def companions(path: Path) -> tuple[Path, ...]:
    """Files that SQLite keeps beside a recording while it is written, and after a crash."""
    return tuple(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal"))


def make_recording(path: Path, fill: Callable[[sqlite3.Connection], object]) -> None:
    """Make a recording with its first rows, completely or not at all.

    Parameters
    ----------
    path : Path
    fill : callable
        Adds the rows to the open database.

    Raises
    ------
    sqlite3.Error, OSError
        It can't be written.
    """
    with atomic_path(path) as part:
        with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as db:
            db.execute(f"PRAGMA page_size={PAGE}")
            db.execute("BEGIN IMMEDIATE")
            db.execute(f"PRAGMA application_id={APPLICATION_ID}")
            db.execute(f"PRAGMA user_version={VERSION}")
            for table in TABLES:
                db.execute(create(table))
            fill(db)
            db.execute("COMMIT")
        for old in companions(path):
            old.unlink(missing_ok=True)


def insert(db: sqlite3.Connection, table: str, *values: Value) -> None:
    """Add a row with its checksum, or replace the one with the same key."""
    db.execute(INSERT[table], (*values, checksum(*values)))


def insert_all(db: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Add several rows with their checksums, or replace those with the same keys."""
    db.executemany(INSERT[table], [(*row, checksum(*row)) for row in rows])


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open a recording for writing.

    Raises
    ------
    sqlite3.Error
        It is not a database, or can't be written.
    """
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=WAIT)
    try:
        db.execute("PRAGMA trusted_schema=OFF")
        prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Choose how commits are protected from crashes.

    Usually by a write-ahead log. A network drive has no shared memory, so that the log would be unsafe or is refused;
    there, a rollback journal protects them as well.
    """
    db.execute("PRAGMA synchronous=FULL")
    db.execute(f"PRAGMA journal_mode={'TRUNCATE' if is_on_network(path) else 'WAL'}")
    db.execute(f"PRAGMA wal_autocheckpoint={LOG_BYTES // PAGE}")
    db.execute(f"PRAGMA journal_size_limit={2 * LOG_BYTES}")


def settle(path: Path) -> None:
    """Merge the log of a crashed run into the recording, so that it is one file again; raises nothing if it can't."""
    if not is_recording(path) or not companions(path)[0].exists():
        return
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path, timeout=0.1)) as db:
        db.execute("PRAGMA trusted_schema=OFF")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode=DELETE")


class ReadConnection:
    """A read-only connection, which reads a temporary copy if SQLite can't read the recording where it is."""

    def __init__(self, path: Path) -> None:
        self._copy: Path | None = None
        try:
            self.db = self._open(path)
        except sqlite3.Error:
            # SQLite can't read the log that a crash has left in a folder that it can't write to.
            if not companions(path)[0].exists():
                self.db = self._open(path, "&immutable=1")
                return
            self._copy = Path(mkdtemp(prefix="convviz-"))
            try:
                for one in (path, companions(path)[0]):
                    shutil.copyfile(one, self._copy / one.name)
                self.db = self._open(self._copy / path.name, mode="rw")
            except BaseException:
                self.close()
                raise

    def _open(self, path: Path, more: str = "", mode: str = "ro") -> sqlite3.Connection:
        # check_same_thread=False, because several threads use a reader in turn, though never at the same time.
        uri = f"{path.resolve().as_uri()}?mode={mode}{more}"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=WAIT)
        try:
            db.execute("PRAGMA trusted_schema=OFF")
            db.execute("PRAGMA query_only=ON")
            db.execute("PRAGMA cell_size_check=ON")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            db.close()
            raise
        return db

    def close(self) -> None:
        """Close the connection and remove the copy."""
        with contextlib.suppress(AttributeError, sqlite3.Error):
            self.db.close()
        if self._copy is not None:
            shutil.rmtree(self._copy, ignore_errors=True)


def connect_reader(path: Path) -> ReadConnection:
    """Open a recording for reading, even while another connection writes it.

    Raises
    ------
    sqlite3.Error, OSError
        It is not a database, or can't be read.
    """
    return ReadConnection(path)


def problem_of(db: sqlite3.Connection) -> tuple[str, str]:
    """The fault of a database's header or tables: the field, and ``expected …, got …``; both empty if it has none."""
    number = value_of(db, "PRAGMA application_id")
    if number != APPLICATION_ID:
        return "", "expected a convviz recording, got another SQLite database"
    version = value_of(db, "PRAGMA user_version")
    if version > VERSION:
        return "version", f"expected {VERSION} or older, got {version}, which a newer convviz wrote"
    if version < 1:
        return "version", f"expected {VERSION}, got {version}"
    found = {(kind, name, sql) for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_master")}
    wanted = {("table", name, create(name)) for name in TABLES}
    if found != wanted:
        names = sorted({str(name) for _, name, _ in found ^ wanted})
        return "tables", f"expected those of a recording, got other ones: {', '.join(names)[:80]}"
    return "", ""


def value_of(db: sqlite3.Connection, statement: str) -> Any:
    """The single value that a statement returns."""
    return db.execute(statement).fetchone()[0]


def is_recording(path: Path) -> bool:
    """Whether a file is marked as a recording, of any version; raises nothing."""
    try:
        with open_regular(path) as file:
            start = file.read(72)
    except (OSError, ValueError):
        return False
    return start.startswith(MAGIC) and int.from_bytes(start[68:72], "big") == APPLICATION_ID

"""The tables of a recording, and the connections to it."""

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
"""``CVZR``, in the header of the file: other databases are refused by it."""
VERSION = 1
"""Of the schema (``user_version``)."""
ENDING = ".cvz"
MAGIC = b"SQLite format 3\x00"
PAGE = 16 << 10
"""Bytes of a page."""
LOG_BYTES = 8 << 20
"""Of the write-ahead log, before what is in it is brought into the recording."""
WAIT = 5.0
"""Seconds to wait for the other side where there is no write-ahead log."""

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
"""Table → its columns. Each has one more, ``crc``: the checksum of the others."""
INSERT = {
    table: f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * (len(columns) + 1))})"  # noqa: S608 (ours)
    for table, columns in TABLES.items()
}


def create(table: str) -> str:
    """The statement that makes a table; a file with any other is refused."""
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
    """Make a recording with its first rows: it is there with all of them, or not at all.

    Parameters
    ----------
    path : Path
    fill : callable
        Adds the rows.

    Raises
    ------
    sqlite3.Error, OSError
        It can't be made.
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
    """Do so with several rows."""
    db.executemany(INSERT[table], [(*row, checksum(*row)) for row in rows])


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open a recording to write in it.

    Raises
    ------
    sqlite3.Error
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
    """Choose how commits are kept safe.

    On a network drive there is no shared memory, and the log would be unsafe, or is refused: then a journal does the
    same.
    """
    db.execute("PRAGMA synchronous=FULL")
    db.execute(f"PRAGMA journal_mode={'TRUNCATE' if is_on_network(path) else 'WAL'}")
    db.execute(f"PRAGMA wal_autocheckpoint={LOG_BYTES // PAGE}")
    db.execute(f"PRAGMA journal_size_limit={2 * LOG_BYTES}")


def settle(path: Path) -> None:
    """Bring the log of a run that crashed into the recording, so that it is one file again; does what it can."""
    if not is_recording(path) or not companions(path)[0].exists():
        return
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path, timeout=0.1)) as db:
        db.execute("PRAGMA trusted_schema=OFF")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode=DELETE")


class ReadConnection:
    """A read-only connection, and the folder of the copy that it reads, if it reads one."""

    def __init__(self, path: Path) -> None:
        self._copy: Path | None = None
        try:
            self.db = self._open(path)
        except sqlite3.Error:
            # A log is left from a crash, and the folder can't be written: SQLite can't read it there.
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
        # check_same_thread: a reader is handed from the thread that opens it to the one that asks, never shared.
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
    """Open a recording to read it, while another connection may write it.

    Raises
    ------
    sqlite3.Error, OSError
        It is no database, or can't be read.
    """
    return ReadConnection(path)


def problem_of(db: sqlite3.Connection) -> tuple[str, str]:
    """What is wrong with a database's header and tables: the field, and ``expected …, got …``; empty if nothing is."""
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
    """The one value that a statement gives."""
    return db.execute(statement).fetchone()[0]


def is_recording(path: Path) -> bool:
    """Whether a file is marked as a recording, of any version; raises nothing."""
    try:
        with open_regular(path) as file:
            start = file.read(72)
    except (OSError, ValueError):
        return False
    return start.startswith(MAGIC) and int.from_bytes(start[68:72], "big") == APPLICATION_ID

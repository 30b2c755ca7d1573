"""Reads and writes designs as TOML files, which people read, print in a handout, and edit by hand.

The format
----------
A file begins with the version of its format. The fields of :class:`convviz.core.design.Design` follow: ``name``,
``about``, ``classes``, a table ``[input]``, one table ``[[layers]]`` for every layer in order, and ``[training]`` with
tables of its own. Layers and optimisers are identified by ``type``. Omitted fields have their defaults; where a pair is
possible, a single number means both axes; unknown fields are refused, so that a misspelt one is never ignored.

    format = 1
    name = "course-7x7"
    classes = 10

    [input]
    channels = 1
    height = 28
    width = 28

    [[layers]]
    type = "conv2d"
    name = "conv1"
    filters = 32
    kernel = 7          # or [7, 5]: height, width
    stride = 1
    padding = 1         # or "same", "valid"

Within one format, valid files keep their meaning. A file of a newer format is refused with a sentence that says so.
Format 2 added the table ``[training.augmentation]``; a design without it is written in format 1, which older versions
of convviz open too.
Reading is limited in size, so that no file can use up memory or time.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from convviz.core.design import FORMAT, Design
from convviz.core.errors import DesignError
from convviz.files.atomic import write_bytes_atomically
from convviz.files.errors import OutputError
from convviz.files.inputs import NotRegularError, open_regular
from convviz.files.outputs import Output, check_output
from convviz.files.sniff import TEXT, UNKNOWN, looks_like
from convviz.plurals import small
from convviz.storage.schema_errors import Part, explain, quoted, shown, value_at
from convviz.storage.toml import table_lines

__all__ = ["MAX_BYTES", "MAX_LAYERS", "is_design", "load_design", "read_design", "save_design", "write_design"]

MAX_BYTES = 256 * 1024
"""Most bytes of a file: a design of 200 layers has about 30 KiB."""
MAX_LINE = 10_000
"""Most characters of a line: the time to parse a dotted key grows with the square of its length."""
MAX_LAYERS = 200
MAX_NAME = 100
FORMAT_LINE = re.compile(rb"^\s*format\s*=", re.MULTILINE)
"""The line that every design has."""
MAX_ABOUT = 2000


def write_design(design: Design) -> str:
    """A design as TOML text, which is the same for equal designs.

    Every layer is named, so that the layers in messages and pictures can be found in the file.

    Raises
    ------
    DesignError
        Two layers have the same name.
    """
    return "\n".join([f"format = {design.format}", *table_lines(design.named()), ""])


def read_design(text: str, where: str = "the text") -> Design:
    """Read a design from TOML text; layers without a name are numbered by their kind.

    Whether its layers fit together is not checked here: an unfinished design can be saved and opened.

    Parameters
    ----------
    text : str
    where : str
        The start of error messages: the name of the file.

    Raises
    ------
    DesignError
        One sentence: the file, the layer and field, what was expected and what came.
    """
    if len(text) > MAX_BYTES:
        raise DesignError(f"{where}: expected a design of at most {MAX_BYTES // 1024} KiB, got {len(text) // 1024} KiB")
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MAX_LINE:
            raise DesignError(
                f"{where}: expected lines of at most {MAX_LINE:,} characters, got {len(line):,} in line {number}"
            )
    found = parsed(text, where)
    version = found.pop("format", None)
    if version is None:
        raise DesignError(f"{where}: expected a convviz design, which begins with “format = 1”, got none")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DesignError(f"{where}: format: expected a whole number of 1 or more, got {shown(version)}")
    if version > FORMAT:
        raise DesignError(
            f"{where}: expected format {FORMAT} or older, got format {shown(version)}, which a newer convviz wrote"
        )
    return converted(found, where)


def load_design(path: Path) -> Design:
    """Read a design from a file.

    Raises
    ------
    DesignError
        The file can't be read, or is not a design.
    """
    try:
        with open_regular(path) as file:
            contents = file.read(MAX_BYTES + 1)
    except NotRegularError as error:
        raise DesignError(f"{path.name}: expected a design, got {error.got}") from None
    except (OSError, ValueError) as error:
        raise DesignError(f"{path.name}: can't be read: {getattr(error, 'strerror', None) or error}") from None
    if len(contents) > MAX_BYTES:
        raise DesignError(f"{path.name}: expected a design of at most {MAX_BYTES // 1024} KiB, got a larger file")
    if FORMAT_LINE.search(contents) is None:
        kind = looks_like(path) if contents else "an empty file"
        if kind not in (TEXT, UNKNOWN):
            raise DesignError(f"{path.name}: expected a design, which is text, got {kind}")
    try:
        text = contents.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DesignError(f"{path.name}: expected text in UTF-8, got other bytes at {error.start:,}") from None
    return read_design(text, path.name)


def save_design(design: Design, path: Path) -> None:
    """Write a design to a file, completely or not at all.

    Raises
    ------
    DesignError
        Two layers have the same name, the existing file is not a design, or the file can't be written.
    """
    contents = write_design(design).encode("utf-8", "replace")
    try:
        check_output(Output(path, "a design", is_design))
        write_bytes_atomically(path, contents)
    except OutputError as error:
        raise DesignError(str(error)) from None
    except OSError as error:
        raise DesignError(f"{path.name}: can't be written: {error.strerror or error}") from None


def is_design(path: Path) -> bool:
    """Whether a file is marked as a design, in any format, even one with mistakes."""
    try:
        with open_regular(path) as file:
            return FORMAT_LINE.search(file.read(MAX_BYTES)) is not None
    except (OSError, ValueError):
        return False


def parsed(text: str, where: str) -> dict[str, Any]:
    """TOML text as plain values."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DesignError(f"{where}: expected TOML, got a mistake: {small(str(error)).rstrip('.')}") from None
    except RecursionError:
        raise DesignError(f"{where}: expected a few levels of nesting, got too many") from None
    except ValueError as error:
        # Python's own limit on the digits of a number, and impossible dates.
        why = "a number of thousands of digits" if "digits" in str(error) else f"a value that can't be read: {error}"
        raise DesignError(f"{where}: expected TOML, got {why}") from None


def converted(found: dict[str, Any], where: str) -> Design:
    """Plain values as a design that fits the schema."""
    layers = found.get("layers")
    if isinstance(layers, list) and len(layers) > MAX_LAYERS:
        raise DesignError(f"{where}: expected at most {MAX_LAYERS} layers, got {len(layers):,}")
    try:
        design = msgspec.convert(found, Design)
    except msgspec.ValidationError as error:
        path, sentence = explain(error, found, Design)
        layer, words = named_path(path, found)
        field = next((part for part in reversed(path) if isinstance(part, str)), "")
        raise DesignError(": ".join([where, *words, sentence]), layer=layer, field=field) from None
    for name, text, longest in (("name", design.name, MAX_NAME), ("about", design.about, MAX_ABOUT)):
        if len(text) > longest:
            raise DesignError(f"{where}: {name}: expected at most {longest:,} characters, got {len(text):,}")
    for layer_ in design.layers:
        if len(layer_.name) > MAX_NAME:
            raise DesignError(f"{where}: layer name: expected at most {MAX_NAME} characters, got {len(layer_.name):,}")
    try:
        return design.named()
    except DesignError as error:
        raise DesignError(f"{where}: {error}", layer=error.layer, field=error.field) from None


def named_path(path: list[Part], found: dict[str, Any]) -> tuple[str, list[str]]:
    """The layer at fault, and the parts of the message that name the field."""
    if path[:1] == ["layers"] and len(path) > 1 and isinstance(path[1], int):
        given = value_at(found, path[:2])
        name = given.get("name") if isinstance(given, dict) else None
        kind = given.get("type") if isinstance(given, dict) else None
        layer = name if isinstance(name, str) and name else f"layer {path[1] + 1}"
        about = f" ({kind})" if isinstance(kind, str) and layer.startswith("layer ") and path[2:] != ["type"] else ""
        first, rest = [quoted(layer)[1:-1] + about], path[2:]
    else:
        layer, first, rest = "", [], path
    names = [str(part) for part in rest if isinstance(part, str)]
    return layer, [*first, *([".".join(names)] if names else [])]

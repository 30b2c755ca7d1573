"""Checks output files before anything is overwritten or computed in vain.

An input file, or a file of another kind, is never replaced, whatever name or link leads to it. Errors that the system
would report only on writing (no permission, a name too long, a full disk) are found at once.
"""

from __future__ import annotations

import os
import shutil
import stat
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from convviz.files.atomic import part_path
from convviz.files.claim import refuse_claimed
from convviz.files.errors import OutputError
from convviz.files.sniff import looks_like

__all__ = ["Output", "check_output", "check_outputs"]

NO_INPUTS: Mapping[str, Path] = {}


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write.

    Parameters
    ----------
    path : Path
    what : str
        The kind of file that it may replace, in messages: ``a checkpoint``.
    recognises : callable
        Tells whether a file is of that kind; raises nothing.
    flag : str
        The flag that names it on the command line: ``--log``.
    replaces : str
        Name of the input that it may replace: ``--resume``.
    nbytes : int
        About how large it will be.
    stream : bool
        Whether it is written sequentially, so that it may be a device or pipe.
    """

    path: Path
    what: str
    recognises: Callable[[Path], bool]
    flag: str = ""
    replaces: str = ""
    nbytes: int = 0
    stream: bool = False

    @property
    def words(self) -> str:
        """The start of messages: ``--log run.csv``."""
        return f"{self.flag} {self.path}".lstrip()


def check_outputs(outputs: Sequence[Output], inputs: Mapping[str, Path] = NO_INPUTS) -> None:
    """Refuse output files that can't be written or must not be replaced, before the first is opened.

    Parameters
    ----------
    outputs : sequence of Output
    inputs : mapping of str to Path
        Files that are read, by the flags that name them (``--dataroot``).

    Raises
    ------
    OutputError
        An output is also an input or another output, is a file of another kind, or can't be written.
    """
    for number, output in enumerate(outputs):
        used = {name: path for name, path in inputs.items() if name != output.replaces}
        used |= {other.flag: other.path for other in outputs[:number]}
        for name, path in used.items():
            if is_same_file(output.path, path):
                raise OutputError(f"{output.words}: expected a file of its own, got the one that {name} names")
        check_output(output)


def check_output(output: Output) -> None:
    """Refuse an output file because of its folder, the existing file, or an error of the system.

    Raises
    ------
    OutputError
    """
    path, words = output.path, output.words
    try:
        if _is_stream(output):
            return
        target = path.resolve()
        if not target.parent.is_dir():
            raise OutputError(f"{words}: expected a folder to write in, found no {path.parent}")
        if target.exists():
            _check_replaced(output, target)
        refuse_claimed(path, words)
        part_path(target).unlink()
        free = shutil.disk_usage(target.parent).free
    except OutputError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise OutputError(f"{words}: can't be written: {getattr(error, 'strerror', None) or error}") from None
    if free < output.nbytes:
        raise OutputError(
            f"{words}: expected {_megabytes(output.nbytes)} of free space on the disk, got {_megabytes(free)}"
        )


def is_same_file(a: Path, b: Path) -> bool:
    """Whether two paths lead to one file (which need not exist yet), through links or different letter case."""
    there = [os.path.lexists(path) and path.exists() for path in (a, b)]
    if all(there):
        return a.samefile(b)
    if any(there):
        return False
    a, b = a.resolve(), b.resolve()
    same_folder = a.parent == b.parent or (a.parent.exists() and b.parent.exists() and a.parent.samefile(b.parent))
    return same_folder and _letters(a.name) == _letters(b.name)


def _is_stream(output: Output) -> bool:
    """Whether the output goes to an existing device or pipe; other things that are not files are refused."""
    if not output.path.exists():
        return False
    mode = output.path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise OutputError(f"{output.words}: expected a file to write, got a folder")
    if stat.S_ISREG(mode):
        return False
    if not (output.stream and (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode))):
        raise OutputError(f"{output.words}: expected a file to write, got a device or pipe")
    return True


def _check_replaced(output: Output, target: Path) -> None:
    """Refuse to replace a file of another kind, or one that is protected."""
    if target.stat().st_size and not output.recognises(target):
        wanted = f"a new file, or {output.what} to replace"
        raise OutputError(f"{output.words}: expected {wanted}, got {looks_like(target)}")
    if not os.access(target, os.W_OK):
        raise OutputError(f"{output.words}: expected a file that may be replaced, got one that is protected")


def _letters(name: str) -> str:
    """A name in the form in which file systems that ignore case compare names."""
    return unicodedata.normalize("NFC", name).casefold()


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"

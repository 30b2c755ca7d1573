"""Finds the files that convviz ships, in ``resources/`` and ``data/``, and the user's folders.

Both are top-level folders of the repository. A wheel carries them inside the package (``pyproject.toml``
puts them at ``convviz/_resources`` and ``convviz/_data``); a checkout or an editable install has them beside
it. Only :func:`shipped` knows the difference.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

__all__ = ["builtin_data", "resource", "shipped"]

_PACKAGE = Path(__file__).resolve().parent


def shipped(folder: Literal["data", "resources"], *parts: str) -> Path:
    """Find a file or folder that convviz ships.

    Parameters
    ----------
    folder
        The top-level folder of the repository.
    *parts
        The path inside that folder; each part is one name, or several separated by ``/``. Without parts, the folder
        itself.

    Returns
    -------
    Path
        An absolute path to something that exists.

    Raises
    ------
    ValueError
        If the path leads out of the folder.
    FileNotFoundError
        If there is no such file or folder.

    Examples
    --------
    >>> shipped("resources", "icons", "convviz.svg").name
    'convviz.svg'
    """
    in_wheel = _PACKAGE / f"_{folder}"
    top = in_wheel if in_wheel.is_dir() else _PACKAGE.parent / folder
    path = top.joinpath(*parts)
    if not path.resolve().is_relative_to(top.resolve()):
        raise ValueError(f"{folder}: expected a path inside the folder, got {'/'.join(parts)}")
    if not path.exists():
        raise FileNotFoundError(f"{folder}: expected a file or folder at {path}, found nothing")
    return path


def resource(*parts: str) -> Path:
    """Find a file or folder in ``resources/``: see :func:`shipped`."""
    return shipped("resources", *parts)


def builtin_data(*parts: str) -> Path:
    """Find a file or folder in ``data/``: see :func:`shipped`."""
    return shipped("data", *parts)


def user_folder(name: str) -> Path:
    """Return the user's folder for ``kept`` networks or recorded ``runs``; it may not exist yet."""
    from platformdirs import user_data_path

    return user_data_path("convviz", appauthor=False) / name

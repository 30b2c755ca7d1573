"""Designs: the presets, and TOML files."""

from __future__ import annotations

from pathlib import Path

from convviz.core.design import Design
from convviz.storage import designs, presets

__all__ = ["load_design", "preset", "preset_names", "save_design"]


def preset_names() -> list[str]:
    """Names of the designs that convviz ships.

    Examples
    --------
    >>> import convviz
    >>> convviz.preset_names()[0]
    'course-7x7'
    """
    return presets.preset_names()


def preset(name: str) -> Design:
    """The design of the preset with that name.

    Raises
    ------
    DesignError
        There is no such preset; the message lists the existing ones.

    Examples
    --------
    >>> import convviz
    >>> [layer.name for layer in convviz.preset("course-7x7").layers]
    ['conv1', 'relu1', 'flatten1', 'dense1']
    """
    return presets.preset(name)


def load_design(path: str | Path) -> Design:
    """Read a design from a TOML file.

    Raises
    ------
    DesignError
        The file can't be read, or is not a design.
    """
    return designs.load_design(Path(path))


def save_design(path: str | Path, design: Design) -> None:
    """Write a design as a TOML file, completely or not at all.

    Raises
    ------
    DesignError
        Two layers have the same name, or the file can't be written.
    """
    designs.save_design(design, Path(path))

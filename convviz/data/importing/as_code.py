"""Writes an import as lines of Python, or as a command, that give the same arrays."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import MISSING, fields
from pathlib import Path

from convviz.data.importing.recipe import Recipe

__all__ = ["as_command", "as_python"]

WIDTH = 84


def as_python(path: Path, recipe: Recipe) -> str:
    """A program whose ``data`` has the arrays that the recipe makes of a file."""
    lines = []
    for field in fields(Recipe):
        value = getattr(recipe, field.name)
        if field.default is MISSING or value != field.default:
            lines += _argument(field.name, value)
    shape = "×".join(map(str, recipe.shape))
    return "\n".join(
        [
            "import convviz",
            "",
            "data = convviz.load_data(",
            f"    {str(path)!r},",
            "    recipe=convviz.Recipe(",
            *(f"        {line}" for line in lines),
            "    ),",
            ")",
            f"# {shape} images in 0…1, {recipe.classes} classes:",
            "# data.x_train, data.y_train, data.x_test, data.y_test",
            "",
        ]
    )


def as_command(path: Path, recipe: Recipe, out: str = "") -> str:
    """A command line that writes the arrays that the recipe makes of a file into an HDF5 file.

    Parameters
    ----------
    path : Path
    recipe : Recipe
    out : str
        The HDF5 file; named after the data set unless given.
    """
    given: dict[str, object] = {"images": recipe.train[0], "labels": recipe.train[1]}
    if recipe.test_file:
        given["test-file"] = recipe.test_file
    if recipe.test is None:
        given["test-share"] = recipe.test_share
    else:
        given |= {"test-images": recipe.test[0], "test-labels": recipe.test[1]}
    given |= {"axes": recipe.axes, "image": "x".join(map(str, recipe.image))}
    given["range"] = f"{recipe.low!r}..{recipe.high!r}"
    if recipe.label_form == "numbers" and recipe.first_label in (0, 1):
        given["first-label"] = recipe.first_label
    if recipe.size is not None:
        given |= {"size": "x".join(map(str, recipe.size)), "fit": recipe.fit}
    if recipe.colour != "as it is":
        given["colour"] = recipe.colour
    if recipe.called:
        given["class-names"] = ",".join(recipe.called)
    flags = [f"--{name}={value}" for name, value in given.items() if value is not None]
    flags += ["--invert"] if recipe.invert else []
    command = ["convviz", "data", "convert", str(path), out or f"{recipe.name}.h5"]
    if os.name == "nt":
        return subprocess.list2cmdline([*command, *flags]) + "\n"
    lines, line = [], shlex.join(command)
    for flag in map(shlex.quote, flags):
        if len(line) + len(flag) >= WIDTH:
            lines.append(line)
            line = f"    {flag}"
        else:
            line = f"{line} {flag}"
    return " \\\n".join([*lines, line]) + "\n"


def _argument(name: str, value: object) -> list[str]:
    """The lines of one keyword argument, wrapped if it is long."""
    whole = f"{name}={value!r},"
    if len(whole) <= WIDTH or not isinstance(value, tuple):
        return [whole]
    lines, line = [f"{name}=("], "   "
    for one in value:
        word = f" {one!r},"
        if len(line) + len(word) > WIDTH:
            lines.append(line)
            line = "   "
        line += word
    return [*lines, line, "),"]

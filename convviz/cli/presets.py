"""``convviz presets``: the designs that convviz ships, which ``convviz train --preset NAME`` trains."""

from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from typing import TYPE_CHECKING

from convviz.cli.output import print_out

if TYPE_CHECKING:
    from convviz.core.design import Design

SUMMARY = "list the designs that convviz ships"
WIDEST = 100
"""Most characters in a line; longer lines are hard to read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def run(args: argparse.Namespace) -> int:
    """Print the presets."""
    from convviz.storage.presets import presets

    found = presets()
    if args.json:
        print_out(json.dumps([facts(design) for design in found], indent=1))
    else:
        print_out(table(found, min(shutil.get_terminal_size().columns, WIDEST)))
    return 0


def facts(design: Design) -> dict[str, object]:
    """The facts to print about a preset."""
    return {
        "name": design.name,
        "about": design.about,
        "layers": [layer.__struct_config__.tag for layer in design.layers],
        "parameters": parameters(design),
    }


def parameters(design: Design) -> int:
    """How many numbers of a design are trained."""
    from convviz.core.lower import lower

    program = lower(design, 1, train=False)
    return sum(program.arrays[name].size for name in program.parameters)


def table(designs: list[Design], width: int) -> str:
    """Presets as a table whose last column is wrapped."""
    rows = [(design.name, str(len(design.layers)), f"{parameters(design):,}", design.about) for design in designs]
    heads = ("name", "layers", "parameters", "about")
    name, layers, size = (max(len(row[i]) for row in [heads, *rows]) for i in range(3))
    indent = name + layers + size + 6
    lines = []
    for row in [heads, *rows]:
        about = textwrap.wrap(row[3], max(width - indent, 24)) or [""]
        lines.append(f"{row[0]:<{name}}  {row[1]:>{layers}}  {row[2]:>{size}}  {about[0]}".rstrip())
        lines += [" " * indent + more for more in about[1:]]
    return "\n".join(lines)

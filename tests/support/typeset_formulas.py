"""Makes ``resources/formulas.json``: the formulas of all ops, typeset. Run it when a formula is new or has changed.

python -m tests.support.typeset_formulas
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from convviz.core.lower import lower
from convviz.paths import resource
from convviz.present.step.explain import formulas_of
from convviz.present.step.formula import formula_svg, parts_of
from convviz.present.step.typeset import FILE, SIZE
from convviz.storage.presets import preset, preset_names
from tests.support.engine_zoo import CASES, program_of

INK = "#000000"
NEAR = 0.0035
"""Pixels by which the same glyph may differ: typesetting rounds every point to a thousandth."""

Path = tuple[str, tuple[float, ...]]
"""The commands of a path, and its numbers, which count from its first point."""


def formulas() -> list[str]:
    """All that may be shown, sorted."""
    programs = [program_of(name) for name in CASES]
    programs += [lower(preset(name), 2) for name in preset_names()]
    return sorted({latex for program in programs for latex in formulas_of(program) if latex})


def lines() -> list[str]:
    """What they are broken into, sorted."""
    return sorted({part for latex in formulas() for part in parts_of(latex)})


def drawn(svg: str) -> tuple[str, list[tuple[float, float, Path]], list[tuple[float, ...]]]:
    """What an SVG document of the typesetter says: its size, its paths and where they begin, its bars."""
    box = " ".join(re.findall(r'\b(?:width|height|viewBox)="[^"]*"', svg[: svg.index(">")]))
    rest = svg[svg.index(">") + 1 :]
    paths = [moved(found) for found in re.findall(rf'<path d="([^"]*)" fill="{INK}" />', rest)]
    attributes = " ".join(f'{name}="([^"]*)"' for name in ("x", "y", "width", "height"))
    bars = [tuple(map(float, found)) for found in re.findall(rf'<rect {attributes} fill="{INK}" ?/>', rest)]
    if len(paths) + len(bars) + 1 != rest.count("<"):
        raise ValueError(f"expected paths and bars alone, got {svg}")
    return box, paths, bars


def moved(path: str) -> tuple[float, float, Path]:
    """A path, and where its first point was."""
    tokens = re.findall(r"[A-Za-z]|-?[\d.]+", path)
    numbers = [float(token) for token in tokens if not token.isalpha()]
    commands = "".join(token if token.isalpha() else "n" for token in tokens)
    if set(commands) - set("MLQZn"):  # those alone have points and nothing else
        raise ValueError(f"expected M, L, Q and Z, got {path}")
    x, y = numbers[:2]
    return x, y, (commands, tuple(number - (y if place % 2 else x) for place, number in enumerate(numbers)))


def text_of(path: Path) -> str:
    """A path as SVG writes it."""
    numbers = iter(path[1])
    return " ".join(f"{next(numbers):.3f}".rstrip("0").rstrip(".") if one == "n" else one for one in path[0])


def is_same(one: Path, other: Path) -> bool:
    """Whether two paths are one glyph."""
    return one[0] == other[0] and all(abs(a - b) <= NEAR for a, b in zip(one[1], other[1], strict=True))


def made() -> Iterator[str]:
    """The parts of the file."""
    paths: list[Path] = []
    alike: dict[str, list[int]] = {}

    def line(latex: str) -> str:
        box, found, bars = drawn(formula_svg(latex, INK, SIZE).decode())
        glyphs = []
        for x, y, path in found:
            kept = alike.setdefault(path[0], [])
            number = next((one for one in kept if is_same(path, paths[one])), len(paths))
            if number == len(paths):
                paths.append(path)
                kept.append(number)
            glyphs.append((number, x, y))
        return f"{json.dumps(latex)}: {json.dumps([box, glyphs, bars], separators=(',', ':'))}"

    for kind, several in (("formulas", formulas()), ("lines", lines())):
        yield f'"{kind}": {{\n' + ",\n".join(map(line, several)) + "\n}"
    yield '"paths": [\n' + ",\n".join(json.dumps(text_of(path)) for path in paths) + "\n]"


if __name__ == "__main__":
    place = resource("presets").parent / FILE
    place.write_text("{\n" + ",\n".join(made()) + "\n}\n", encoding="utf-8")

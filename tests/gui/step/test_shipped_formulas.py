"""Formulas that are shipped typeset."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtSvg import QSvgRenderer

from convviz.gui.workspaces.step import shipped_formulas as shipped
from convviz.gui.workspaces.step.shipped_formulas import is_shipped, shipped_formulas, shipped_lines
from convviz.present.step.formula import formula_svg
from convviz.present.step.typeset import SIZE, TypesetFormulas
from tests.support.typeset_formulas import INK, drawn, formulas, lines

TRIED = "0.13"
"""The version of ziamath that the file was made with; others may set formulas a little differently."""
EVERY = 12


def test_that_every_formula_is_shipped_and_no_other() -> None:
    assert sorted(shipped_formulas().formulas) == formulas()
    assert sorted(shipped_formulas().lines) == lines()


@pytest.mark.skipif(version("ziamath") != TRIED, reason=f"the formulas were typeset with ziamath {TRIED}")
@pytest.mark.parametrize("latex", formulas()[::EVERY])
def test_that_a_shipped_formula_is_as_it_is_typeset_now(latex: str) -> None:
    box, paths, bars = drawn(formula_svg(latex, INK, SIZE).decode())
    kept = shipped_formulas().formulas[latex]
    assert kept.box == box
    assert [tuple(bar) for bar in kept.bars] == bars
    assert len(kept.glyphs) == len(paths)
    for (number, x, y), (left, top, (commands, numbers)) in zip(kept.glyphs, paths, strict=True):
        tokens = shipped_formulas().paths[number].split()
        assert (x, y) == (left, top)
        assert "".join(token if token.isalpha() else "n" for token in tokens) == commands
        assert [float(token) for token in tokens if not token.isalpha()] == pytest.approx(numbers, abs=0.005)


def test_that_all_of_a_shipped_formula_has_its_colour_and_can_be_drawn(qapp) -> None:
    for latex in [*shipped_formulas().formulas, *shipped_formulas().lines]:
        svg = shipped_formulas().svg(latex, "#12ab34")
        assert set(re.findall(rb'fill="([^"]*)"', svg)) <= {b"#12ab34"}
        assert QSvgRenderer(QByteArray(svg)).isValid()


def test_that_a_shipped_formula_without_room_is_broken_into_its_lines() -> None:
    assert is_shipped("c = a + b")
    assert len(shipped_lines("c = a + b", "#000000", 1000)) == 1
    assert len(shipped_lines("c = a + b", "#000000", 20)) == 2


@pytest.mark.parametrize("held", [None, "", "[]", "{", '{"paths": []}', '{"formulas": {"a": []}, "lines": {}}'])
def test_that_a_file_that_cannot_be_read_ships_nothing(
    held: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "formulas.json"
    if held is not None:
        place.write_text(held, encoding="utf-8")
    monkeypatch.setattr(shipped, "resource", lambda _name: place)
    shipped_formulas.cache_clear()
    try:
        assert shipped_formulas() == TypesetFormulas()
        assert not is_shipped("c = a + b")
    finally:
        shipped_formulas.cache_clear()

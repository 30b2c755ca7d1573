"""Formulas are typeset in another thread, and only the one that is wanted is shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.gui.theme import Theme
from convviz.gui.workspaces.step.views import formula
from convviz.gui.workspaces.step.views.formula import FormulaView
from convviz.present.step.formula import formula_lines
from tests.support.patience import PATIENCE

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'


class Typesetter:
    """Takes the place of the real one; waits until it may go on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[int] = set()
        self.go_on = threading.Event()

    def __call__(self, latex: str, _colour: str, _size: float, _room: float) -> tuple[bytes, ...]:
        self.asked.append(latex)
        self.threads.add(threading.get_ident())
        self.go_on.wait(PATIENCE)
        return (SVG,)


@pytest.fixture
def typesetter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typesetter]:
    made = Typesetter()
    monkeypatch.setattr(formula, "formula_lines", made)
    yield made
    made.go_on.set()


@pytest.fixture
def view(qtbot, theme: Theme) -> FormulaView:
    holder = QWidget()
    QVBoxLayout(holder).addWidget(made := FormulaView())
    holder.resize(300, 120)
    holder.show()
    qtbot.addWidget(holder)
    return made


def is_blank(view: FormulaView) -> bool:
    image = view.grab().toImage()
    middle = image.pixelColor(0, 0)
    points = ((x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4))
    return all(image.pixelColor(x, y) == middle for x, y in points)


def test_that_the_windows_thread_typesets_nothing(qtbot, view: FormulaView, typesetter: Typesetter) -> None:
    view.set_formula("a")
    qtbot.waitUntil(lambda: typesetter.asked == ["a"])
    assert view.is_pending()
    assert is_blank(view)
    typesetter.go_on.set()
    qtbot.waitUntil(lambda: not view.is_pending())
    assert not is_blank(view)
    assert threading.get_ident() not in typesetter.threads


def test_that_the_formula_of_a_step_that_was_left_is_not_shown(
    qtbot, view: FormulaView, typesetter: Typesetter
) -> None:
    typesetter.go_on.set()
    view.set_formula("a")
    qtbot.waitUntil(lambda: typesetter.asked == ["a"] and not view.is_pending())
    typesetter.go_on.clear()
    view.set_formula("b")
    qtbot.waitUntil(lambda: typesetter.asked == ["a", "b"])
    assert is_blank(view)  # neither the one before nor the one to come
    view.set_formula("a")
    qtbot.waitUntil(lambda: not is_blank(view))
    typesetter.go_on.set()
    qtbot.waitUntil(lambda: not view.is_pending())
    assert not is_blank(view)
    assert typesetter.asked == ["a", "b"]  # what was typeset once is kept


def test_that_a_hidden_view_waits_for_no_formula_and_shows_the_newest_when_it_is_seen_again(
    qtbot, view: FormulaView, typesetter: Typesetter
) -> None:
    view.set_formula("a")
    qtbot.waitUntil(lambda: typesetter.asked == ["a"])
    view.hide()
    assert not view.is_pending()
    view.set_formula("b")
    assert not view.is_pending()
    typesetter.go_on.set()
    view.show()
    assert view.is_pending()
    qtbot.waitUntil(lambda: not view.is_pending())
    assert typesetter.asked == ["a", "b"]
    assert not is_blank(view)


def test_that_the_other_formulas_of_a_pass_are_there_at_once_when_they_are_asked_for(
    qtbot, view: FormulaView, typesetter: Typesetter
) -> None:
    typesetter.go_on.set()
    view.set_coming(lambda: ["a", "b", "a", "c"])
    view.set_formula("a")
    qtbot.waitUntil(lambda: sorted(set(typesetter.asked)) == ["a", "b", "c"])
    qtbot.waitUntil(lambda: view.has("c"))
    view.set_formula("c")
    assert not view.is_pending()
    assert not is_blank(view)
    assert threading.get_ident() not in typesetter.threads


def test_that_a_formula_that_is_asked_for_comes_before_those_that_may_be(
    qtbot, view: FormulaView, typesetter: Typesetter
) -> None:
    typesetter.go_on.set()
    view.set_formula("a")
    qtbot.waitUntil(lambda: view.has("a"))
    typesetter.go_on.clear()
    view.set_coming(lambda: [f"coming {number}" for number in range(50)])
    qtbot.waitUntil(lambda: "coming 0" in typesetter.asked)
    assert not view.is_pending()
    view.set_formula("b")
    assert view.is_pending()
    typesetter.go_on.set()
    qtbot.waitUntil(lambda: not view.is_pending())
    assert view.has("b")


def test_that_a_formula_that_was_given_up_for_one_that_was_asked_for_comes_later(
    qtbot, view: FormulaView, typesetter: Typesetter
) -> None:
    view.set_coming(lambda: ["a", "", "b"])
    qtbot.waitUntil(lambda: typesetter.asked == ["a"])
    view.set_formula("c")
    qtbot.waitUntil(view.is_pending)
    typesetter.go_on.set()
    qtbot.waitUntil(lambda: all(view.has(latex) for latex in "abc"))


def test_that_a_formula_too_wide_for_its_room_is_broken_where_it_can_be() -> None:
    wide = r"y_{i} = \sum_{j} w_{ij} x_{j}, \quad i = 0 \ldots n"
    assert len(formula_lines(wide, "#000000", 19, 1000)) == 1
    assert len(formula_lines(wide, "#000000", 19, 60)) == 2
    assert len(formula_lines("y = a + b + c + d", "#000000", 19, 40)) == 2
    assert len(formula_lines("a + b + c + d + e + f", "#000000", 19, 40)) == 1

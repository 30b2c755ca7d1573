"""A typeset formula."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import StepPicture
from convviz.present.step.formula import formula_svg

HEIGHT, MOST = 64, 112
"""Smallest and largest height of a formula in pixels."""


class FormulaView(QWidget):
    """A typeset formula, drawn a moment later, because typesetting is slower than stepping may be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._latex = ""
        self._lines: list[QSvgRenderer] = []
        self._made: tuple[str, str] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(15)
        self._timer.timeout.connect(self._render)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self._timer.start)

    def is_pending(self) -> bool:
        """Whether a formula is still to be typeset."""
        return self._timer.isActive()

    def show_step(self, picture: StepPicture) -> None:
        """Show the formula of another step."""
        self.set_formula(picture.formula)

    def set_formula(self, latex: str) -> None:
        """Show a formula written in LaTeX."""
        if latex != self._latex:
            self._latex = latex
            self.setAccessibleName(latex)
            self._timer.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        sizes = [line.defaultSize() for line in self._lines]
        if not sizes:
            return
        wide, high = max(size.width() for size in sizes), sum(size.height() for size in sizes)
        scale = min(1.0, self.width() / max(1, wide), self.height() / max(1, high))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, y = (self.width() - wide * scale) / 2, (self.height() - high * scale) / 2
        for line, size in zip(self._lines, sizes, strict=True):
            line.render(painter, QRectF(left, y, size.width() * scale, size.height() * scale))
            y += size.height() * scale

    def _render(self) -> None:
        wanted = self._latex, self._theme.palette.ink
        if wanted == self._made or not self._latex:
            return
        self._made = wanted
        whole = self._typeset(self._latex)
        parts = self._latex.split(r", \quad ")
        left, equals, right = self._latex.partition(" = ")
        wide = whole.defaultSize().width() > self.width()
        if wide and len(parts) > 1:
            # Too long for the column: what its symbols stand for goes below.
            self._lines = [self._typeset(part) for part in parts]
        elif wide and equals:
            # What it is on one line, what it is made of on the next.
            self._lines = [self._typeset(left), self._typeset(rf"\;= {right}")]
        else:
            self._lines = [whole]
        sizes = [line.defaultSize() for line in self._lines]
        scale = min(1.0, self.width() / max(1, *(size.width() for size in sizes), 1))
        self.setFixedHeight(min(MOST, max(HEIGHT, round(sum(size.height() for size in sizes) * scale) + 6)))
        parent = self.parentWidget()
        layout = None if parent is None else parent.layout()
        if layout is not None:
            layout.activate()  # now, or it would briefly lie over what is below
        self.update()

    def _typeset(self, latex: str) -> QSvgRenderer:
        return QSvgRenderer(QByteArray(formula_svg(latex, self._theme.palette.ink, 19)))


if __name__ == "__main__":
    run_view(FormulaView)

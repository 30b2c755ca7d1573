"""Draws every widget in all its states: ``python -m convviz.gui.widgets.gallery --out DIR [--dark]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QProgressBar,
    QRadioButton,
    QSlider,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from convviz.gui.theme import Theme
from convviz.gui.theme.icon import ICONS
from convviz.gui.widgets import (
    badge,
    buttons,
    combo,
    curve_demo,
    curve_view,
    empty_state,
    filter_grid,
    flow_layout,
    inline_message,
    labels,
    number_field,
    progress_line,
    scale_bar,
    score_bars,
    segmented,
    status_line,
)
from convviz.gui.widgets.array_view import ArrayView, demo_x_col
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.marks import Mark
from convviz.gui.widgets.overview_strip import OverviewStrip
from convviz.gui.widgets.scale_bar import ScaleBar
from convviz.present.colour import Role, levels

Page = Callable[[], QWidget]


def arrays() -> QWidget:
    """Array views: roles, sizes, marks, masks, bad cells, tiles."""
    draw = np.random.default_rng(3)
    x_col = demo_x_col()
    weight = draw.normal(0, 0.25, (32, 7, 7)).astype(np.float32)
    z = (weight.reshape(32, 49) @ x_col).reshape(32, 24, 24)
    image = np.zeros((30, 30), np.float32)
    image[:24, :24] = x_col[0].reshape(24, 24)
    bad = (weight[5] * 0.004).astype(np.float32)
    bad[2, 2], bad[4, 4] = np.nan, np.inf
    covered = np.ones((7, 7), bool)
    covered[6] = covered[:, 6] = False
    known = np.arange(576).reshape(24, 24) <= 300
    pad = _view("x_pad", image, Role.INPUT, [Mark.window(12, 12, 7, 7)])
    wide = _view("x_col", x_col, Role.INPUT, [Mark.column(300)], aspect="free")
    column = QVBoxLayout()
    column.addWidget(wide, 1)
    column.addWidget(OverviewStrip(wide))
    folded = _view("dx", bad, Role.GRADIENT, covered=covered)
    linked = _view("x", image, Role.INPUT, [Mark.cells(np.argwhere(image > 0.6))], fade=True)
    parts: list[tuple[str, str, QWidget | QLayout]] = [
        ("x_pad", "30×30, padding 1", pad),
        ("x_col", "49×576 · one column a window", column),
        ("weight[12]", "7×7", _view("weight", weight[12], Role.WEIGHT)),
        ("w_row", "32×49 · row 12", _view("w_row", weight.reshape(32, 49), Role.WEIGHT, [Mark.row(12)], "free")),
        ("z[12]", "300 of 576 done", _view("z", z[12], Role.PREACTIVATION, [Mark.cell(12, 12)], known=known)),
        ("z", "32 maps 24×24", _view("z", z, Role.PREACTIVATION, [Mark.whole_tile(12)])),
        ("weight", "32×7×7", _view("weight", weight, Role.WEIGHT, [Mark.whole_tile(12)])),
        ("a", "32 maps 24×24", _view("a", np.maximum(z, 0), Role.ACTIVATION)),
        ("dx", "NaN, ∞, uncovered", folded),
        ("x_col, whole batch", "49×36,864", _view("x_col", np.tile(x_col, 64), Role.INPUT, aspect="free")),
        ("linked", "others faded", linked),
        ("hit count", "8×8", _view("count", np.arange(64).reshape(8, 8), Role.COUNT, [Mark.cell(2, 3)])),
    ]
    page = QWidget()
    grid = QGridLayout(page)
    grid.setSpacing(12)
    for number, (title, caption, part) in enumerate(parts):
        card = Card(title, caption)
        card.add(part, 1)
        if isinstance(part, ArrayView) and part.picture is not None:
            shown = part.picture
            card.add(ScaleBar(shown.role, levels(shown.role, shown.vmax)))
        grid.addWidget(card, number // 4, number % 4)
    for col in range(4):
        grid.setColumnStretch(col, 1)
    page.resize(1400, 900)
    page.show()
    QApplication.processEvents()
    wide.show_cells((0, 258, -1, 84))
    return page


def controls() -> QWidget:
    """Buttons, fields, choices, badges, in every state."""
    page = QWidget()
    columns = QHBoxLayout(page)
    left, right = QVBoxLayout(), QVBoxLayout()
    for module in (buttons, segmented, badge):
        left.addWidget(_in_card(module.__name__.rpartition(".")[2], module._demo()))
    for module in (number_field, combo):
        right.addWidget(_in_card(module.__name__.rpartition(".")[2], module._demo()))
    left.addWidget(_in_card("qt", _qt_widgets()), 1)
    right.addWidget(_in_card("tree", _tree()), 1)
    columns.addLayout(left, 2)
    columns.addLayout(right, 1)
    return page


def texts() -> QWidget:
    """Labels, messages, empty states, status and progress."""
    page = QWidget()
    layout = QVBoxLayout(page)
    for module in (labels, flow_layout, inline_message, empty_state, progress_line, status_line, scale_bar):
        layout.addWidget(_in_card(module.__name__.rpartition(".")[2], module._demo()))
    return page


def charts() -> QWidget:
    """Curves, scores and filters."""
    page = QWidget()
    layout = QHBoxLayout(page)
    crossed = curve_view.CurveView(y_name="loss", scale="log")
    crossed.set_series(curve_demo.demo_loss())
    one = QVBoxLayout()
    one.addWidget(_in_card("curves", curve_demo._demo()), 3)
    one.addWidget(_in_card("crosshair", crossed), 1)
    layout.addLayout(one, 2)
    layout.addWidget(_in_card("scores", score_bars._demo()), 1)
    layout.addWidget(_in_card("filters", filter_grid._demo()), 2)
    page.resize(1300, 900)
    page.show()
    QApplication.processEvents()
    crossed.show_at(1204)
    return page


def icons() -> QWidget:
    """Every icon, with its name."""
    page = QWidget()
    grid = QGridLayout(page)
    for number, name in enumerate(sorted(ICONS)):
        grid.addWidget(buttons.Button(name, icon_name=name, kind="quiet"), number // 8, number % 8)
    return page


PAGES: dict[str, tuple[Page, tuple[QSize, ...]]] = {
    "arrays": (arrays, (QSize(1400, 900), QSize(1100, 700))),
    "controls": (controls, (QSize(1100, 760), QSize(820, 760))),
    "texts": (texts, (QSize(900, 1100), QSize(560, 1200))),
    "charts": (charts, (QSize(1300, 900), QSize(1000, 640))),
    "icons": (icons, (QSize(1000, 320),)),
}


def draw_pages(folder: Path, theme: Theme) -> list[Path]:
    """Draw all pages at all sizes into PNG files; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (make, sizes) in PAGES.items():
        page = make()
        for size in sizes:
            page.resize(size)
            page.show()
            for _ in range(3):
                QApplication.processEvents()
            path = folder / f"{name}_{theme.palette.name}_{size.width()}x{size.height()}.png"
            page.grab().save(str(path))
            written.append(path)
        page.close()
        page.deleteLater()
    return written


def main() -> int:
    """Read the command line, draw, and print what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the PNG files")
    parser.add_argument("--dark", action="store_true", help="draw in the dark theme")
    given = parser.parse_args()
    app = QApplication.instance() or QApplication(["gallery", "-platform", "offscreen"])
    assert isinstance(app, QApplication)
    for path in draw_pages(given.out, Theme(app, "dark" if given.dark else "light")):
        sys.stdout.write(f"{path}\n")
    return 0


def _view(
    name: str,
    array: np.ndarray,
    role: Role,
    marks: list[Mark] | None = None,
    aspect: str = "square",
    *,
    fade: bool = False,
    known: np.ndarray | None = None,
    covered: np.ndarray | None = None,
) -> ArrayView:
    made = ArrayView(name=name, aspect="free" if aspect == "free" else "square")
    made.set_picture(array, role, known=known, covered=covered)
    made.set_marks(marks or [], fade_others=fade)
    return made


def _in_card(title: str, content: QWidget) -> Card:
    card = Card(title.replace("_", " "))
    card.add(content, 1)
    return card


def _qt_widgets() -> QWidget:
    page = QWidget()
    grid = QGridLayout(page)
    checked, partly, off = QCheckBox("checked"), QCheckBox("partly"), QCheckBox("disabled")
    checked.setChecked(True)
    partly.setTristate(True)
    partly.setCheckState(Qt.CheckState.PartiallyChecked)
    off.setEnabled(False)
    radio = QRadioButton("chosen")
    radio.setChecked(True)
    for column, one in enumerate((checked, partly, QCheckBox("plain"), off, radio, QRadioButton("other"))):
        grid.addWidget(one, 0, column)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setValue(40)
    still = QSlider(Qt.Orientation.Horizontal)
    still.setValue(60)
    still.setEnabled(False)
    bar = QProgressBar()
    bar.setValue(30)
    line = QLineEdit()
    line.setPlaceholderText("search for a layer")
    for row, each in enumerate((slider, still, bar, line), start=1):
        grid.addWidget(each, row, 0, 1, 3)
    tabs = QTabWidget()
    for title in ("Formula", "Source", "History"):
        tabs.addTab(labels.Caption("What the tab holds."), title)
    grid.addWidget(tabs, 1, 3, 5, 3)
    return page


def _tree() -> QWidget:
    tree = QTreeWidget()
    tree.ensurePolished()  # or its rows keep the height they had without the stylesheet
    tree.setHeaderLabels(["step", "shape"])
    forward = QTreeWidgetItem(["Forward", ""])
    for name, shape in (("pad2d", "1×30×30"), ("im2col", "49×576"), ("matmul", "32×576"), ("add_bias", "32×576")):
        forward.addChild(QTreeWidgetItem([name, shape]))
    tree.addTopLevelItem(forward)
    tree.expandAll()
    chosen = forward.child(2)
    assert chosen is not None
    tree.setCurrentItem(chosen)
    return tree


if __name__ == "__main__":
    raise SystemExit(main())

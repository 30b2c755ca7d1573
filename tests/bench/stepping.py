"""How long the Step workspace takes from a key press to the painted window, and how fast X_col pans and zooms.

    python tests/bench/stepping.py [--batch 64] [--micro 200]

Draws on whatever Qt platform is in force (``QT_QPA_PLATFORM=offscreen`` needs no display). Prints milliseconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convviz.core.network import Network
from convviz.gui.theme import Theme
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.page import StepPage
from convviz.storage.presets import preset


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, nargs="*", default=[1, 64])
    parser.add_argument("--micro", type=int, default=120, help="micro-steps measured in every kind of step")
    args = parser.parse_args()
    app = QApplication(sys.argv[:1])
    theme = Theme(app, "light")
    for batch in args.batch:
        measure(app, theme, batch, args.micro)
    return 0


def measure(app: QApplication, theme: Theme, batch: int, micro: int) -> None:
    draw = np.random.default_rng(0)
    images = draw.random((max(batch, 2), 1, 28, 28), dtype=np.float32) ** 3
    design = preset("course-7x7")
    step = StepPage(theme)
    step.set_offer(Offer(design, Network(design).arrays, images, draw.integers(0, 10, len(images))))
    step.resize(1440, 850)
    step.show()
    step.activateWindow()
    step.setFocus()
    QTest.qWait(200)
    if batch > 1:
        step.choose_rows(tuple(range(batch)))
    settle(app)

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> float:
        began = time.perf_counter()
        QTest.keyClick(step, key, modifier)
        app.processEvents()
        return 1e3 * (time.perf_counter() - began)

    step.command("start")
    settle(app)
    over, slowest = [], {}
    for _ in step.run.program.steps:
        over.append(press(Qt.Key.Key_F10))
        slowest[f"{step.run.step.index} {step.run.step.op.name}"] = over[-1]
        settle(app)
    report(f"batch {batch}: over (F10), first time, computes", over)
    print("    slowest:", ", ".join(f"{k} {v:.0f}" for k, v in sorted(slowest.items(), key=lambda i: -i[1])[:4]))
    back = []
    for _ in step.run.program.steps:
        back.append(press(Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier))
        settle(app)
    report(f"batch {batch}: back over (Shift+F10)", back)
    for output in ("conv1.x_col", "conv1.wx_row", "conv1.d_w_row", "conv1.d_x_col", "conv1.d_x_pad", "dense1.xw"):
        number = next(s.index for s in step.run.program.steps if s.output == output)
        step.step_to(number)
        settle(app)
        count = step.run.count()
        step.scrub(count // 2)
        times = [press(Qt.Key.Key_F11) for _ in range(min(micro, count // 2))]
        report(f"batch {batch}: into (F11) {output}", times)
    hovers(app, step, batch)
    pan(app, step, batch)
    step.close()
    step.deleteLater()


def hovers(app: QApplication, step: StepPage, batch: int) -> None:
    """The pointer goes over the cells of every pane of the product."""
    step.step_to(next(s.index for s in step.run.program.steps if s.output == "conv1.wx_row"))
    settle(app)
    times = []
    for card in step.views.panes.cards:
        for place in range(12):
            cell = card.view.cell_at(QPointF(card.view.width() * (0.2 + 0.05 * place), card.view.height() * 0.5))
            if cell is None:
                continue
            began = time.perf_counter()
            card.view.cellHovered.emit(card.view.logical_index(cell))
            app.processEvents()
            times.append(1e3 * (time.perf_counter() - began))
    report(f"batch {batch}: hover in any pane of the product", times)


def pan(app: QApplication, step: StepPage, batch: int) -> None:
    """Frames a second while X_col of the whole minibatch pans and zooms."""
    from convviz.gui.widgets.array.view import ArrayView

    array = step.run.array("conv1.x_col")
    view = ArrayView(aspect="free")
    view.resize(900, 260)
    view.set_picture(array, "input", 1.0)
    view.show()
    settle(app)
    times = []
    for turn in range(120):
        began = time.perf_counter()
        if turn % 12 == 0:
            view.zoom_by(1.6 if turn < 60 else 1 / 1.6)
        else:
            view.centre_on((turn * 300) % array.shape[1])
        view.repaint()
        times.append(1e3 * (time.perf_counter() - began))
    report(f"batch {batch}: X_col {array.shape[0]}×{array.shape[1]:,} pan and zoom, a frame", times)
    print(f"    {1000 / np.mean(times):.0f} frames a second")
    view.close()


def settle(app: QApplication) -> None:
    ends = time.perf_counter() + 2
    while time.perf_counter() < ends:
        app.processEvents()
        QTest.qWait(1)
        if not any(w for w in app.topLevelWidgets() if isinstance(w, StepPage) and not w.is_idle()):
            return


def report(what: str, times: list[float]) -> None:
    p50, p95 = np.percentile(times, [50, 95])
    print(f"{what:60} n {len(times):4}  p50 {p50:6.1f}  p95 {p95:6.1f}  max {max(times):6.1f} ms")


if __name__ == "__main__":
    raise SystemExit(main())

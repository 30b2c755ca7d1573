"""From a stroke's segment to the network's answer, for every preset: the median and the 95th percentile.

python tests/bench/guessing.py
"""

from __future__ import annotations

import os
import statistics
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from convviz.core.network import Network
from convviz.gui.app import application
from convviz.gui.workspaces.data.drawing.guesser import Guesser
from convviz.gui.workspaces.data.drawing.pad import DrawingPad
from convviz.gui.workspaces.data.drawing.view import DrawView
from convviz.storage.presets import preset, preset_names

SEGMENTS = 200


def draw_to(pad: DrawingPad, at: QPointF) -> None:
    """Move the mouse with its button held."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(pad, QMouseEvent(QEvent.Type.MouseMove, at, pad.mapToGlobal(at), none, left, keys))


def main() -> None:
    """Print a line for each preset."""
    app = application("light")
    sys.setswitchinterval(1e-4)  # as the window does
    for name in preset_names():
        network = Network(preset(name))
        image = network.design.input
        view, guesser, times = DrawView(), Guesser(), []
        guesser.use(network)
        view.set_network((image.channels, image.height, image.width), tuple(map(str, range(network.design.classes))))
        view.drawn.connect(guesser.ask)
        guesser.guessed.connect(lambda values, seconds, view=view: view.show_guess(values, seconds))
        guesser.guessed.connect(lambda *_, times=times: times.append(time.perf_counter()))
        view.resize(1100, 760)
        view.show()
        rng, spent = np.random.default_rng(0), []
        for number in range(SEGMENTS + 20):
            x, y = rng.random(2) * view.pad.width()
            seen, began = len(times), time.perf_counter()
            draw_to(view.pad, QPointF(x, y))
            while len(times) == seen:
                app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if number >= 20:
                spent.append(time.perf_counter() - began)
        guesser.close()
        view.close()
        worst = sorted(spent)[int(0.95 * len(spent))]
        print(f"{name:<22} median {1e3 * statistics.median(spent):6.1f} ms, p95 {1e3 * worst:6.1f} ms")


if __name__ == "__main__":
    main()

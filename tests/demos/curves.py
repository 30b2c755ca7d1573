"""Curves."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.gui.widgets.curve.view import CurveView
from convviz.present.history import smooth
from convviz.present.series import Series


def loss_curves(count: int = 1875) -> list[Series]:
    """Return curves that look like a training loss, for demonstrations."""
    draw = np.random.default_rng(0)
    steps = np.arange(1, count + 1)
    loss = (0.16 + 2.1 * np.exp(-steps / 40) + 0.3 * np.exp(-steps / 600)) * np.exp(draw.normal(0, 0.45, count))
    return [
        Series("each minibatch", steps, loss, token="raw", kind="raw"),
        Series("smoothed over 50", steps, smooth(loss, 50)),
    ]


def curve_view() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    loss = CurveView(y_name="loss", scale="log")
    loss.set_series(loss_curves())
    loss.set_events([(1204, "a filter dies")])
    layout.addWidget(loss)
    accuracy = CurveView(x_name="epoch", y_name="accuracy", form="percent", bounds=(0, 1))
    epochs = np.arange(1, 4)
    accuracy.set_series(
        [
            Series("training", epochs, np.array([0.905, 0.948, 0.961]), kind="points"),
            Series("test", epochs, np.array([0.91, 0.946, 0.959]), token="test", kind="points", dashed=True),
        ]
    )
    layout.addWidget(accuracy)
    layout.addWidget(CurveView())
    return page

"""Labels, buttons, badges and the like."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.badge import KINDS, Badge
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.labels import Caption, ElidedLabel, Heading
from convviz.gui.widgets.status_line import StatusLine


def badge() -> QWidget:
    page = QWidget()
    row = QHBoxLayout(page)
    for kind in KINDS:
        row.addWidget(Badge(kind, kind))
    row.addStretch()
    return page


def buttons() -> QWidget:
    page = QWidget()
    rows = QVBoxLayout(page)
    for enabled in (True, False):
        row = QHBoxLayout()
        for one in (
            Button("Train", icon_name="play", kind="primary"),
            Button("1 minibatch"),
            Button("Stop", icon_name="stop"),
            Button("Reset", kind="danger", icon_name="close"),
            Button("+ add", kind="quiet", small=True),
            Button(icon_name="settings", kind="quiet", tip="Settings"),
            Button(icon_name="play", tip="Play"),
        ):
            one.setEnabled(enabled)
            row.addWidget(one)
        row.addStretch()
        rows.addLayout(row)
    rows.addStretch()
    return page


def card() -> QWidget:
    card = Card("x_col", "49×576 · one column a window · columns 258-342")
    card.add(Caption("What the card holds."))
    card.body.addStretch()
    return card


def fact_table() -> QWidget:
    table = FactTable()
    table.show_facts([("active pixels", "17 %"), ("‖W‖", "1.204"), ("bias", "-0.0312")])
    return table


def labels() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addWidget(Heading("Every filter meets every window in one matrix product", level=1))
    layout.addWidget(Heading("Hyperparameters"))
    layout.addWidget(Heading("x_pad", level=3))
    layout.addWidget(Caption("30×30, padding 1"))
    layout.addWidget(ElidedLabel("49×576 · one column a window · columns 258-342 of 576", token="muted"))
    layout.addStretch()
    return page


def fitting_label() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addWidget(FittingLabel(["wheel zooms, drag moves, double-click shows all", "wheel zooms", "…"]))
    layout.addStretch()
    return page


def status_line() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addStretch()
    line = StatusLine()
    line.set_status(
        ("conv1.z_row · filter 12 · position (12, 12)", "sample 26, label 4", "epoch 3, step 1,875"),
        ("drawing takes 3 % of the time", "scale: this layer, locked over time"),
    )
    layout.addWidget(line)
    return page

"""Fields that are typed into, or chosen from."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.core.optim import SGD
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fields.value_field import ValueField
from convviz.present.design.fields import fields_of


def segmented() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addWidget(SegmentedControl(["Build", "Step", "Watch", "Probe"], name="Workspace"))
    small = SegmentedControl(["this picture", "this layer", "whole network"], small=True, name="Scale")
    small.set_segment_enabled(2, False, "Needs a network")
    layout.addWidget(small)
    layout.addStretch()
    return page


def combo() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addWidget(Combo(["SGD", "Adam", "RMSprop"], name="optimiser"))
    layout.addWidget(Combo([("cosine", 1), ("constant", 2)], name="schedule"))
    off = Combo(["He normal"])
    off.setEnabled(False)
    layout.addWidget(off)
    layout.addStretch()
    return page


def value_field() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    rate = fields_of(SGD)[0]
    plain, wrong, off = (ValueField(rate, 0.01) for _ in range(3))
    wrong.set_fault("learning rate: too large for this network")
    off.setEnabled(False)
    for one in (plain, wrong, off):
        layout.addWidget(one)
    layout.addStretch()
    return page

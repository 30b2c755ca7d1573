"""Hands for tests of the Step workspace: keys, pointer, clicks."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convviz.core.network import Network
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.step.views.panes.card import PaneCard
from convviz.storage.presets import preset
from tests.support.patience import PATIENCE

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
FIRST_ROW = [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 7, 0, 8, 9, 10, 11, 0, 12, 13, 14, 15]


def course(step: StepPage, count: int = 3) -> None:
    draw = np.random.default_rng(0)
    images = draw.random((count, 1, 28, 28), dtype=np.float32) ** 3
    design = preset("course-7x7")
    labels = np.arange(count) % 10
    step.set_offer(Offer(design, Network(design).arrays, images, labels, "noise", where="epoch 1, step 0"))


def press(step: StepPage, key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or step, key, modifier)


def card(step: StepPage, title: str) -> PaneCard:
    return next(c for c in step.views.panes.cards if c.title.text() == title)


def point_of(shown: PaneCard, row: int, col: int, tile: int = 0) -> QPoint:
    return shown.view.rect_of((tile, row, col)).center()


def hover(shown: PaneCard, row: int, col: int, tile: int = 0) -> None:
    QTest.mouseMove(shown.view, QPoint(1, 1))
    QTest.mouseMove(shown.view, point_of(shown, row, col, tile))


def click(shown: PaneCard, row: int, col: int, tile: int = 0) -> None:
    QTest.mouseClick(shown.view, Qt.MouseButton.LeftButton, pos=point_of(shown, row, col, tile))


def marked(shown: PaneCard, kinds: tuple[str, ...] = ("here", "window", "linked")) -> set[tuple[int, int]]:
    tiles, height, width = shown.view.picture.shape
    mask = np.zeros((tiles, height, width), dtype=bool)
    for mark in shown.view.marks:
        if mark.kind in kinds:
            mark.paint_on(mask)
    return {(int(r), int(c)) for t, r, c in np.argwhere(mask) if t == 0}


def go(step: StepPage, output: str) -> None:
    assert step.run is not None
    step.step_to(next(s.index for s in step.run.program.steps if s.output == output))
    QApplication.processEvents()
    end = time.monotonic() + PATIENCE
    while step.player.busy and time.monotonic() < end:  # a far step is run to in slices
        QTest.qWait(2)
    assert step.run.step.output == output

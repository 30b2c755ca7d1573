"""Images of arrays, colours that blend, and the frame that says where the keys act."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from convviz.gui.theme import Theme
from convviz.gui.widgets.focus_frame import paint_focus_frame
from convviz.gui.widgets.pixels import image_of_pixels, premultiplied


@pytest.mark.parametrize("part", [np.s_[:, :], np.s_[::2, 1:], np.s_[:1, 2:], np.s_[:, ::-1]])
def test_that_an_image_has_the_pixels_of_any_array_and_owns_them(part: tuple[slice, slice]) -> None:
    colours = np.random.default_rng(3).integers(0, 2**24, (5, 7), dtype=np.uint32) | np.uint32(0xFF000000)
    shown = colours[part]
    image = image_of_pixels(shown)
    wanted = shown.copy()
    colours[...] = 0
    found = [[image.pixel(x, y) for x in range(image.width())] for y in range(image.height())]
    np.testing.assert_array_equal(np.array(found, np.uint32), wanted)


def test_that_bytes_are_pixels_too() -> None:
    bytes_ = np.random.default_rng(4).integers(0, 256, (3, 4, 5), dtype=np.uint8).transpose(1, 2, 0)
    image = image_of_pixels(bytes_, QImage.Format.Format_RGB888)
    assert (image.width(), image.height()) == (5, 4)
    assert image.pixelColor(2, 3) == QColor(*bytes_[3, 2].tolist())


def bytes_of(colours: np.ndarray) -> np.ndarray:
    """Opacity, red, green and blue."""
    return np.stack([(colours >> np.uint32(shift)) & np.uint32(255) for shift in (24, 16, 8, 0)], axis=-1)


def test_that_colours_are_multiplied_by_their_opacity() -> None:
    draw = np.random.default_rng(5)
    colours, alphas = draw.integers(0, 2**24, (40, 1), dtype=np.uint32), np.arange(256)
    found = bytes_of(premultiplied(colours, alphas))
    assert found.shape == (40, 256, 4)
    np.testing.assert_array_equal(found[..., 0], np.broadcast_to(alphas, (40, 256)))
    wanted = np.rint(bytes_of(colours)[..., 1:] * (alphas[:, np.newaxis] / 255))
    np.testing.assert_array_equal(found[..., 1:], wanted)
    opaque = np.uint32(0xFF000000)
    np.testing.assert_array_equal(premultiplied(colours | opaque, 120), premultiplied(colours, 120))


class Framed(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        paint_focus_frame(QPainter(self), self)


def test_that_the_focus_has_a_frame_only_where_the_keys_are_used(qtbot: QtBot, theme: Theme) -> None:
    made = Framed()
    qtbot.addWidget(made)
    made.resize(60, 40)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.show()
    bare = made.grab().toImage()
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    made.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange, False)
    assert made.grab().toImage() == bare
    made.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange, True)
    framed = made.grab().toImage()
    assert framed != bare
    assert framed.pixelColor(30, 20) == bare.pixelColor(30, 20)

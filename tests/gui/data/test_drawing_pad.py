"""Drawing in the window with a real mouse: what is drawn, what the network says, and what is kept."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from small_run import noise
from whole_window import DATA, STEP, WATCH, WholeWindow

from convviz.core.network import Network
from convviz.data.drawing.collection import file_for, load_collection
from convviz.gui.workspaces.data.page import DataPage
from convviz.run.commands import Inspect
from convviz.training.images import Split
from convviz.training.predict import predict


@pytest.fixture
def data(qtbot, window: WholeWindow) -> DataPage:
    """The pad in front, for images of 1×10×10."""
    window.go_to(DATA)
    page = window.stack.front.page
    qtbot.mouseClick(page.sources.draw, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.drawing.pad.shape == (1, 10, 10), timeout=10000)
    yield page
    page.drawing.pad.start_over()
    page.browse()


def stroke(data: DataPage, *points: tuple[float, float]) -> None:
    """Draw a line through points, in shares of the pad."""
    pad = data.drawing.pad
    places = [QPoint(round(x * pad.width()), round(y * pad.height())) for x, y in points]
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        at = QPointF(place)
        none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
        move = QMouseEvent(QEvent.Type.MouseMove, at, pad.mapToGlobal(at), none, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(pad, move)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=places[-1])


def test_that_the_network_says_what_it_takes_a_drawing_for(qtbot, window: WholeWindow, data: DataPage) -> None:
    stroke(data, (0.3, 0.2), (0.3, 0.8), (0.7, 0.8))
    image = data.drawing.image
    assert image.shape == (1, 10, 10)
    np.testing.assert_array_equal(data.drawing.seen.values, image)
    with qtbot.waitSignal(window.run.inspected, timeout=10000) as asked:
        window.run.bridge.send(Inspect())
    network = Network(asked.args[0].design, weights=asked.args[0].arrays)
    wanted = predict(network, Split(image[None], np.zeros(1, np.int64))).probabilities[0]
    shown = data.drawing.probabilities
    qtbot.waitUntil(lambda: len(shown.values) == 10 and np.allclose(shown.values, wanted, atol=1e-6), timeout=10000)
    assert data.drawing.answer.text() == f"It takes it for {wanted.argmax()}, {wanted.max():.3f}"


def test_that_strokes_are_undone_erased_and_cleared(qtbot, data: DataPage) -> None:
    pad = data.drawing.pad
    stroke(data, (0.2, 0.5), (0.8, 0.5))
    first = pad.image.copy()
    stroke(data, (0.5, 0.2), (0.5, 0.8))
    second = pad.image.copy()
    assert second.sum() > first.sum() > 0
    qtbot.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(pad.image, first)
    qtbot.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    np.testing.assert_array_equal(pad.image, second)
    qtbot.keyClick(pad, Qt.Key.Key_E)
    stroke(data, (0.5, 0.2), (0.5, 0.35))
    assert 0 < pad.image.sum() < second.sum()
    qtbot.keyClick(pad, Qt.Key.Key_B)
    before = pad.brush
    qtbot.keyClicks(pad, "]")
    assert pad.brush == before + 0.5
    qtbot.keyClicks(pad, "[")
    qtbot.keyClick(pad, Qt.Key.Key_Delete)
    assert pad.is_empty
    assert not data.drawing.keep.isEnabled()
    qtbot.mouseClick(data.drawing.undo, Qt.MouseButton.LeftButton)
    assert not pad.is_empty


def test_that_centring_can_be_switched_off(qtbot, data: DataPage) -> None:
    stroke(data, (0.1, 0.1), (0.2, 0.3))
    assert not np.array_equal(data.drawing.image, data.drawing.pad.image)
    data.drawing.centre.setFocus()
    qtbot.keyClick(data.drawing.centre, Qt.Key.Key_Space)
    np.testing.assert_array_equal(data.drawing.image, data.drawing.pad.image)
    assert data.drawing.seen_note.text() == "1×10×10: the pad itself."
    qtbot.keyClick(data.drawing.centre, Qt.Key.Key_Space)


def test_that_a_kept_drawing_is_watched_stepped_and_there_next_time(qtbot, window, data, shared_window) -> None:
    pad = data.drawing.pad
    stroke(data, (0.3, 0.2), (0.3, 0.8))
    image = data.drawing.image
    qtbot.keyClicks(pad, "7")
    qtbot.keyClick(pad, Qt.Key.Key_Return)
    assert pad.is_empty
    assert window.message.text() == "Kept as drawing 0, a 7."
    kept = load_collection(file_for(shared_window.kept.parent / "drawings", (1, 10, 10), 10), (1, 10, 10), 10)
    np.testing.assert_array_equal(kept.images[0], image)
    (show,) = window.message.action_buttons
    qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
    assert window.watched.value.image == ("drawings", 0)
    assert data.panel.title.text() == "Drawing 0"
    assert data.grid.words_at(0) == "7"
    qtbot.keyClick(data.grid, Qt.Key.Key_Return)
    assert window.stack.currentIndex() == WATCH
    qtbot.waitUntil(lambda: np.array_equal(window.seen("x"), image[0]), timeout=10000)
    window.go_to(STEP)
    qtbot.waitUntil(lambda: window.step.run is not None, timeout=10000)
    qtbot.waitUntil(lambda: np.array_equal(window.step.run.env["x"], image[None]), timeout=10000)
    window.go_to(DATA)
    data.grid.setFocus()
    qtbot.keyClick(data.grid, Qt.Key.Key_Delete)
    assert window.run.drawings is None
    assert window.watched.value.image == ("test", 0)
    assert len(noise()[1]) == data.grid.count


def test_that_pictures_are_pasted_and_what_is_none_is_said(
    qtbot, window: WholeWindow, data: DataPage, tmp_path
) -> None:
    paper = np.full((40, 40), 255, np.uint8)
    paper[8:32, 16:24] = 0
    Image.fromarray(paper).save(tmp_path / "one.png")
    QGuiApplication.clipboard().setImage(QImage(str(tmp_path / "one.png")))
    qtbot.mouseClick(data.drawing.paste, Qt.MouseButton.LeftButton)
    assert data.drawing.pad.image[0, 5, 5] > 0.5
    assert data.drawing.pad.image[0, :, 0].max() == 0
    QGuiApplication.clipboard().setText("no picture")
    qtbot.mouseClick(data.drawing.paste, Qt.MouseButton.LeftButton)
    assert window.message.text() == "The clipboard has no picture: copy one first."
    (tmp_path / "bad.png").write_bytes(b"no picture")
    data.drawing.pictureDropped.emit(tmp_path / "bad.png")
    assert "bad.png: expected" in window.message.text()

"""Drawing in the window with a real mouse: what is drawn, what the network says, and what is kept."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from small_run import noise
from whole_window import DATA, STEP, WATCH, WholeWindow

from convviz.core.design import course_design
from convviz.core.network import Network
from convviz.data.drawing.collection import file_for, load_collection
from convviz.gui.workspaces.data.drawing import hand
from convviz.gui.workspaces.data.drawing.crop import CropDialog
from convviz.gui.workspaces.data.drawing.crop_view import CropView
from convviz.gui.workspaces.data.drawing.guesser import Guesser
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
    qtbot.waitUntil(lambda: "bad.png: expected" in window.message.text(), timeout=10000)


def four_squares() -> QImage:
    """A large picture of paper with ink in its four quarters: 40, 30, 20 and 10 pixels a side."""
    pixels = np.full((200, 300), 255, np.uint8)
    for number, (y, x) in enumerate(((30, 40), (30, 190), (130, 40), (130, 190))):
        side = 40 - 10 * number
        pixels[y : y + side, x : x + side] = 0
    return QImage(pixels.data, 300, 200, 300, QImage.Format.Format_Grayscale8).copy()


def dragged(view: CropView, start: tuple[float, float], stop: tuple[float, float]) -> None:
    """Drag over a picture, from and to places in its pixels."""
    one, two = (view.at_screen(QPointF(*place)).toPoint() for place in (start, stop))
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=one)
    QTest.mouseMove(view, two)
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    at = QPointF(two)
    move = QMouseEvent(QEvent.Type.MouseMove, at, view.mapToGlobal(at), none, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, move)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=two)


def test_that_a_piece_of_a_large_picture_is_chosen_by_dragging(qtbot, data: DataPage) -> None:
    QGuiApplication.clipboard().setImage(four_squares())
    qtbot.keyClick(data.drawing.pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    dialog = data.window().findChild(CropDialog)
    assert dialog.isVisible()
    assert dialog.view.piece == QRect(0, 0, 300, 200)
    dragged(dialog.view, (30, 20), (90, 80))
    piece = dialog.view.piece
    assert abs(piece.left() - 30) <= 2
    assert abs(piece.width() - 60) <= 3
    assert dialog.size_words.text() == f"{piece.width()} × {piece.height()} of 300 × 200 pixels"
    dragged(dialog.view, (60, 50), (60 + 150, 50))  # it is moved
    assert abs(dialog.view.piece.left() - 180) <= 3
    assert dialog.view.piece.size() == piece.size()
    left = dialog.view.piece.left()
    qtbot.keyClick(dialog.view, Qt.Key.Key_Left)
    assert dialog.view.piece.left() == left - 1
    qtbot.keyClick(dialog.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert dialog.view.piece.width() == piece.width() + 1
    wanted = dialog.sample.copy()
    assert 0.15 < wanted.mean() < 0.4
    qtbot.keyClick(dialog.view, Qt.Key.Key_Return)
    np.testing.assert_array_equal(data.drawing.pad.image, wanted)
    assert data.drawing.pad.can_undo


def test_that_a_piece_is_not_taken_with_escape_and_black_and_white_can_be_exchanged(qtbot, data: DataPage) -> None:
    QGuiApplication.clipboard().setImage(four_squares())
    qtbot.mouseClick(data.drawing.paste, Qt.MouseButton.LeftButton)
    dialog = data.window().findChild(CropDialog)
    before = dialog.sample.copy()
    dialog.turned.setChecked(True)
    np.testing.assert_allclose(dialog.sample, 1 - before)
    qtbot.keyClick(dialog.view, Qt.Key.Key_Escape)
    assert data.drawing.pad.is_empty


def test_that_a_piece_of_the_screen_is_taken_and_a_hidden_screen_is_told(
    qtbot, window: WholeWindow, data: DataPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand, "GONE_MS", 1)
    monkeypatch.setattr(hand, "screen_of", lambda _window: QImage())
    qtbot.mouseClick(data.drawing.screen_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.message.text() == hand.NO_SCREEN, timeout=5000)
    assert not window.isMinimized()
    monkeypatch.setattr(hand, "screen_of", lambda _window: four_squares())
    qtbot.mouseClick(data.drawing.screen_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: data.window().findChild(CropDialog) is not None, timeout=5000)
    dialog = data.window().findChild(CropDialog)
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert not data.drawing.pad.is_empty


def test_that_a_drawing_is_stepped_and_watched_without_keeping_it(qtbot, window: WholeWindow, data: DataPage) -> None:
    for way, title in (((0.3, 0.8), "Step"), ((0.8, 0.3), "Step"), ((0.5, 0.5), "Watch")):
        data.drawing.pad.start_over()
        assert not data.drawing.looks[title].isEnabled()
        stroke(data, (0.3, 0.2), way)
        image = data.drawing.image
        qtbot.keyClicks(data.drawing.pad, "7")
        qtbot.mouseClick(data.drawing.looks[title], Qt.MouseButton.LeftButton)
        assert window.stack.title == title
        if title == "Step":
            qtbot.waitUntil(lambda: window.step.run is not None, timeout=10000)
            qtbot.waitUntil(lambda image=image: np.array_equal(window.step.run.env["x"], image[None]), timeout=10000)
            assert window.step.run.env["labels"].tolist() == [7]
        else:
            qtbot.waitUntil(lambda image=image: np.array_equal(window.seen("x"), image[0]), timeout=10000)
        window.go_to(DATA)
        assert data.is_drawing
        assert not data.filters.chips["drawings"].isVisibleTo(data), "nothing is kept"
    stroke(data, (0.2, 0.2), (0.7, 0.7))
    qtbot.keyClick(data.drawing.pad, Qt.Key.Key_Return)
    assert window.watched.value.image == ("drawings", 0)
    assert len(window.run.drawings) == 1
    data.browse()
    qtbot.keyClick(data.grid, Qt.Key.Key_Delete)
    assert window.watched.value.image == ("test", 0)


def test_that_an_answer_waits_for_no_kernel_to_be_compiled(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("compiled kernels were asked for")

    monkeypatch.setenv("CONVVIZ_FAST", "1")
    monkeypatch.setattr("convviz.core.fast.compiled", refuse)
    monkeypatch.setattr("convviz.core.fast.available", lambda: True)
    guesser = Guesser()
    network = Network(course_design(filters=2, kernel=(3, 3)))
    guesser.use(network)
    with qtbot.waitSignal(guesser.guessed, timeout=10000) as found:
        guesser.ask(np.zeros((1, 28, 28), np.float32))
    guesser.close()
    np.testing.assert_allclose(found.args[0].sum(), 1, rtol=1e-5)


def test_that_the_most_probable_of_many_classes_come_first(data: DataPage) -> None:
    drawing = data.drawing
    values = np.random.default_rng(0).dirichlet(np.ones(1000)).astype(np.float32)
    drawing.set_network((1, 10, 10), tuple(map(str, range(1000))))
    drawing.show_guess(values, 0.001)
    shown = drawing.probabilities.shown
    assert shown == np.argsort(-values, kind="stable")[: len(shown)].tolist()
    assert f"the {len(shown)} most probable of 1,000 classes" in drawing.time.text()

"""Drawing images: the pad at the left, the network's input and answer at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.data.drawing.centring import box_side, centred
from convviz.data.readers.pictures import ENDINGS
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.labels import Caption, ElidedLabel, Note
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.data.drawing.pad import DrawingPad

SEEN = 168
LINE, LEAST = 24, 16
"""Pixels of a bar's line."""
PAD = (280, 532)
"""Smallest and largest pad."""
AROUND = 210
"""Pixels above and below the pad."""
THIN, THICK = 1.0, 6.0


class Probabilities(QWidget):
    """Probabilities of all classes as bars."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.names: tuple[str, ...] = ()
        self.values: Array = np.zeros(0, np.float32)
        self._theme.changed.connect(self.update)

    def show_values(self, names: tuple[str, ...], values: Array) -> None:
        """Show a bar for each class, or for each of the most probable ones."""
        self.names, self.values = names, values
        best = int(values.argmax()) if len(values) else -1
        self.setAccessibleDescription(f"{names[best]}, {values[best]:.3f}" if best >= 0 else "")
        self.updateGeometry()
        self.update()

    @property
    def shown(self) -> list[int]:
        """The classes on show: all in order, or the most probable ones where there is no room for all."""
        room = max(1, self.height() // LEAST)
        if len(self.values) <= room:
            return list(range(len(self.values)))
        return [int(label) for label in np.argsort(-self.values, kind="stable")[:room]]

    def sizeHint(self) -> QSize:
        return QSize(260, LINE * min(10, max(1, len(self.values))))

    def minimumSizeHint(self) -> QSize:
        return QSize(180, LEAST * min(10, max(1, len(self.values))))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not len(self.values):
            return
        order = np.argsort(-self.values, kind="stable")
        middle = Qt.AlignmentFlag.AlignVCenter
        left, right = 74 if max(map(len, self.names), default=0) > 3 else 24, 64
        line = min(LINE, self.height() // max(1, len(self.shown)))
        for number, label in enumerate(self.shown):
            top, value = number * line, float(self.values[label])
            first = label == order[0]
            painter.setFont(theme.font(12, QFont.Weight.DemiBold if first else QFont.Weight.Normal))
            painter.setPen(theme.colour("ink"))
            name = painter.fontMetrics().elidedText(self.names[label], Qt.TextElideMode.ElideRight, left - 6)
            painter.drawText(QRectF(0, top, left, line), middle, name)
            painter.setPen(Qt.PenStyle.NoPen)
            token = "accent" if first else "muted" if len(order) > 1 and label == order[1] else "faint"
            painter.setBrush(theme.colour(token))
            room = self.width() - left - right
            painter.drawRoundedRect(QRectF(left, top + (line - 8) / 2, max(2.0, room * value), 8), 2, 2)
            painter.setFont(theme.mono(12))
            painter.setPen(theme.colour("ink" if first else "muted"))
            place = QRectF(self.width() - right, top, right, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | middle, f"{value:.4f}")


class DrawView(QWidget):
    """The pad with its tools, the image that the network gets, and its probabilities.

    Attributes
    ----------
    drawn : Signal(object)
        The image that the network gets, ``(C, H, W)``, has changed.
    kept : Signal(object, int)
        Keep an image, with its label.
    pictureDropped : Signal(object)
        The path of a picture to take.
    pasteAsked, screenAsked, left : Signal()
        Take the picture of the clipboard, or a piece of the screen; go back to the images.
    lookAsked : Signal(str, object, int)
        Go to the workspace of this title with an image and its label, without keeping it.
    """

    KEYS = FocusKeys(
        "the drawing pad",
        {
            "Brush": ("B",),
            "Eraser": ("E",),
            "Thinner": ("[",),
            "Thicker": ("]",),
            "Undo": ("Ctrl+Z",),
            "Redo": ("Ctrl+Shift+Z",),
            "Clear": ("Del",),
            "Take the picture of the clipboard": ("Ctrl+V",),
            "What it should be": tuple("0123456789"),
            "Keep the drawing": ("Return", "Enter"),
            "Back to the images": ("Esc",),
        },
    )

    drawn = Signal(object)
    kept = Signal(object, int)
    pasteAsked = Signal()
    screenAsked = Signal()
    lookAsked = Signal(str, object, int)
    pictureDropped = Signal(object)
    left = Signal()

    def __init__(self, views: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._names: tuple[str, ...] = ()
        self._chosen = False
        self.setAcceptDrops(True)
        self.pad = DrawingPad()
        self.brush = _tool("", "pen", "Brush (B)", self._use_brush)
        self.eraser = _tool("", "eraser", "Eraser (E)", self._use_eraser)
        self.width_slider = QSlider(Qt.Orientation.Horizontal)
        self.width_slider.setRange(round(2 * THIN), round(2 * THICK))
        self.width_slider.setValue(round(2 * self.pad.brush))
        self.width_slider.setFixedWidth(90)
        self.width_slider.setAccessibleName("Width of the brush")
        self.width_slider.setToolTip("Width of the brush, as [ and ]")
        self.width_words = Caption()
        self.undo = _tool("", "undo", "Undo (Ctrl+Z)", self.pad.undo)
        self.redo = _tool("", "redo", "Redo (Ctrl+Shift+Z)", self.pad.redo)
        self.clear = _tool("", "trash", "Clear (Del)", self.pad.clear)
        self.centre = QCheckBox("Centre as MNIST does")
        self.centre.setChecked(True)
        self.seen = Thumbnail(SEEN, name="what the network sees")
        self.seen_note = Note()
        self.answer = ElidedLabel(size=15, weight=QFont.Weight.DemiBold)
        self.probabilities = Probabilities()
        self.time = ElidedLabel(token="muted", size=12)
        self.label = Combo(name="Label", tip="What it should be; 0…9 choose")
        self.keep = Button(
            "Keep", kind="primary", icon_name="save", tip="Keep it in My drawings, with this label (Enter)"
        )
        self.looks = {title: Button(title, tip=f"{words}, without keeping it") for title, words in views}
        self.paste = Button(
            "Paste", icon_name="copy", tip="Take the picture of the clipboard, or a piece of it (Ctrl+V)"
        )
        self.screen_button = Button("From the screen…", icon_name="screen", tip="Drag over a piece of the screen")
        self.back = Button("Back", icon_name="left", tip="Back to all images (Esc)")
        self._lay_out()
        self.pad.inkChanged.connect(self._ink_changed)
        self.pad.stackChanged.connect(self._show_stack)
        self.centre.toggled.connect(self._ink_changed)
        self.width_slider.valueChanged.connect(self._set_width)
        self.label.edited.connect(self._label_chosen)
        self.keep.clicked.connect(self._keep)
        self.paste.clicked.connect(self.pasteAsked)
        self.screen_button.clicked.connect(self.screenAsked)
        for title, look in self.looks.items():
            look.clicked.connect(partial(self._look, title))
        self.back.clicked.connect(self.left)
        self._use_brush()
        self._set_width(self.width_slider.value())
        self._show_stack()

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(6)
        for tool in (self.brush, self.eraser, self.width_slider, self.width_words):
            tools.addWidget(tool)
        tools.addStretch(1)
        for tool in (self.undo, self.redo, self.clear):
            tools.addWidget(tool)
        draw = Card("Draw", "mouse, pen or finger")
        draw.add(self.pad)
        draw.add(tools)
        draw.add(self.centre)
        below = QHBoxLayout()
        below.addWidget(self.paste)
        below.addWidget(self.screen_button)
        below.addStretch(1)
        below.addWidget(self.back)
        draw.body.addStretch(1)
        draw.add(below)
        self._draw_card = draw
        sees = Card("What the network sees")
        inside = QHBoxLayout()
        inside.setSpacing(14)
        inside.addWidget(self.seen, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.addWidget(self.seen_note)
        words.addStretch(1)
        inside.addLayout(words, 1)
        sees.add(inside)
        says = Card("What it says", "follows the brush")
        says.add(self.answer)
        says.add(self.probabilities, 1)
        says.add(self.time)
        keep = Card("Use it")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Caption("It is a"))
        row.addWidget(self.label)
        row.addStretch(1)
        for look in self.looks.values():
            row.addWidget(look)
        row.addWidget(self.keep)
        keep.add(row)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(sees)
        right.addWidget(says, 1)
        right.addWidget(keep)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 12)
        whole.setSpacing(10)
        whole.addWidget(draw)
        whole.addLayout(right, 1)

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def image(self) -> Array:
        """The image that the network gets, ``(C, H, W)``."""
        return centred(self.pad.image) if self.centre.isChecked() else self.pad.image.copy()

    def set_network(self, shape: tuple[int, int, int], names: tuple[str, ...]) -> None:
        """Draw for another network: the size of its images, and names of its classes."""
        self.pad.set_shape(shape)
        if names != self._names:
            self._names = names
            self.label.set_choices([(name, label) for label, name in enumerate(names)])
            self.probabilities.show_values((), np.zeros(0, np.float32))
        self._ink_changed()

    def show_guess(self, values: Array, seconds: float) -> None:
        """Show the network's answer, and how long it took."""
        if len(values) != len(self._names):
            return
        best = int(values.argmax())
        self.probabilities.show_values(self._names, values)
        says = "an empty pad" if self.pad.is_empty else "it"
        self.answer.set_text(f"It takes {says} for {self._names[best]}, {values[best]:.3f}")
        seen = len(self.probabilities.shown)
        part = f" · the {seen} most probable of {len(values):,} classes" if seen < len(values) else ""
        self.time.set_text(f"softmax · {1e3 * seconds:.1f} ms after the stroke{part}")
        if not self._chosen:
            self.label.set_value(best)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        least, most = PAD
        side = max(least, min(most, self.height() - AROUND, self.width() // 2 - 40))
        side -= side % max(self.pad.shape[1:])  # whole pixels for each of the image
        self.pad.setFixedSize(side, side)
        self._draw_card.setFixedWidth(side + 26)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        urls = event.mimeData().urls()
        if urls and urls[0].isLocalFile() and urls[0].toLocalFile().lower().endswith(ENDINGS):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.pictureDropped.emit(Path(event.mimeData().urls()[0].toLocalFile()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys: dict[int, Callable[[], object]] = {
            Qt.Key.Key_B: self._use_brush,
            Qt.Key.Key_E: self._use_eraser,
            Qt.Key.Key_BracketLeft: lambda: self.width_slider.setValue(self.width_slider.value() - 1),
            Qt.Key.Key_BracketRight: lambda: self.width_slider.setValue(self.width_slider.value() + 1),
            Qt.Key.Key_Delete: self.pad.clear,
            Qt.Key.Key_Escape: self.left.emit,
            Qt.Key.Key_Return: self._keep,
            Qt.Key.Key_Enter: self._keep,
        }
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() == Qt.Key.Key_Z:
            back = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            (self.pad.undo if back else self.pad.redo)()
        elif control and event.key() == Qt.Key.Key_V:
            self.pasteAsked.emit()
        elif not control and event.key() in keys:
            keys[event.key()]()
        elif not control and event.text().isdecimal() and int(event.text()) < len(self._names):
            self.label.set_value(int(event.text()))
            self._chosen = True
        else:
            super().keyPressEvent(event)

    # --- how -----------------------------------------------------------------------------------------------------

    def _ink_changed(self, *_: object) -> None:
        image = self.image
        self.seen.show_values(image)
        channels, height, width = image.shape
        size = f"{channels}×{height}×{width}"
        box = box_side(min(height, width))
        fitted = f"fitted into {box}×{box}, the centre of mass in the middle."
        how = fitted if self.centre.isChecked() else "the pad itself."
        self.seen_note.setText(f"{size}: {how}")
        for button in (self.keep, *self.looks.values()):
            button.setEnabled(not self.pad.is_empty)
        if self.pad.is_empty:
            self._chosen = False
        self.drawn.emit(image)

    def _show_stack(self) -> None:
        self.undo.setEnabled(self.pad.can_undo)
        self.redo.setEnabled(self.pad.can_redo)
        self.clear.setEnabled(not self.pad.is_empty)

    def _use_brush(self) -> None:
        self._use(erases=False)

    def _use_eraser(self) -> None:
        self._use(erases=True)

    def _use(self, *, erases: bool) -> None:
        self.pad.erases = erases
        self.brush.setChecked(not erases)
        self.eraser.setChecked(erases)
        self.pad.update()

    def _set_width(self, value: int) -> None:
        self.pad.brush = value / 2
        self.width_words.setText(f"{value / 2:.1f} px")
        self.pad.update()

    def _label_chosen(self, _label: object) -> None:
        self._chosen = True
        self.pad.setFocus()

    def _look(self, title: str) -> None:
        if not self.pad.is_empty and self.label.value is not None:
            self.lookAsked.emit(title, self.image, int(self.label.value))

    def _keep(self) -> None:
        if not self.pad.is_empty and self.label.value is not None:
            self.kept.emit(self.image, int(self.label.value))


def _tool(text: str, icon_name: str, tip: str, act: Callable[[], object]) -> Button:
    made = Button(text, icon_name=icon_name, tip=tip, small=True)
    made.setCheckable(icon_name in ("pen", "eraser"))
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus and its keys to the pad
    made.clicked.connect(lambda: act())
    return made

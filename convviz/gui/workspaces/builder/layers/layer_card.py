"""One layer as a card: its name, its fields to edit in place, its costs and its faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QPoint, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.errors import DesignError, UnfinishedError
from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon_pixmap
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.flow import FlowLayout
from convviz.gui.widgets.focus_frame import paint_focus_frame
from convviz.gui.widgets.labels import ThemedLabel
from convviz.gui.workspaces.builder.fields.editors import FieldChip
from convviz.gui.workspaces.builder.fields.name_edit import INSET, NameEdit
from convviz.gui.workspaces.builder.layers.columns import GRIP, MARGIN, NAME, CostColumns, titled
from convviz.gui.workspaces.builder.layers.layer_keys import LAYER_KEYS
from convviz.present.design.fields import FieldSpec, fields_of, title_of
from convviz.present.design.layer_costs import LayerCosts
from convviz.present.design.repairs import Repair

LOWEST = 44
"""Smallest height of a card, in pixels."""


class LayerCard(QWidget):
    """A card that shows a layer and reports the user's requests by signals; it changes nothing itself.

    Parameters
    ----------
    layer : Struct
    check_name : callable, optional
        Returns what is wrong with a new name for the layer, or an empty text.

    Attributes
    ----------
    chosen : Signal()
        The card was clicked, or it or one of its fields got the focus.
    fieldEdited : Signal(str, object)
    gestureEnded : Signal()
        The next edit is a separate undo step.
    renamed : Signal(str)
    repairPicked : Signal(object)
        The repair that was clicked.
    moveAsked : Signal(int)
        The number of places to move; -1 is up.
    stopsChanged : Signal()
        The widgets that Tab reaches have changed.
    focusMoveAsked : Signal(int)
        The focus should move to another card, this many places down.
    removeAsked, duplicateAsked, insertAsked, inputsAsked, menuAsked : Signal()
    dragged, dropped : Signal(QPoint)
        The card is being dragged, or was dropped, at this place on the screen.
    dragCancelled : Signal()
    """

    KEYS = LAYER_KEYS

    chosen = Signal()
    fieldEdited = Signal(str, object)
    gestureEnded = Signal()
    renamed = Signal(str)
    repairPicked = Signal(object)
    moveAsked = Signal(int)
    focusMoveAsked = Signal(int)
    stopsChanged = Signal()
    removeAsked = Signal()
    duplicateAsked = Signal()
    insertAsked = Signal()
    inputsAsked = Signal()
    menuAsked = Signal(QPoint)
    dragged = Signal(QPoint)
    dropped = Signal(QPoint)
    dragCancelled = Signal()

    def __init__(
        self, layer: msgspec.Struct, parent: QWidget | None = None, *, check_name: Callable[[str], str] | None = None
    ) -> None:
        super().__init__(parent)
        self._check_name = check_name
        self._theme = current_theme()
        self.kind: type[msgspec.Struct] = type(layer)
        self._layer = layer
        self._selected = self.faulty = self._stale = self._lifted = False
        self._press: QPoint | None = None
        self._dragging = False
        self._problems: dict[str, str] = {}
        self._sentence = ""
        self.repairs: tuple[Repair, ...] = ()
        self.repair_buttons: list[Button] = []
        # Tab gives it the focus, and so does a click, but only at the button's release: see mousePressEvent.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu_requested)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.title = titled(title_of(self.kind))
        self.title.setToolTip(getattr(self.kind, "summary", ""))
        self.name = NameEdit(self._name, check=self._check_name)
        self.name.problemChanged.connect(lambda sentence: self._problem_changed("name", sentence))
        self.name.renamed.connect(self.renamed)
        self.name.left.connect(self.setFocus)
        self.chips: dict[str, FieldChip] = {}
        self._flow = FlowLayout(8, 4)
        for spec in fields_of(self.kind):
            if spec.name != "name":
                self._add_chip(spec)
        self.message = ThemedLabel(token="danger", size=12)
        self.message.setWordWrap(True)
        self.message.hide()
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._repair_row = FlowLayout(6, 4)
        self.costs = CostColumns()
        self.more = Button(icon_name="more", kind="quiet", small=True)
        self.more.clicked.connect(self._more_clicked)
        self.more.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.more.setFixedWidth(24)
        self._lay_out()
        self.show_layer(layer)

    @property
    def layer(self) -> msgspec.Struct:
        """The layer that is shown."""
        return self._layer

    @property
    def shown_name(self) -> str:
        """Name of the layer that is shown."""
        return self._name

    @property
    def _name(self) -> str:
        return str(getattr(self._layer, "name", ""))

    def show_layer(self, layer: msgspec.Struct) -> None:
        """Show another layer of the same kind."""
        self._layer = layer
        self.name.set_name(self._name)
        self.name.setAccessibleName(f"name of {self._name}")
        self.more.setToolTip(f"Actions for {self._name}")
        self.more.setAccessibleName(self.more.toolTip())
        for name, chip in self.chips.items():
            chip.editor.set_value(getattr(layer, name))
        self.setAccessibleName(f"{title_of(self.kind)} {self._name}")
        self._show_chips()

    def show_costs(self, costs: LayerCosts | None, *, stale: bool = False) -> None:
        """Show the layer's costs; None, with ``stale``, if a layer before it does not fit."""
        self.costs.show_costs(costs)
        if stale != self._stale:
            self._stale = stale
            self.update()
        self._describe()

    def show_fault(self, error: DesignError | None, repairs: Sequence[Repair] = ()) -> None:
        """Mark the card and the field at fault, say why, and offer repairs; None removes all that.

        If only the last layers are missing, there is no fault: the card says in a quiet colour what is missing.
        """
        if error is None and not (self.faulty or self._sentence or repairs or self.repairs):
            return  # nothing changed: so it is for most cards after most edits
        self.faulty = error is not None and not isinstance(error, UnfinishedError)
        sentence = "" if error is None else str(error)
        if isinstance(error, UnfinishedError):
            sentence = f"Not finished: {sentence.partition(': ')[2]}"
        for name, editor in (("name", self.name), *((name, chip.editor) for name, chip in self.chips.items())):
            editor.set_fault(sentence if error is not None and error.field == name else "")
        self._sentence = sentence
        self._show_message(tuple(repairs))
        self.update()
        self._describe()

    def clear(self) -> bool:
        """Forget the layer, so that another of its kind can be shown; False while a field has an invalid text."""
        self.set_selected(False)
        self.set_lifted(False)
        self.show_fault(None)
        return not self._problems

    def set_reach(self, field: str, low: float | None, high: float | None) -> None:
        """Limit the arrow keys of a field to the values that fit here."""
        if (chip := self.chips.get(field)) is not None:
            chip.editor.set_reach(low, high)

    def set_selected(self, selected: bool) -> None:
        """Set whether this is the selected layer, which shows all its fields."""
        if selected != self._selected:
            self._selected = selected
            # Tab goes through everything in the selected card, and through the visible fields of the others.
            self.name.setFocusPolicy(Qt.FocusPolicy.StrongFocus if selected else Qt.FocusPolicy.ClickFocus)
            self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus if selected else Qt.FocusPolicy.NoFocus)
            self._show_chips()
            self.update()

    def set_lifted(self, lifted: bool) -> None:
        """Fade the card while it is dragged."""
        if lifted != self._lifted:
            self._lifted = lifted
            self.update()

    def focus_stops(self) -> list[QWidget]:
        """The card and the widgets in it that Tab reaches, in order."""
        inner: list[QWidget] = [self.name]
        for chip in self.chips.values():
            inner += chip.editor.stops()
        return [self, *inner, *self.repair_buttons, self.more]

    def focus_first_field(self) -> None:
        """Put the cursor into the first visible field."""
        for chip in self.chips.values():
            if not chip.isHidden():
                chip.begin()
                return

    # --- contents ----------------------------------------------------------------------------------------------

    def _add_chip(self, spec: FieldSpec) -> None:
        chip = FieldChip(spec, getattr(self._layer, spec.name), self._name, self)
        chip.edited.connect(self.fieldEdited)
        chip.finished.connect(self.gestureEnded)
        chip.left.connect(self.setFocus)
        chip.problemChanged.connect(self._problem_changed)
        self.chips[spec.name] = chip

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.name)
        naming = QWidget()
        naming.setFixedWidth(NAME + INSET)
        naming.setLayout(words)
        words.setContentsMargins(0, 0, 0, 0)
        self.title.setContentsMargins(INSET, 0, 0, 0)
        middle = QVBoxLayout()
        middle.setSpacing(4)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addStretch(1)
        for part in (self._flow, self.message, self._repair_row):
            if isinstance(part, QWidget):
                middle.addWidget(part)
            else:
                middle.addLayout(part)
        middle.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN + GRIP - INSET, 5, MARGIN - 6, 5)
        row.setSpacing(6)
        row.addWidget(naming, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(middle, 1)
        row.addWidget(self.costs, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.more, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumHeight(LOWEST)

    def _show_chips(self) -> None:
        """Show the main fields always, the others if they were changed or the layer is selected."""
        focus = QApplication.focusWidget()
        for name, chip in self.chips.items():
            changed = getattr(self._layer, name) != chip.spec.default
            inside = focus is not None and chip.isAncestorOf(focus)
            chip.setVisible(self._selected or chip.spec.words.main or changed or inside or name in self._problems)
        self._flow.fill([chip for chip in self.chips.values() if not chip.isHidden()])
        self.updateGeometry()

    @Slot(str, str)
    def _problem_changed(self, name: str, sentence: str) -> None:
        self._problems.pop(name, None)
        if sentence:
            self._problems[name] = sentence
        self._show_message(self.repairs)

    def _show_message(self, repairs: tuple[Repair, ...]) -> None:
        typed = next(iter(self._problems.values()), "")
        self.message.set_token("danger" if typed or self.faulty else "muted")
        self.message.setText(typed or self._sentence)
        self.message.setVisible(bool(typed or self._sentence))
        if repairs != self.repairs:
            self.repairs = repairs
            for old in self.repair_buttons:
                old.hide()
                old.deleteLater()
            self.repair_buttons.clear()
            for repair in repairs:
                made: Button = Button(repair.label, kind="secondary", small=True, tip="Repair the design in this way")
                made.clicked.connect(lambda _checked=False, repair=repair: self.repairPicked.emit(repair))
                self.repair_buttons.append(made)
            self._repair_row.fill(self.repair_buttons)
            for made in self.repair_buttons:
                made.show()
            self.stopsChanged.emit()
        self.updateGeometry()

    def _describe(self) -> None:
        self.setAccessibleDescription(self._sentence or self.costs.text())

    # --- the keyboard ------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, keys = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain, alt = keys == Qt.KeyboardModifier.NoModifier, keys == Qt.KeyboardModifier.AltModifier
        if alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moveAsked.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif not self.hasFocus():
            super().keyPressEvent(event)
        elif plain and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusMoveAsked.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Right):
            self.focus_first_field()
        elif plain and key == Qt.Key.Key_F2:
            self.name.begin()
        elif plain and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removeAsked.emit()
        elif keys == Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_D:
            self.duplicateAsked.emit()
        elif plain and key == Qt.Key.Key_Insert:
            self.insertAsked.emit()
        elif plain and key == Qt.Key.Key_I:
            self.inputsAsked.emit()
        elif plain and key == Qt.Key.Key_Menu:
            self.menuAsked.emit(self.mapToGlobal(QPoint(MARGIN, self.height())))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event) -> None:
        super().focusInEvent(event)
        self.chosen.emit()
        self.update()

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self.update()

    # --- the mouse ---------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # The card is selected on release: it then opens, and everything below it moves.
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.globalPosition().toPoint()
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        at = event.globalPosition().toPoint()
        if not self._dragging and (at - self._press).manhattanLength() >= QApplication.startDragDistance():
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragging:
            self.dragged.emit(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, dragging = self._press is not None, self._dragging
        self._press, self._dragging = None, False
        self.unsetCursor()
        if dragging:
            self.dropped.emit(event.globalPosition().toPoint())
        elif pressed:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.chosen.emit()

    def cancel_drag(self) -> None:
        """Put the card back where it was."""
        if self._dragging:
            self._press, self._dragging = None, False
            self.unsetCursor()
            self.dragCancelled.emit()

    @Slot(QPoint)
    def _menu_requested(self, at: QPoint) -> None:
        self.menuAsked.emit(self.mapToGlobal(at))

    @Slot()
    def _more_clicked(self) -> None:
        self.menuAsked.emit(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))

    # --- paint -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.colour
        token, width = ("danger", 1.5) if self.faulty else ("accent", 1.5) if self._selected else ("line", 1.0)
        painter.setBrush(colour("background" if self._lifted else "panel"))
        style = Qt.PenStyle.DashLine if self._lifted else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour(token), width, style))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2), 8, 8)
        if self._selected and self.faulty:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accent"))
            painter.drawRoundedRect(QRectF(2.5, 10, 3, self.height() - 20), 1.5, 1.5)
        paint_focus_frame(painter, self, inset=3, radius=6, thick=2)
        grip = icon_pixmap("grip", self._theme.palette.faint, 16, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(MARGIN - 4, (self.height() - 16) // 2), grip)

"""A small panel under the run's buttons: the settings that can change while a run goes on."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QFont, QHideEvent, QKeyEvent, QKeySequence, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from convviz.core.design import Design, Training
from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.widgets.fields.value_field import ValueField
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.labels import Caption, ThemedLabel
from convviz.plurals import capital
from convviz.present.design.fields import FieldKind, FieldSpec, fields_of

WIDTH = 300
EDITOR = 104
NUMBERS = (FieldKind.INT, FieldKind.FLOAT)
ABOUT = "They hold from the next minibatch on. Build has all settings."
WAITS = "They hold from the next minibatch on; other edits wait until the run is started anew."


def live_fields(design: Design) -> dict[tuple[str, ...], FieldSpec]:
    """The numbers that a run takes over, by their path in :class:`Training`; the optimiser's come first."""
    training = design.training
    own = {("optimiser", spec.name): spec for spec in fields_of(type(training.optimiser))}
    rest = {(spec.name,): spec for spec in fields_of(Training)}
    return {place: spec for place, spec in (own | rest).items() if spec.words.live and spec.kind in NUMBERS}


def value_at(design: Design, place: tuple[str, ...]) -> object:
    """The value of such a number."""
    found: object = design.training
    for name in place:
        found = getattr(found, name)
    return found


def with_value(design: Design, place: tuple[str, ...], value: object) -> Design:
    """The design with another value."""
    training = design.training
    if place[0] == "optimiser":
        changed = replace(training, optimiser=replace(training.optimiser, **{place[1]: value}))
    else:
        changed = replace(training, **{place[0]: value})
    return replace(design, training=changed)


class LiveSettings(QFrame):
    """Fields of the edited design that a run takes over at once. Esc or a click elsewhere closes it.

    It lies over the window rather than in a window of its own, which would take the click elsewhere for itself: the
    first click on Resume does what it says.

    Parameters
    ----------
    edited : EditedDesign
    follower : DesignFollower
        Knows whether other edits wait.
    parent : QWidget
    """

    KEYS = FocusKeys("the settings that apply while training", {"Go round them": ("Tab",), "Close them": ("Esc",)})

    def __init__(self, edited: EditedDesign, follower: DesignFollower, parent: QWidget) -> None:
        super().__init__(parent)
        self._button: QWidget | None = None
        """It opened the panel, and closes it."""
        self._surface: QObject | None = None
        """What gets the clicks of the whole window, while the panel is open."""
        self.hide()
        self._edited, self._follower = edited, follower
        self.setObjectName("liveSettings")
        self.setAccessibleName("Settings that apply while training")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self.fields: dict[tuple[str, ...], ValueField] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        self.caption = Caption(wrap=True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        column.addWidget(ThemedLabel("While it trains", size=14, weight=QFont.Weight.DemiBold))
        column.addLayout(self._grid)
        column.addWidget(self.caption)
        edited.changed.connect(self._refresh)
        follower.changed.connect(self._refresh)

    def open_below(self, button: QWidget) -> None:
        """Show the panel below a button, within the window; hide it if it is shown."""
        if self.isVisible():
            self.hide()
            return
        self._button = button
        self._lay_out(live_fields(self._edited.design))  # the fields are new, without what was mistyped last time
        self._refresh(anyway=True)
        self._reserve()
        self.adjustSize()
        window = button.window()
        left = button.mapTo(window, QPoint(button.width() - self.width(), 0)).x()
        below = button.mapTo(window, QPoint(0, button.height() + 6)).y()
        self.move(QPoint(max(8, left), below))
        self.show()
        self.raise_()
        first = next(iter(self.fields.values()), None)
        if first is not None:
            first.edit.setFocus(Qt.FocusReason.PopupFocusReason)
            first.edit.selectAll()

    # --- closing -------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._surface = self.window().windowHandle()
        for one in (self._surface, self.window()):
            if one is not None:
                one.installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        for one in (self._surface, self.window()):
            if one is not None:
                one.removeEventFilter(self)
        self._surface = None
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close the panel at a click elsewhere, which goes on to where it was meant."""
        if event.type() == QEvent.Type.Resize and watched is self.window():
            self.hide()
        elif event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            place, button = event.globalPosition().toPoint(), self._button
            inside = [self] if button is None else [self, button]
            if watched is self._surface and not any(one.rect().contains(one.mapFromGlobal(place)) for one in inside):
                self.hide()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Cancel):
            self.hide()
            if self._button is not None:
                self._button.setFocus(Qt.FocusReason.PopupFocusReason)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Let Tab go round the fields."""
        edits = [field.edit for field in self.fields.values()]
        if not edits:
            return super().focusNextPrevChild(forwards)
        at = next((number for number, edit in enumerate(edits) if edit.hasFocus()), -1 if forwards else 0)
        chosen = edits[(at + (1 if forwards else -1)) % len(edits)]
        chosen.setFocus(Qt.FocusReason.TabFocusReason if forwards else Qt.FocusReason.BacktabFocusReason)
        chosen.selectAll()
        return True

    # --- fields --------------------------------------------------------------------------------------------------

    @Slot()
    def _refresh(self, *_: object, anyway: bool = False) -> None:
        """Show the values in force; a hidden panel waits until it is opened."""
        if not anyway and not self.isVisible():
            return
        wanted = live_fields(self._edited.design)
        if wanted != {place: field.edit.spec for place, field in self.fields.items()}:
            self._lay_out(wanted)
        for place, field in self.fields.items():
            value = value_at(self._edited.design, place)
            if field.value != value:
                field.set_value(value)
        self.caption.setText(WAITS if self._follower.waits else ABOUT)

    def _reserve(self) -> None:
        """Reserve room for the longer of the two sentences, so that nothing moves when the other one is shown."""
        self.ensurePolished()
        self.caption.ensurePolished()  # its font matters, which is set only when it is shown
        margins = self._column.contentsMargins()
        shown, room = self.caption.text(), WIDTH - margins.left() - margins.right()
        heights = []
        for text in (ABOUT, WAITS):
            self.caption.setText(text)
            heights.append(self.caption.heightForWidth(room))
        self.caption.setText(shown)
        self.caption.setMinimumHeight(max(heights))

    def _lay_out(self, wanted: dict[tuple[str, ...], FieldSpec]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.fields = {}
        for row, (place, spec) in enumerate(wanted.items()):
            field = ValueField(spec, value_at(self._edited.design, place), width=EDITOR)
            field.edited.connect(lambda value, place=place: self._change(place, value))
            label = ThemedLabel(capital(spec.words.label))
            label.setToolTip(spec.tip)
            label.setBuddy(field)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(field, row, 1)
            self.fields[place] = field

    def _change(self, place: tuple[str, ...], value: object) -> None:
        design = with_value(self._edited.design, place, value)
        if design != self._edited.design:
            self._edited.document.edit(design, place[-1])

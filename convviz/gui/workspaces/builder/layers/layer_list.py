"""The layers of a design as a list of cards: selected, moved, added and removed by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.gui.theme import current_theme
from convviz.gui.widgets.turns import paint_later
from convviz.gui.workspaces.builder.layers.appearing import Appearing
from convviz.gui.workspaces.builder.layers.bracket_gutter import BracketGutter
from convviz.gui.workspaces.builder.layers.empty_hint import EmptyHint
from convviz.gui.workspaces.builder.layers.input_card import InputCard
from convviz.gui.workspaces.builder.layers.layer_card import LOWEST, LayerCard
from convviz.gui.workspaces.builder.layers.palette_bar import PaletteBar
from convviz.gui.workspaces.builder.layers.spare_cards import SpareCards
from convviz.present.design.costs import Costs
from convviz.present.design.edits import rename_layer
from convviz.present.design.reach import reaches
from convviz.present.design.repairs import Repair

GAP = 6
COMPACT = 640
"""Width in pixels below which the cards show only their output."""


class LayerList(QScrollArea):
    """Shows a design's layers and reports the user's requests by signals with the layer's number.

    Attributes
    ----------
    layerChosen : Signal(int)
        -1 is the input.
    fieldEdited : Signal(int, str, object)
    inputEdited : Signal(str, object)
    gestureEnded : Signal()
    renamed : Signal(int, str)
    repairPicked : Signal(object)
    moved : Signal(int, int)
        A layer and its new number.
    removeAsked, duplicateAsked, insertAsked, inputsAsked : Signal(int)
    menuAsked : Signal(int, QPoint)
    layerPicked : Signal(type)
        A kind from the palette, to be added at the end.
    paletteAsked : Signal()
        The user wants to see all kinds of layers.
    presetsAsked : Signal()
    palette_bar : PaletteBar
        Adds layers at the end. The page places it below the list, where it stays while the list grows and scrolls.
    insetChanged : Signal(int, bool)
        How many pixels narrower the cards are than the list, and whether they show only their output.
    """

    layerChosen = Signal(int)
    fieldEdited = Signal(int, str, object)
    inputEdited = Signal(str, object)
    gestureEnded = Signal()
    renamed = Signal(int, str)
    repairPicked = Signal(object)
    moved = Signal(int, int)
    removeAsked = Signal(int)
    duplicateAsked = Signal(int)
    insertAsked = Signal(int)
    inputsAsked = Signal(int)
    menuAsked = Signal(int, QPoint)
    layerPicked = Signal(type)
    paletteAsked = Signal()
    presetsAsked = Signal()
    insetChanged = Signal(int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("layers")
        self._design = Design()
        self._selected = -1
        self._compact = False
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(0, 0, 4, 4)
        self._column.setSpacing(GAP)
        self.input = InputCard()
        self.input.chosen.connect(self._input_chosen)
        self.input.edited.connect(self.inputEdited)
        self.input.finished.connect(self.gestureEnded)
        self.input.focusMoveAsked.connect(lambda way: self.focus_card(-1 + way))
        self.cards: list[LayerCard] = []
        self.spare = SpareCards(self._made_card, self)
        self.appearing = Appearing(self._in_sight, self._make_room, self)
        self.palette_bar = PaletteBar()
        self.palette_bar.layerPicked.connect(self.layerPicked)
        self.palette_bar.allAsked.connect(self.paletteAsked)
        self.empty = EmptyHint()
        self.empty.presetsAsked.connect(self.presetsAsked)
        self.empty.repairPicked.connect(self.repairPicked)
        self._column.addWidget(self.input)
        self._column.addWidget(self.empty)
        self._column.addStretch(1)
        self.setWidget(self._page)
        self.gutter = BracketGutter(self._page, self._card)
        self.drop_mark = _DropMark(self._page)
        self._scroller = QTimer(self)
        self._scroller.setInterval(30)
        self._scroller.timeout.connect(self._scroll_while_dragging)
        self._drag_at = QPoint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = self.viewport().width() < COMPACT
        if compact != self._compact:
            self._compact = compact
            for columns in (self.input.costs, *(card.costs for card in self.cards)):
                columns.set_compact(compact)
        inset = self.width() - self.viewport().width() + self._column.contentsMargins().right()
        self.insetChanged.emit(inset, compact)
        self._make_room()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.appearing.begin(self.cards)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.appearing.hold(self.cards)

    # --- showing -----------------------------------------------------------------------------------------------

    def show_design(self, design: Design, costs: Costs, repairs: Sequence[Repair] = ()) -> None:
        """Show a design, its costs and its faults."""
        self._design = design
        self.input.show_input(design)
        self._match(design.layers)
        self.gutter.show_layers(design.layers)
        right = self._column.contentsMargins().right()
        self._column.setContentsMargins(self.gutter.needed_width, 0, right, 4)
        self.empty.show_hint(not design.layers, repairs)
        sizes = reaches(design, costs)
        for number, (card, layer) in enumerate(zip(self.cards, design.layers, strict=True)):
            if card.layer is not layer:
                card.show_layer(layer)
            known = number < len(costs.layers)
            card.show_costs(costs.layers[number] if known else None, stale=not known)
            at_fault = costs.fault == number
            card.show_fault(costs.error if at_fault else None, repairs if at_fault else ())
            for field, (low, high) in sizes[number].items():
                card.set_reach(field, low, high)

    def select(self, number: int) -> None:
        """Outline a card; -1 is the input."""
        self._selected = number
        self.gutter.select(number)
        self.input.set_selected(number == -1)
        for at, card in enumerate(self.cards):
            card.set_selected(at == number)
            if at == number:
                QWidget.setTabOrder(card.focus_stops()[-2], card.more)  # it can have the focus only now

    @property
    def selected(self) -> int:
        """The outlined card; -1 is the input."""
        return self._selected

    def _card(self, number: int) -> QWidget | None:
        """A card by its number; -1 is the input's. None if there is no such card."""
        if number < 0:
            return self.input
        return self.cards[number] if number < len(self.cards) else None

    def focus_card(self, number: int, *, fields: bool = False) -> None:
        """Give a card (-1 is the input) the focus, and scroll to it."""
        number = max(-1, min(number, len(self.cards) - 1))
        self.appearing.finish()  # a hidden card can't have the focus or be scrolled to
        card: QWidget = self.input if number < 0 else self.cards[number]
        card.setFocus(Qt.FocusReason.OtherFocusReason)
        self.layerChosen.emit(number)
        if fields and number >= 0:
            self.cards[number].focus_first_field()
        # New cards have no geometry yet.
        QTimer.singleShot(0, self, lambda: self.bring_in(number))

    def bring_in(self, number: int) -> None:
        """Scroll to a card."""
        if number < len(self.cards):
            self.appearing.finish()
            card: QWidget = self.input if number < 0 else self.cards[number]
            self.ensureWidgetVisible(card, 0, 24)

    def _match(self, layers: Sequence[msgspec.Struct]) -> None:
        """Match the cards to the layers by kind and name; if just one layer was renamed, each card keeps its place."""
        names = [(card.kind, card.shown_name) for card in self.cards]
        wanted = [(type(layer), getattr(layer, "name", "")) for layer in layers]
        if names == wanted:
            return
        if [kind for kind, _ in names] == [kind for kind, _ in wanted] and len(set(names) ^ set(wanted)) == 2:
            return  # one layer was renamed
        if len(set(names) ^ set(wanted)) > 2:
            paint_later(self)
        by_name = dict(zip(names, self.cards, strict=True))
        kept = [by_name.pop((type(layer), getattr(layer, "name", "")), None) for layer in layers]
        for card in self.cards:
            if card not in kept:  # put away first: the new layers may take these
                self._column.removeWidget(card)
                self.spare.put(card)
        made = [self._new_card(layer) if card is None else card for card, layer in zip(kept, layers, strict=True)]
        self.cards = made
        for at, card in enumerate(made):
            if self._column.indexOf(card) != at + 1:
                self._column.removeWidget(card)
                self._column.insertWidget(at + 1, card)
        if self.isVisible():
            self.appearing.begin(made)
        else:
            self.appearing.hold(made)
        self._order_tabs()

    def _in_sight(self) -> int:
        """How many cards can be in sight at most, which is when all have the smallest height."""
        return (self.verticalScrollBar().value() + self.viewport().height()) // (LOWEST + GAP) + 1

    def _make_room(self) -> None:
        """Make the page as high as its cards now: Qt would do so one turn later, and show them squeezed until then."""
        self._column.invalidate()
        wanted = self._page.heightForWidth(self._page.width())
        if wanted > self._page.height():
            self._page.resize(self._page.width(), wanted)

    def _new_card(self, layer: msgspec.Struct) -> LayerCard:
        card = self.spare.take(layer) or self._made_card(layer)
        card.costs.set_compact(self._compact)
        return card

    def _made_card(self, layer: msgspec.Struct) -> LayerCard:
        card = LayerCard(layer, self._page, check_name=lambda name: self._name_trouble(card, name))
        card.chosen.connect(lambda: self._emit_for(card, self.layerChosen))
        card.fieldEdited.connect(lambda field, value: self._emit_for(card, self.fieldEdited, field, value))
        card.gestureEnded.connect(self.gestureEnded)
        card.renamed.connect(lambda name: self._emit_for(card, self.renamed, name))
        card.repairPicked.connect(self.repairPicked)
        card.moveAsked.connect(lambda way: self._move_by(card, way))
        card.focusMoveAsked.connect(lambda way: self.focus_card(self.cards.index(card) + way))
        card.removeAsked.connect(lambda: self._emit_for(card, self.removeAsked))
        card.duplicateAsked.connect(lambda: self._emit_for(card, self.duplicateAsked))
        card.stopsChanged.connect(self._order_tabs)
        card.inputsAsked.connect(lambda: self._emit_for(card, self.inputsAsked))
        card.insertAsked.connect(lambda: self._emit_for(card, self.insertAsked))
        card.menuAsked.connect(lambda at: self._emit_for(card, self.menuAsked, at))
        card.dragged.connect(lambda at: self._dragged(card, at))
        card.dropped.connect(lambda at: self._dropped(card, at))
        card.dragCancelled.connect(self._end_drag)
        for inner in card.focus_stops()[1:]:
            inner.installEventFilter(self)
        return card

    def _name_trouble(self, card: LayerCard, name: str) -> str:
        """Why a layer can't have that name; empty if it can."""
        try:
            rename_layer(self._design, self.cards.index(card), name)
        except DesignError as error:
            return str(error)
        return ""

    def _emit_for(self, card: LayerCard, signal: SignalInstance, *values: object) -> None:
        if card in self.cards:
            signal.emit(self.cards.index(card), *values)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # When a field gets the focus, its card is selected. Alt+Up and Alt+Down move the card from a field too.
        if event.type() == QEvent.Type.FocusIn:
            for number, card in enumerate(self.cards):
                if isinstance(watched, QWidget) and card.isAncestorOf(watched):
                    self.layerChosen.emit(number)
                    QTimer.singleShot(0, self, lambda number=number: self.bring_in(number))
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            alt = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.AltModifier
            inside = (one for one in self.cards if isinstance(watched, QWidget) and one.isAncestorOf(watched))
            holder = next(inside, None)
            drops = watched.metaObject().className() in ("Combo", "ChoiceEdit")
            if alt and holder is not None and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not drops:
                self._move_by(holder, -1 if event.key() == Qt.Key.Key_Up else 1)
                return True
        return super().eventFilter(watched, event)

    def _order_tabs(self) -> None:
        stops: list[QWidget] = [*self.input.focus_stops()]
        for card in self.cards:
            stops += card.focus_stops()
        stops += self.empty.focus_stops()
        stops += self.palette_bar.focus_stops()
        # Qt leaves out what can't have the focus, and would begin anew behind it.
        for before, after in pairwise(one for one in stops if one.focusPolicy() != Qt.FocusPolicy.NoFocus):
            QWidget.setTabOrder(before, after)

    @Slot()
    def _input_chosen(self) -> None:
        self.layerChosen.emit(-1)

    def _move_by(self, card: LayerCard, way: int) -> None:
        at = self.cards.index(card)
        if 0 <= at + way < len(self.cards):
            self.moved.emit(at, at + way)

    # --- dragging ----------------------------------------------------------------------------------------------

    def _dragged(self, card: LayerCard, at: QPoint) -> None:
        self._drag_at = at
        self.appearing.finish()
        card.set_lifted(True)
        self._show_mark()
        self._scroller.start()
        card.grabKeyboard()
        card.installEventFilter(self._escape())

    def _escape(self) -> QObject:
        if not hasattr(self, "_escape_filter"):
            self._escape_filter = _EscapeFilter(self)
        return self._escape_filter

    def _dropped(self, card: LayerCard, at: QPoint) -> None:
        self._drag_at = at
        here = self.cards.index(card)
        gap = self._gap()
        self._end_drag()
        to = gap if gap <= here else gap - 1
        if to != here:
            self.moved.emit(here, to)

    @Slot()
    def _end_drag(self) -> None:
        self._scroller.stop()
        self.drop_mark.hide()
        for card in self.cards:
            card.set_lifted(False)
            card.releaseKeyboard()
            card.removeEventFilter(self._escape())

    def _gap(self) -> int:
        """Number of the gap between cards that is nearest to the pointer; 0 is above the first."""
        y = self._page.mapFromGlobal(self._drag_at).y()
        return sum(1 for card in self.cards if y > card.geometry().center().y())

    def _show_mark(self) -> None:
        gap = self._gap()
        if gap < len(self.cards):
            y = self.cards[gap].geometry().top() - GAP // 2
        else:
            y = self.cards[-1].geometry().bottom() + GAP // 2 + 1
        self.drop_mark.setGeometry(QRect(0, y - 3, self._page.width() - 4, 6))
        self.drop_mark.show()
        self.drop_mark.raise_()

    @Slot()
    def _scroll_while_dragging(self) -> None:
        y = self.viewport().mapFromGlobal(self._drag_at).y()
        over = min(y - 28, 0) or max(y - self.viewport().height() + 28, 0)
        if over:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + max(-16, min(16, over)))
            self._show_mark()


class _EscapeFilter(QObject):
    """Esc ends a drag."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, LayerCard) and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            watched.cancel_drag()
            return True
        return False


class _DropMark(QWidget):
    """The line where a dragged card would go."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        painter.drawRoundedRect(0, 2, self.width(), 2, 1, 1)
        painter.drawEllipse(0, 0, 6, 6)

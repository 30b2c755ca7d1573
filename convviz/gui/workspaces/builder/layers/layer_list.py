"""The layers of a design as a list of cards: selected, moved, added and removed by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.gui.widgets.turns import paint_apart
from convviz.gui.workspaces.builder.layers.appearing import Appearing
from convviz.gui.workspaces.builder.layers.bracket_gutter import BracketGutter
from convviz.gui.workspaces.builder.layers.dragging import Dragging
from convviz.gui.workspaces.builder.layers.empty_hint import EmptyHint
from convviz.gui.workspaces.builder.layers.filling import Filling
from convviz.gui.workspaces.builder.layers.input_card import InputCard
from convviz.gui.workspaces.builder.layers.layer_card import LOWEST, LayerCard
from convviz.gui.workspaces.builder.layers.palette_bar import PaletteBar
from convviz.gui.workspaces.builder.layers.spare_cards import SpareCards, polish
from convviz.present.design.costs import Costs
from convviz.present.design.edits import rename_layer
from convviz.present.design.reach import Reach, reaches
from convviz.present.design.repairs import Repair

GAP = 6
"""Between two cards, in pixels."""
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
        self._costs: Costs
        self._repairs: Sequence[Repair] = ()
        self._reaches: Sequence[Reach] = ()
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
        self.appearing = Appearing(self._in_sight, self._show_cards, self)
        self.palette_bar = PaletteBar()
        self.palette_bar.layerPicked.connect(self.layerPicked)
        self.palette_bar.allAsked.connect(self.paletteAsked)
        self.empty = EmptyHint()
        self.empty.presetsAsked.connect(self.presetsAsked)
        self.empty.repairPicked.connect(self.repairPicked)
        self._column.addWidget(self.input)
        self._column.addWidget(self.empty)
        self.filling = Filling(self._append, self._filled, self)
        self._column.addWidget(self.filling.note)
        self._column.addStretch(1)
        self.setWidget(self._page)
        self.gutter = BracketGutter(self._page, self._card)
        self.dragging = Dragging(self, self._page, lambda: self.cards, self.appearing.finish, GAP)
        self.drop_mark = self.dragging.mark
        self.dragging.moved.connect(self.moved)
        self._wanted: tuple[int, bool] | None = None
        """A card that is to have the focus once it is there, and whether its first field is."""

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
        self.filling.begin(len(self.cards), len(self._design.layers))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.filling.stop()
        self.appearing.hold(self.cards)

    # --- showing -----------------------------------------------------------------------------------------------

    def show_design(self, design: Design, costs: Costs, repairs: Sequence[Repair] = ()) -> None:
        """Show a design, its costs and its faults."""
        self._design, self._costs, self._repairs = design, costs, repairs
        self.filling.stop()
        self._wanted = None
        self.input.show_input(design)
        self._match(design.layers)
        self.gutter.show_layers(design.layers)
        right = self._column.contentsMargins().right()
        self._column.setContentsMargins(self.gutter.needed_width, 0, right, 4)
        self.empty.show_hint(not design.layers, repairs)
        self._reaches = reaches(design, costs)
        for number in range(len(self.cards)):
            self._show_layer(number)
        self.filling.begin(len(self.cards), len(design.layers))

    def _show_layer(self, number: int) -> None:
        """Show a layer, its costs and its fault in its card."""
        card, layer, costs = self.cards[number], self._design.layers[number], self._costs
        if card.layer is not layer:
            card.show_layer(layer)
        known = number < len(costs.layers)
        card.show_costs(costs.layers[number] if known else None, stale=not known)
        at_fault = costs.fault == number
        card.show_fault(costs.error if at_fault else None, self._repairs if at_fault else ())
        for field, (low, high) in self._reaches[number].items():
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
        number = max(-1, min(number, len(self._design.layers) - 1))
        if self.filling.is_going and number >= self.filling.begun_at:
            self._wanted = number, fields  # once its card is there
            self.layerChosen.emit(number)
            return
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
        if number < (self.filling.begun_at if self.filling.is_going else len(self.cards)):
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
            paint_apart(self)
        by_name = dict(zip(names, self.cards, strict=True))
        kept: Sequence[LayerCard | None] = [by_name.pop(one, None) for one in wanted]
        if self.isVisible():  # the others come in turns
            layers, kept = self.filling.at_once(layers, kept, [*self.cards, *self.spare.cards])
        staying = set(kept)
        for card in self.cards:
            if card not in staying:  # put away first: the new layers may take these
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

    def _append(self, number: int) -> None:
        """Make the card of the next layer; unless it is in sight, it appears once all are made."""
        card = self._new_card(self._design.layers[number])
        polish(card)
        self.cards.append(card)
        card.hide()
        self._column.insertWidget(number + 1, card)
        self._show_layer(number)
        card.set_selected(number == self._selected)
        if number <= self._in_sight():
            self._show_cards([card])

    def _filled(self) -> Iterator[None]:
        """Let the cards appear that were made in turns, and take up what has waited for them."""
        self._order_tabs()
        yield
        self.appearing.begin(self.cards)
        yield
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.focus_card(wanted[0], fields=wanted[1])

    def _in_sight(self) -> int:
        """How many cards can be in sight at most, which is when all have the smallest height."""
        return (self.verticalScrollBar().value() + self.viewport().height()) // (LOWEST + GAP) + 1

    def _show_cards(self, cards: Sequence[QWidget]) -> None:
        """Show cards that were hidden, in their places at once."""
        self._column.setEnabled(False)  # there is no room yet: all others would be squeezed, and laid out twice
        for card in cards:
            card.show()
        self._column.setEnabled(True)
        self._make_room()

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
        card.dragged.connect(lambda at: self.dragging.drag(card, at))
        card.dropped.connect(lambda at: self.dragging.drop(card, at))
        card.dragCancelled.connect(self.dragging.end)
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

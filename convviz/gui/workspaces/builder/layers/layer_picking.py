"""The list of all kinds of layers to add, and the menu of a card."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from convviz.core.layers import Layer
from convviz.gui.workspaces.builder.editor import DesignEditor
from convviz.gui.workspaces.builder.layers.layer_list import LayerList
from convviz.gui.workspaces.builder.layers.pick_list import PickList
from convviz.present.design.edits import layer_kinds
from convviz.present.design.fields import title_of
from convviz.present.design.input_choices import input_choices


class LayerPicking(QObject):
    """Opens the list of layers and the menu of a card over the window, and carries out the user's choice.

    Parameters
    ----------
    layers : LayerList
        The cards beside which list and menu open.
    editor : DesignEditor
        Carries out the choice.
    window : QWidget
        The window over which list and menu open.

    Attributes
    ----------
    list : PickList
        The list of all kinds of layers.
    inputs : PickList or None
        The list of the inputs that a layer can read.
    """

    def __init__(self, layers: LayerList, editor: DesignEditor, window: QWidget) -> None:
        super().__init__(window)
        self._layers, self._editor, self._window = layers, editor, window
        self._at: int | None = None
        """Number that the picked layer gets; None is the end."""
        self._inputs_of = -1
        self.list = PickList([(title_of(kind), kind.summary, kind) for kind in layer_kinds()], "layer", window)
        self.list.picked.connect(self._picked)
        self.inputs: PickList | None = None

    @Slot()
    def open_for_end(self) -> None:
        """Open the list; the picked kind becomes the last layer."""
        self._open(None, self._layers.palette_bar)

    @Slot(int)
    def open_below(self, number: int) -> None:
        """Open the list; the picked kind is inserted below the layer with that number."""
        self._open(number + 1, self._layers.cards[number])

    @Slot(int)
    def open_inputs(self, number: int) -> None:
        """Open a list of what a layer can read; for one that joins branches, picking adds or removes a branch."""
        self._inputs_of = number
        if self.inputs is not None:
            self.inputs.deleteLater()
        self.inputs = PickList(input_choices(self._editor.design, number), "layer to read", self._window)
        self.inputs.picked.connect(self._input_picked)
        card = self._layers.cards[number]
        self.inputs.open_at(card.mapToGlobal(QPoint(40, card.height() + 2)))

    @Slot(object)
    def _input_picked(self, names: tuple[str, ...]) -> None:
        self._editor.read_from(self._inputs_of, names)

    @Slot()
    def open_after_selected(self) -> None:
        """Open the list; the picked kind is inserted below the selected layer, or at the end."""
        if 0 <= self._layers.selected < len(self._layers.cards):
            self.open_below(self._layers.selected)
        else:
            self.open_for_end()

    @Slot(int, QPoint)
    def open_menu(self, number: int, at: QPoint) -> None:
        """Open the menu of a layer at a place on the screen."""
        editor, last = self._editor, len(self._layers.cards) - 1
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Insert a layer below…", QKeySequence("Ins"), lambda: self._layers.insertAsked.emit(number))
        menu.addAction("Read from…", QKeySequence("I"), lambda: self._layers.inputsAsked.emit(number))
        menu.addAction("Duplicate", QKeySequence("Ctrl+D"), lambda: editor.duplicate_layer(number))
        menu.addAction("Rename", QKeySequence("F2"), self._layers.cards[number].name.begin)
        menu.addSeparator()
        up = menu.addAction("Move up", QKeySequence("Alt+Up"), lambda: editor.move_layer(number, number - 1))
        down = menu.addAction("Move down", QKeySequence("Alt+Down"), lambda: editor.move_layer(number, number + 1))
        up.setEnabled(number > 0)
        down.setEnabled(number < last)
        menu.addSeparator()
        menu.addAction("Remove", QKeySequence("Del"), lambda: editor.remove_layer(number))
        menu.popup(at)

    def _open(self, at: int | None, beside: QWidget) -> None:
        self._at = at
        self.list.open_at(beside.mapToGlobal(QPoint(40, beside.height() + 2)))

    @Slot(object)
    def _picked(self, kind: type[Layer]) -> None:
        self._editor.add_layer(kind, self._at)

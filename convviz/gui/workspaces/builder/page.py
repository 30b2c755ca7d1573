"""The page of Build: arranges the parts side by side, and turns the user's requests into edits of one design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.gui.files.design_files import DesignFiles
from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.theme import Theme, current_theme
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.messages.overlay import MessageOverlay
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.workspaces.builder.editor import DesignEditor
from convviz.gui.workspaces.builder.header import Header
from convviz.gui.workspaces.builder.inspector.inspector import LayerInspector
from convviz.gui.workspaces.builder.layers.columns import ColumnHeader
from convviz.gui.workspaces.builder.layers.layer_list import LayerList
from convviz.gui.workspaces.builder.layers.layer_picking import LayerPicking
from convviz.gui.workspaces.builder.registry import VIEWS, Entry, Place
from convviz.gui.workspaces.builder.settings.augmentation_box import AugmentationBox
from convviz.gui.workspaces.builder.settings.data_box import DataBox
from convviz.gui.workspaces.builder.settings.hyper_panel import HyperPanel
from convviz.gui.workspaces.builder.side_panel import PageRow, SidePanel, stacked
from convviz.gui.workspaces.builder.side_views import SideViews
from convviz.gui.workspaces.builder.totals.bar import TotalsBar
from convviz.gui.workspaces.builder.totals.totals import TotalsModel
from convviz.gui.workspaces.builder.view import BuildLook
from convviz.present.design.brought import Brought, brought
from convviz.present.design.build_text import part_words
from convviz.present.design.repairs import repairs
from convviz.present.run_facts import RunFacts, TimedEpoch
from convviz.storage.presets import presets

SMALLEST = 840


class BuildPage(QWidget):
    """The page on which a network, its data and its settings are edited.

    Parameters
    ----------
    theme : Theme, optional
        Theme of the application.
    settings : QSettings, optional
        Where recent files are stored.
    edited : EditedDesign, optional
        The design that is shown and edited; by default, the page makes its own.
    files : DesignFiles, optional
        Opens and saves designs; by default, the page makes its own.
    views : sequence of Entry
        The views at the side.

    Attributes
    ----------
    edited : EditedDesign
        The design and its data.
    undo_stack : QUndoStack
        All edits of the design.
    document : DesignDocument
    files : DesignFiles
        Open, save, copy and paste.
    openDataRequested : Signal()
    dataDropped : Signal(str)
        A file or folder to open as the data set.
    statusChanged : Signal(str)
        Text for the window's status line.
    """

    openDataRequested = Signal()
    dataDropped = Signal(str)
    statusChanged = Signal(str)

    def __init__(
        self,
        theme: Theme | None = None,
        parent: QWidget | None = None,
        *,
        settings: QSettings | None = None,
        edited: EditedDesign | None = None,
        files: DesignFiles | None = None,
        views: Sequence[Entry] = VIEWS,
    ) -> None:
        super().__init__(parent)
        self._theme = theme or current_theme()
        self.edited = edited or EditedDesign(self)
        self._live = True
        self.weights_saver: Callable[[], Callable[[Path], object] | None] = lambda: None
        """Returns a function that saves the design's trained weights, None if it has none; a window sets its own."""
        self.came_with: Callable[[], Brought] = self._came_with
        """Returns what a design that was opened brings with it; a window, which opens data, sets its own."""
        self._selected = ""
        self._run: RunFacts | None = None
        self.document = self.edited.document
        self._shown = self.document.design
        self._shown_data = self.edited.data
        """The design that was shown last, and its data."""
        self.undo_stack = self.document.undo_stack
        self.editor = DesignEditor(self.document, self)
        undo, redo = self.undo_stack.createUndoAction(self, "Undo"), self.undo_stack.createRedoAction(self, "Redo")
        self.message = InlineMessage()
        self.header = Header(presets(), undo, redo)
        self.layers = LayerList()
        self.totals = TotalsBar()
        self.side_views = SideViews(views, self._look, self)
        self.picking = LayerPicking(self.layers, self.editor, self)
        self.files = files or DesignFiles(self.document, self, settings, self._say)
        self.totals_model = TotalsModel(self.totals, self.document, self)
        self._lay_out()
        self._connect()
        self._add_actions(undo, redo)
        self._refresh(self.document.design)
        self._select(0)

    @property
    def inspector(self) -> LayerInspector:
        """The view of the selected layer."""
        return self.side_views.of(LayerInspector)

    @property
    def hyper(self) -> HyperPanel:
        """The view of the hyperparameters."""
        return self.side_views.of(HyperPanel)

    @property
    def data_box(self) -> DataBox:
        """The view of the data."""
        return self.side_views.of(DataBox)

    @property
    def augmentation(self) -> AugmentationBox:
        """The view of the augmentation."""
        return self.side_views.of(AugmentationBox)

    # --- for the window ----------------------------------------------------------------------------------------

    def design(self) -> Design:
        """The current design."""
        return self.document.design

    def set_design(self, design: Design) -> None:
        """Start with another design and an empty undo history."""
        self.document.reset(design)
        self._select(0)

    def is_valid(self) -> bool:
        """Whether the design can be trained, on the open data if there is any."""
        return self.edited.is_trainable

    def set_live(self, live: bool) -> None:
        """Follow every edit (True), or none while the page is hidden; a live page first catches up."""
        if live == self._live:
            return
        self._live = live
        if not live:
            self.document.changed.disconnect(self._design_changed)
            self.document.originChanged.disconnect(self._origin_changed)
            self.edited.dataChanged.disconnect(self._data_changed)
            self.totals_model.set_training(True)  # nothing is measured for a hidden page
            self.side_views.finish()
            return
        self.document.changed.connect(self._design_changed)
        self.document.originChanged.connect(self._origin_changed)
        self.edited.dataChanged.connect(self._data_changed)
        data, shown = self.edited.data, self._shown_data
        if self.document.design is not self._shown or not (data is shown or (data and data.equals(shown))):
            self._design_changed(self.document.design, self._shown)
        else:
            self._origin_changed()

    def set_run(self, facts: RunFacts | None, timed: TimedEpoch | None) -> None:
        """Set the facts of a run that has trained, and the duration of its last whole epoch."""
        if facts != self._run:
            self.side_views.finish()  # they say what a run has taken over, so they see every one of its states
            self._run = facts
            self.side_views.show_look()
        self.totals_model.set_run(facts, timed)

    def set_training(self, training: bool) -> None:
        """Set whether a training is running; nothing is measured during one."""
        self.totals_model.set_training(training)

    def confirm_discard(self) -> bool:
        """Ask what to do with unsaved changes, if there are any; False means that the user wants to stay."""
        return self.files.confirm_discard()

    def close_down(self) -> None:
        """Stop the background work."""
        self.totals_model.close()

    # --- assembly ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setContentsMargins(16, 12, 12, 12)
        middle.setSpacing(6)
        middle.addWidget(self.header)
        self.columns = ColumnHeader()
        self.layers.insetChanged.connect(self.columns.set_inset)
        middle.addWidget(self.columns)
        middle.addWidget(self.layers, 1)
        middle.addWidget(self.layers.palette_bar)
        middle.addWidget(self.totals)
        settings = stacked(self.side_views.at(Place.SETTINGS), spacing=16, margins=(16, 14, 14, 16))
        self.settings_scroll = scrolled(settings)
        self.side = SidePanel(scrolled(stacked(self.side_views.at(Place.LAYER), spacing=12)), self.settings_scroll)
        row = PageRow(self, self.side)
        row.addLayout(middle, 1)
        row.addWidget(self.side)
        MessageOverlay(self.message, self.layers, self)

    def minimumSizeHint(self) -> QSize:
        return QSize(SMALLEST, 480)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.window().focusWidget() is None:
            self.layers.focus_card(max(self._number(), 0))

    def _connect(self) -> None:
        document, editor, layers = self.document, self.editor, self.layers
        document.changed.connect(self._design_changed)
        self.edited.dataChanged.connect(self._data_changed)
        document.originChanged.connect(self._origin_changed)
        document.replaced.connect(self._replaced)
        self.undo_stack.indexChanged.connect(self._index_changed)
        editor.refused.connect(self._refused)
        editor.layerTouched.connect(self._layer_touched)
        self.header.renamed.connect(editor.set_name)
        self.header.aboutEdited.connect(editor.set_about)
        self.header.presetPicked.connect(editor.open_preset)
        self.header.codeAsked.connect(self.show_code)
        layers.layerChosen.connect(self._select)
        layers.fieldEdited.connect(editor.set_layer_field)
        layers.inputEdited.connect(editor.set_input)
        layers.renamed.connect(editor.rename_layer)
        layers.repairPicked.connect(editor.repair)
        layers.moved.connect(editor.move_layer)
        layers.removeAsked.connect(editor.remove_layer)
        layers.duplicateAsked.connect(editor.duplicate_layer)
        layers.insertAsked.connect(self._select)
        layers.insertAsked.connect(self.picking.open_below)
        layers.inputsAsked.connect(self.picking.open_inputs)
        layers.menuAsked.connect(self.picking.open_menu)
        layers.paletteAsked.connect(self.picking.open_for_end)
        layers.layerPicked.connect(editor.add_layer)
        layers.presetsAsked.connect(self.header.open_presets)
        self.hyper.kindChosen.connect(editor.choose_kind)
        self.hyper.diceThrown.connect(editor.throw_dice)
        self.data_box.openDataRequested.connect(self.openDataRequested)
        self.data_box.dataDropped.connect(self.dataDropped)
        self.data_box.fitAsked.connect(self._fit_data)
        self.totals.faultAsked.connect(self.show_fault)
        layers.gestureEnded.connect(document.end_gesture)
        for view in self.side_views.all.values():
            view.edited.connect(editor.set_at)
            view.gestureEnded.connect(document.end_gesture)

    def _add_actions(self, undo: QAction, redo: QAction) -> None:
        undo.setShortcuts(QKeySequence.keyBindings(QKeySequence.StandardKey.Undo) or [QKeySequence("Ctrl+Z")])
        again = QKeySequence.keyBindings(QKeySequence.StandardKey.Redo) or [QKeySequence("Ctrl+Shift+Z")]
        redo.setShortcuts([*again, *(keys for keys in [QKeySequence("Ctrl+Y")] if keys not in again)])
        undo.setWhatsThis("Undo the last change of the design")
        redo.setWhatsThis("Redo the change")
        undo.setProperty("whyNot", "there is no change of the design to undo")
        redo.setProperty("whyNot", "there is no change of the design that was undone")
        palette = QAction("Add a layer…", self)
        palette.setShortcut(QKeySequence("Ctrl+L"))
        palette.triggered.connect(self.picking.open_after_selected)
        for action in (undo, redo, palette):
            # While the page is visible, they work anywhere in the window, including the top bar.
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self.addAction(action)

    # --- showing -----------------------------------------------------------------------------------------------

    @Slot(object, object)
    def _design_changed(self, design: Design, before: Design) -> None:
        self._shown = design
        names, old = [one.name for one in design.layers], [one.name for one in before.layers]
        if self._selected in old and self._selected not in names and names:
            # The layer is gone after undo or in another design: select the one in its place.
            self._selected = names[min(old.index(self._selected), len(names) - 1)]
        fresh = [name for name in names if name not in old]
        if len(fresh) == 1 and len(names) > len(old):
            self._selected = fresh[0]
        self._refresh(design)

    @Slot()
    def _data_changed(self) -> None:
        self._refresh(self.document.design)

    @Slot()
    def _origin_changed(self) -> None:
        self.header.show_design(self.document.design, self.files.mark())

    @Slot(object)
    def _replaced(self, before: Design | None) -> None:
        """Say what another design brought with it, and offer to bring back the previous one with its changes."""
        came = self.came_with()
        sentences = [came.sentence]
        if before is not None:
            sentences.append(f"The changes to {before.name or 'the untitled design'} were in no file.")
        self.message.say(" ".join(sentences), "info", {came.undo: self._undo_replacing})

    def _came_with(self) -> Brought:
        data = self.edited.data
        return brought(self.document.design.name, data="" if data is None else data.name, fault=self.edited.fault)

    @Slot()
    def _undo_replacing(self) -> None:
        self.undo_stack.undo()

    @Slot(int)
    def _index_changed(self, _: int) -> None:
        """Withdraw the offer to undo, because that edit is no longer the last one."""
        if self.message.kind == "info":
            self.message.say("")

    def _refresh(self, design: Design) -> None:
        costs, self._shown_data = self.document.costs, self.edited.data
        self.layers.show_design(design, costs, repairs(design, costs))
        if self._selected and all(layer.name != self._selected for layer in design.layers):
            self._selected = ""
        self.layers.select(self._number())
        self.header.show_design(design, self.files.mark())
        self.columns.set_batch(costs.batch)
        self.side_views.show_look()
        self.totals_model.show_design(self.edited.data)
        self._emit_status()

    def _look(self) -> BuildLook:
        document = self.document
        return BuildLook(document.design, document.costs, self._number(), self.edited.data, self._run)

    def _number(self) -> int:
        """Number of the selected layer; -1 is the input."""
        names = [layer.name for layer in self.document.design.layers]
        return names.index(self._selected) if self._selected in names else -1

    @Slot(int)
    def _select(self, number: int) -> None:
        layers = self.document.design.layers
        self._selected = layers[number].name if 0 <= number < len(layers) else ""
        self.layers.select(self._number())
        self.side_views.show_look()
        self._emit_status()

    def _emit_status(self) -> None:
        self.statusChanged.emit(part_words(self.document.design, self._number()))

    @Slot()
    def show_fault(self) -> None:
        """Go to the layer at fault."""
        fault = self.document.costs.fault
        if fault is not None:
            self.layers.focus_card(fault)

    @Slot(str)
    def _refused(self, sentence: str) -> None:
        self.message.say(sentence)

    @Slot(int, str)
    def _layer_touched(self, number: int, how: str) -> None:
        """Select the layer that was edited, and give it the focus if the focus was in the list."""
        self._select(number)
        if how == "add":
            self.layers.focus_card(number, fields=True)
        elif how == "move":
            self.layers.bring_in(number)
        elif how != "open" and self.layers.isAncestorOf(QApplication.focusWidget() or self):
            self.layers.focus_card(number)

    @Slot()
    def _fit_data(self) -> None:
        if self.edited.data is not None:
            self.editor.edit(self.edited.data.fitted(self.document.design), "take the data's images")

    # --- code ---------------------------------------------------------------------------------------------------

    @Slot()
    def show_code(self) -> None:
        """Open the design as source code."""
        from convviz.gui.workspaces.builder.files.code_dialog import CodeDialog

        folder = self.files.recent.folder()
        CodeDialog(self.document.design, folder, self, save_weights=self.weights_saver()).open()

    def _say(self, sentence: str, kind: str = "error") -> None:
        self.message.say(sentence, kind)

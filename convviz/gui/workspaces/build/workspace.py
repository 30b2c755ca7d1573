"""The Build workspace: puts the parts side by side, and turns what the user wants into edits of one design."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QSettings, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QMenu, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.core.layers import Layer
from convviz.gui.theme import Theme, current_theme
from convviz.gui.widgets.inline_message import InlineMessage
from convviz.gui.workspaces.build.columns import ColumnHeader
from convviz.gui.workspaces.build.data import DataFacts
from convviz.gui.workspaces.build.data_box import DataBox
from convviz.gui.workspaces.build.document import DesignDocument
from convviz.gui.workspaces.build.editor import DesignEditor
from convviz.gui.workspaces.build.files import DesignFiles
from convviz.gui.workspaces.build.header import Header
from convviz.gui.workspaces.build.hyper_panel import HyperPanel
from convviz.gui.workspaces.build.layer_list import LayerList
from convviz.gui.workspaces.build.measuring import Measurer
from convviz.gui.workspaces.build.pick_list import PickList
from convviz.gui.workspaces.build.playground import Playground
from convviz.gui.workspaces.build.side_panel import SidePanel, scrolled
from convviz.gui.workspaces.build.totals import show_run, show_totals
from convviz.gui.workspaces.build.totals_bar import TotalsBar
from convviz.present.edits import layer_kinds, live_only
from convviz.present.field_words import title_of
from convviz.present.repairs import repairs
from convviz.present.run_facts import RunFacts, TimedEpoch, same_work
from convviz.storage.presets import preset, presets
from convviz.training.measure import Measured

NARROW = 1240
"""Below this width the selected layer and the settings share one place."""
SMALLEST = 840
MOST_BYTES, MOST_WORK = 500_000_000, 60_000_000_000
"""Bytes, and multiply-adds of a step, beyond which a design is not tried out unasked."""


class BuildWorkspace(QWidget):
    """What network, on what data, with what settings?

    Parameters
    ----------
    theme : Theme, optional
        Of the application.
    settings : QSettings, optional
        Where the recent files are kept.

    Attributes
    ----------
    undo_stack : QUndoStack
        Everything that was done to the design.
    document : DesignDocument
    files : DesignFiles
        Open, save, recent, copy and paste; ``files.actions`` are for the window's menu.
    designChanged : Signal(object, bool)
        The design in force, and whether it can be trained (on the data, where that is known).
    liveChanged : Signal(object)
        The design in force, where only settings changed that apply while training runs.
    openDataRequested : Signal()
    dataDropped : Signal(str)
        A file or folder to be opened as the data set.
    statusChanged : Signal(str)
        What the window's status line says.
    originChanged : Signal()
        The file, or whether there are unsaved changes, is another: see ``files.title``.
    """

    designChanged = Signal(object, bool)
    liveChanged = Signal(object)
    openDataRequested = Signal()
    dataDropped = Signal(str)
    statusChanged = Signal(str)
    originChanged = Signal()

    def __init__(
        self, theme: Theme | None = None, parent: QWidget | None = None, *, settings: QSettings | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme or current_theme()
        self._data: DataFacts | None = None
        self._selected = ""
        self._measured: tuple[Design, Measured | None] | None = None
        self._run: RunFacts | None = None
        self._timed: TimedEpoch | None = None
        self.document = DesignDocument(preset("course-7x7"), self)
        self.undo_stack = self.document.undo_stack
        self.editor = DesignEditor(self.document, self)
        undo, redo = self.undo_stack.createUndoAction(self, "Undo"), self.undo_stack.createRedoAction(self, "Redo")
        self.message = InlineMessage()
        self.header = Header(presets(), undo, redo)
        self.layers = LayerList()
        self.totals = TotalsBar()
        self.playground = Playground()
        self.hyper = HyperPanel()
        self.data_box = DataBox()
        kinds = [(title_of(kind), kind.summary, kind) for kind in layer_kinds()]
        self.palette_list = PickList(kinds, "layer", self)
        self.files = DesignFiles(self.document, self, settings, self._say)
        self.measurer = Measurer(self)
        self._insert_at: int | None = None
        self._lay_out()
        self._connect()
        self._add_actions(undo, redo)
        self._refresh(self.document.design)
        self._select(0)

    # --- for the window ----------------------------------------------------------------------------------------

    def design(self) -> Design:
        """The design in force."""
        return self.document.design

    def set_design(self, design: Design, path: Path | None = None) -> None:
        """Start with another design and nothing to undo."""
        self.document.reset(design, path)
        self._select(0)

    def set_data(
        self,
        name: str,
        n_train: int,
        n_test: int,
        image_shape: tuple[int, int, int],
        classes: int,
        sample: npt.NDArray[np.float32] | None = None,
    ) -> None:
        """Tell which data set is open.

        Parameters
        ----------
        name : str
        n_train, n_test : int
        image_shape : (int, int, int)
            Channels, height, width.
        classes : int
        sample : ndarray, ``(C, H, W)`` or ``(H, W)``, optional
            One image, 0 … 1.
        """
        image = None if sample is None else np.asarray(sample, dtype=np.float32).reshape(image_shape)
        self._data = DataFacts(name, n_train, n_test, image_shape, classes, image)
        self._refresh(self.document.design)
        self.designChanged.emit(self.document.design, self.is_valid())

    def is_valid(self) -> bool:
        """Whether the design can be trained, on the data where that is known."""
        fits = self._data is None or self._data.trouble(self.document.design) is None
        return self.document.costs.valid and fits

    def set_run(self, facts: RunFacts | None, timed: TimedEpoch | None) -> None:
        """Tell how a run goes that has trained something, and how long its last whole epoch took."""
        if (facts, timed) != (self._run, self._timed):
            self._run, self._timed = facts, timed
            self._show_run()
            self._show_totals()

    def set_training(self, training: bool) -> None:
        """A training has begun or ended: nothing is measured meanwhile."""
        self.measurer.set_paused(training)
        self._show_totals()

    def confirm_discard(self) -> bool:
        """Ask what to do with unsaved changes, if there are any; False means: stay here."""
        return self.files.confirm_discard()

    def close_down(self) -> None:
        """Stop what runs in the background."""
        self.measurer.close()

    # --- assembly ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setContentsMargins(16, 12, 12, 12)
        middle.setSpacing(6)
        middle.addWidget(self.header)
        middle.addWidget(self.message)
        self._columns = ColumnHeader()
        self.layers.insetChanged.connect(self._columns.set_inset)
        middle.addWidget(self._columns)
        middle.addWidget(self.layers, 1)
        middle.addWidget(self.layers.palette_bar)
        middle.addWidget(self.totals)
        settings = QWidget()
        column = QVBoxLayout(settings)
        column.setContentsMargins(16, 14, 14, 16)
        column.setSpacing(6)
        column.addWidget(self.hyper)
        column.addSpacing(10)
        column.addWidget(self.data_box)
        column.addStretch(1)
        self._scroll = scrolled(settings)
        self.side = SidePanel(scrolled(self.playground), self._scroll)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(middle, 1)
        row.addWidget(self.side)
        # The wide arrangement must not keep a window from being made narrow.
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def minimumSizeHint(self) -> QSize:
        return QSize(SMALLEST, 480)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.side.set_narrow(self.width() < NARROW)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.window().focusWidget() is None:
            self.layers.focus_card(max(self._number(), 0))

    def _connect(self) -> None:
        document, editor, layers = self.document, self.editor, self.layers
        document.changed.connect(self._design_changed)
        document.originChanged.connect(self._origin_changed)
        document.changesReplaced.connect(self._changes_replaced)
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
        layers.insertAsked.connect(self._insert_asked)
        layers.menuAsked.connect(self._layer_menu)
        layers.layerPicked.connect(editor.add_layer)
        layers.paletteAsked.connect(self._palette_asked)
        layers.presetsAsked.connect(self.header.open_presets)
        self.palette_list.picked.connect(self._palette_picked)
        self.playground.edited.connect(editor.set_layer_field)
        self.hyper.edited.connect(editor.set_setting)
        self.hyper.kindChosen.connect(editor.choose_kind)
        self.hyper.diceThrown.connect(editor.throw_dice)
        self.data_box.edited.connect(editor.set_setting)
        self.data_box.openDataRequested.connect(self.openDataRequested)
        self.data_box.dataDropped.connect(self.dataDropped)
        self.data_box.fitAsked.connect(self._fit_data)
        self.totals.faultAsked.connect(self.show_fault)
        self.measurer.measured.connect(self._measured_design)
        for part in (layers, self.playground, self.hyper, self.data_box):
            part.gestureEnded.connect(document.end_gesture)

    def _add_actions(self, undo: QAction, redo: QAction) -> None:
        undo.setShortcuts(QKeySequence.keyBindings(QKeySequence.StandardKey.Undo) or [QKeySequence("Ctrl+Z")])
        again = QKeySequence.keyBindings(QKeySequence.StandardKey.Redo) or [QKeySequence("Ctrl+Shift+Z")]
        redo.setShortcuts([*again, *(keys for keys in [QKeySequence("Ctrl+Y")] if keys not in again)])
        palette = QAction("Add a layer…", self)
        palette.setShortcut(QKeySequence("Ctrl+L"))
        palette.triggered.connect(lambda: self.open_palette(self._number() + 1 if self._number() >= 0 else None))
        self.palette_action = palette
        self.files.fill_menu(self.header.files)
        for action in (undo, redo, palette, *self.files.actions.values()):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)

    # --- showing -----------------------------------------------------------------------------------------------

    @Slot(object, object)
    def _design_changed(self, design: Design, before: Design) -> None:
        names, old = [one.name for one in design.layers], [one.name for one in before.layers]
        if self._selected in old and self._selected not in names and names:
            # Undone, or another design: what stands there now is the next best thing to look at.
            self._selected = names[min(old.index(self._selected), len(names) - 1)]
        fresh = [name for name in names if name not in old]
        if len(fresh) == 1 and len(names) > len(old):
            self._selected = fresh[0]
        self._refresh(design)
        if live_only(before, design):
            self.liveChanged.emit(design)
        self.designChanged.emit(design, self.is_valid())

    @Slot()
    def _origin_changed(self) -> None:
        self.header.show_design(self.document.design, self.files.mark())
        self.originChanged.emit()

    @Slot(object)
    def _changes_replaced(self, before: Design) -> None:
        sentence = f"The changes to {before.name or 'the untitled design'} were in no file; Undo brings them back."
        self.message.say(sentence, "info", {"Undo": self._undo_replacing})

    @Slot()
    def _undo_replacing(self) -> None:
        self.undo_stack.undo()

    @Slot(int)
    def _index_changed(self, _: int) -> None:
        """What was offered to be undone no longer is the last step."""
        if self.message.kind == "info":
            self.message.say("")

    def _refresh(self, design: Design) -> None:
        costs = self.document.costs
        self.layers.show_design(design, costs, repairs(design, costs))
        if self._selected and all(layer.name != self._selected for layer in design.layers):
            self._selected = ""
        self.layers.select(self._number())
        self.header.show_design(design, self.files.mark())
        self._columns.set_batch(costs.batch)
        self.hyper.show_design(design, self._data.training if self._data else 0)
        self.data_box.show_data(design, self._data)
        self._show_playground()
        self._show_run()
        if self._measured is not None and not same_work(self._measured[0], design):
            self._measured = None
        if self._measured is None:
            work = 3 * costs.mult_adds * costs.batch
            can = costs.valid and costs.memory < MOST_BYTES and work < MOST_WORK
            self.measurer.ask(design if can else None, self._images())
        self._show_totals()
        self._tell_status()

    def _show_playground(self) -> None:
        sample = self._data.sample if self._data is not None else None
        self.playground.show_layer(self.document.design, self.document.costs, self._number(), sample)

    def _show_totals(self) -> None:
        measured = self._measured[1] if self._measured is not None else None
        waiting = self._measured is None and self.measurer.is_busy
        design = self.document.design
        show_totals(self.totals, design, self.document.costs, self._data, measured, waiting=waiting)
        if self.is_valid():
            show_run(self.totals, design, self._run, self._timed, measured=measured is not None)

    def _show_run(self) -> None:
        self.hyper.show_run(self._run, self.document.design)
        self.data_box.show_run(self._run, self.document.design)

    def _images(self) -> int | None:
        """Images of the training set, where they are known."""
        wanted = self.document.design.training.train_size
        there = self._data.training if self._data is not None else None
        known = [n for n in (wanted, there) if n is not None]
        return min(known) if known else None

    @Slot(object, object)
    def _measured_design(self, design: Design, measured: Measured | None) -> None:
        if same_work(design, self.document.design):
            self._measured = (design, measured)
            self._show_totals()

    def _number(self) -> int:
        """Number of the selected layer; -1 is the input."""
        names = [layer.name for layer in self.document.design.layers]
        return names.index(self._selected) if self._selected in names else -1

    @Slot(int)
    def _select(self, number: int) -> None:
        layers = self.document.design.layers
        self._selected = layers[number].name if 0 <= number < len(layers) else ""
        self.layers.select(self._number())
        self._show_playground()
        self._tell_status()

    def _tell_status(self) -> None:
        number = self._number()
        design = self.document.design
        if number < 0:
            image = design.input
            said = f"input · {image.channels}×{image.height}×{image.width} images, {design.classes} classes"
        else:
            layer: Any = design.layers[number]
            said = f"{layer.name} · {title_of(type(layer))} · {layer.summary}"
        self.statusChanged.emit(said)

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
        """Select the layer that an edit was about, and give it the keyboard where that had been in the list."""
        self._select(number)
        if how == "add":
            self.layers.focus_card(number, fields=True)
        elif how == "move":
            self.layers.bring_in(number)
        elif how != "open" and self.layers.isAncestorOf(QApplication.focusWidget() or self):
            self.layers.focus_card(number)

    @Slot()
    def _fit_data(self) -> None:
        if self._data is not None:
            self.editor.edit(self._data.fitted(self.document.design), "take the data's images")

    # --- palette and menus -------------------------------------------------------------------------------------

    def open_palette(self, at: int | None) -> None:
        """Open the list of all layers; what is picked goes before number ``at``, or to the end."""
        self._insert_at = at
        number = self._number()
        anchor: QWidget = self.layers.palette_bar
        if at is not None and 0 <= number < len(self.layers.cards):
            anchor = self.layers.cards[number]
        self.palette_list.open_at(anchor.mapToGlobal(QPoint(40, anchor.height() + 2)))

    @Slot()
    def _palette_asked(self) -> None:
        self.open_palette(None)

    @Slot(object)
    def _palette_picked(self, kind: type[Layer]) -> None:
        self.editor.add_layer(kind, self._insert_at)

    @Slot(int)
    def _insert_asked(self, number: int) -> None:
        self._select(number)
        self.open_palette(number + 1)

    @Slot(int, QPoint)
    def _layer_menu(self, number: int, at: QPoint) -> None:
        last = len(self.document.design.layers) - 1
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Insert a layer below…", QKeySequence("Ins"), lambda: self._insert_asked(number))
        menu.addAction("Duplicate", QKeySequence("Ctrl+D"), lambda: self.editor.duplicate_layer(number))
        menu.addAction("Rename", QKeySequence("F2"), self.layers.cards[number].name.begin)
        menu.addSeparator()
        up = menu.addAction("Move up", QKeySequence("Alt+Up"), lambda: self.editor.move_layer(number, number - 1))
        down = menu.addAction("Move down", QKeySequence("Alt+Down"), lambda: self.editor.move_layer(number, number + 1))
        up.setEnabled(number > 0)
        down.setEnabled(number < last)
        menu.addSeparator()
        menu.addAction("Remove", QKeySequence("Del"), lambda: self.editor.remove_layer(number))
        menu.popup(at)

    @Slot()
    def show_code(self) -> None:
        """Open the design as source code."""
        from convviz.gui.workspaces.build.code_dialog import CodeDialog

        CodeDialog(self.document.design, self.files.recent.folder(), self).open()

    def _say(self, sentence: str, kind: str = "error") -> None:
        self.message.say(sentence, kind)

"""The Step workspace: listing, panes, equation and inspector around one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Array, Index
from convviz.core.design import Design
from convviz.gui.theme import Theme
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.editing import Editing
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.pass_source import PassSource
from convviz.gui.workspaces.step.player import Player
from convviz.gui.workspaces.step.pointer import Pointer
from convviz.gui.workspaces.step.screen import Screen
from convviz.gui.workspaces.step.shortcuts import MOVES, TURNS, make_shortcuts, press_focused
from convviz.present.step.facts import status
from convviz.present.step.pane import Scene
from convviz.present.step.terms import Part
from convviz.training.stepping import Pass

AT_ONCE = 0.06
"""Seconds that another pass may take to get to the place of the one before without showing its beginning."""
SETTLE = 40
"""Milliseconds without a move after which the slower texts are made."""


class StepPage(QWidget):
    """A debugger for one forward, loss, backward and update pass.

    Parameters
    ----------
    theme : Theme

    Attributes
    ----------
    statusChanged : Signal(str)
        One line that names exactly what is shown.
    """

    statusChanged = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._source: PassSource | None = None
        self._stepped: PassSource | None = None
        self._debugger: Debugger | None = None
        self._screen: Screen | None = None
        self._views: Views | None = None
        self._in_front = False
        self._status = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Step")
        theme.changed.connect(self.update)

    # --- what is stepped -------------------------------------------------------------------------------------------

    def set_pass_source(
        self,
        design: Design,
        parameters: Mapping[str, Array],
        images: Array,
        labels: Array,
        title: str = "",
        epoch_step: str = "",
        step: int = 0,
        class_names: tuple[str, ...] = (),
    ) -> None:
        """Step a network over some images; with the same design the cursor stays where it is.

        Parameters
        ----------
        design : Design
        parameters : mapping of str to ndarray
            Weights, optimiser state, learning rate; copied, for training may go on.
        images : ndarray, ``(n, C, H, W)``
        labels : ndarray, ``(n,)``
        title : str
            What the images are: ``test``, ``minibatch 2,871``.
        epoch_step : str
            Where the training stands: ``epoch 3, step 2,871``.
        step : int
            Number of the pass in the run, from 0: dropout then has the masks that training has there.
        class_names : tuple of str
            What the classes are called; their numbers unless given.

        Raises
        ------
        DesignError
            The images do not fit the design.
        """
        design = design.named()
        before = self._source
        copied = {name: np.array(array) for name, array in parameters.items()}
        labels = np.asarray(labels).reshape(-1)
        made = PassSource(design, copied, images, labels, title, epoch_step, step=step, class_names=class_names)
        if before is not None:
            made = made.choosing(before.image).in_minibatch(before.minibatch)
        self._step_over(made)

    def choose_image(self, image: int) -> None:
        """Step another of the images, at the same place of the pass."""
        if self._source is None:
            return
        chosen = self._source.choosing(image)
        if self._debugger is not None and self._stepped is self._source and chosen.same_pass(self._source):
            self._source = self._stepped = chosen
            self._debugger.choose("sample", chosen.place)
            self.refresh()
        else:
            self._step_over(chosen)

    def choose_minibatch(self, whole: bool) -> None:
        """Let the pass have the whole minibatch, or the chosen image alone."""
        if self._source is not None and whole != self._source.minibatch:
            self._step_over(self._source.in_minibatch(whole))

    # --- being in front --------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Come to the front: catch up with what was set meanwhile, and go on running."""
        if self._in_front:
            return
        self._in_front = True
        if self._views is None:
            self._build()
        if self._source is not self._stepped:
            self._begin()
        else:
            self.refresh()
        self.player.resume()

    def leave(self) -> None:
        """Leave the front: from now on nothing is computed."""
        self._in_front = False
        if self._views is not None:
            self.player.pause()
            self._settling.stop()
            self.pointer.stop()

    # --- what is shown ---------------------------------------------------------------------------------------------

    @property
    def debugger(self) -> Debugger | None:
        """The pass and the cursor over it, once there is one and the workspace has been in front."""
        return self._debugger

    @property
    def run(self) -> Pass | None:
        """The pass."""
        return None if self._debugger is None else self._debugger.run

    @property
    def scene(self) -> Scene | None:
        """The panes shown."""
        return None if self._screen is None else self._screen.scene

    @property
    def status(self) -> str:
        """What :attr:`statusChanged` said last."""
        return self._status

    @property
    def is_built(self) -> bool:
        """Whether the widgets have been made: not before they are seen."""
        return self._views is not None

    @property
    def views(self) -> Views:
        """The widgets; made when they are first asked for."""
        if self._views is None:
            self._build()
        assert self._views is not None
        return self._views

    def is_idle(self) -> bool:
        """Whether nothing is being computed, typeset or played."""
        if self._views is None:
            return True
        settled = not self._settling.isActive() and not self._views.formula.is_pending()
        return settled and not self.player.busy

    def refresh(self) -> None:
        """Show the place and its numbers anew."""
        if not self._in_front or self._screen is None or self._debugger is None or self._source is None:
            return
        sample = self._debugger.selection.sample
        if self._source.minibatch and sample != self._source.place:
            first = self._source.image - self._source.place
            self._source = self._stepped = self._source.choosing(first + sample)
        self._screen.show(self._source)
        self._show_status()

    # --- moving ----------------------------------------------------------------------------------------------------

    def command(self, word: str) -> None:
        """Obey ``start``, ``back``, ``back_over``, ``into``, ``over``, ``out``, ``end`` or ``play``."""
        if self._debugger is None or self._views is None:
            return
        if word == "play":
            self.player.toggle()
        elif word == "end":
            self.step_to(self._debugger.run.last)
        else:
            self.player.stop()
            self._debugger.move(word)
            self._moved()

    def step_to(self, step: int) -> None:
        """Run to a step and show it; the window stays responsive meanwhile."""
        if self._views is not None:
            self.player.run_to(step)

    def scrub(self, done: int) -> None:
        """Let so many micro-steps of the map, row or image be done that is shown."""
        if self._debugger is not None:
            self.player.stop_playing()
            self._debugger.scrub(done)
            self._moved()

    def pick_cell(self, name: str, index: Index) -> None:
        """Pin a cell, going to the step that made it if the step at hand doesn't show it."""
        if self._debugger is not None:
            self.player.stop_playing()
            self._debugger.select(name, tuple(index))
            self.views.inspector.set_result("")
            self.refresh()

    def return_from_jump(self) -> None:
        """Go back to where the last jump to a cell began."""
        if self._debugger is not None:
            self._debugger.back_from_jump()
            self._moved()

    def jump_again(self) -> None:
        """Go where the jump led to that was taken back last."""
        if self._debugger is not None:
            self._debugger.jump_again()
            self._moved()

    def up(self) -> None:
        """One level up: fold the equation, unpin the cell, leave the micro-steps."""
        debugger = self._debugger
        if debugger is None or self.views.equation.fold():
            return
        if debugger.pinned is not None:
            debugger.unpin()
            self.refresh()
        elif debugger.progress.inside:
            self.command("out")

    def turn(self, axis: str, by: int) -> None:
        """Choose the filter (or another axis) so many after this one."""
        spin = self.views.chooser.spins[axis]
        if spin.isEnabled():
            spin.setValue(spin.value() + by)

    def press_or_play(self) -> None:
        """What Space does: press the button that has the focus, or play and hold."""
        if not press_focused():
            self.command("play")

    # --- Qt --------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(1280, 800)

    def minimumSizeHint(self) -> QSize:
        return QSize(760, 480)

    def showEvent(self, event: QShowEvent) -> None:
        self.enter()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.leave()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._views is not None:
            self._views.fit(self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("background"))

    # --- how -------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        views = self._views = Views(self, self._theme)
        self.player = Player(self)
        self.editing = Editing(self, views)
        self.pointer = Pointer(self, views, self.player)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE)
        self._settling.timeout.connect(self._settle)
        views.listing.stepPicked.connect(self.step_to)
        views.transport.asked.connect(self.command)
        views.transport.scrubbed.connect(self.scrub)
        views.transport.paceChanged.connect(self.player.set_pace)
        views.panes.cellPicked.connect(self.pick_cell)
        views.equation.partPicked.connect(self._part_picked)
        views.chooser.picked.connect(self._chosen)
        views.chooser.batchPicked.connect(self.choose_minibatch)
        views.scale.chosen.connect(self.refresh)
        views.origins.originPicked.connect(self.pick_cell)
        views.way_back.clicked.connect(self.return_from_jump)
        self.pointer.moved.connect(self._show_status)
        self.player.moved.connect(self._moved)
        self.player.changed.connect(views.transport.set_playing)
        self.player.set_pace(views.transport.pace.value())
        self.editing.begun.connect(self.player.stop_playing)
        self.editing.made.connect(self.refresh)
        make_shortcuts(self, self._keys())
        views.fit(self.width())

    def _keys(self) -> dict[str, Callable[[], None]]:
        """What every key does."""
        editing, scale = self.editing, self.views.scale
        keys: dict[str, Callable[[], None]] = {key: partial(self.command, word) for key, word in MOVES.items()}
        keys |= {"Space": self.press_or_play, "Escape": self.up}
        keys |= {"Alt+Left": self.return_from_jump, "Alt+Right": self.jump_again}
        keys |= {"N": editing.check_gradient, "E": editing.edit, "F2": editing.edit}
        keys |= {"Ctrl+Z": editing.undo, "Ctrl+Shift+Z": editing.redo, "Ctrl+Y": editing.redo}
        keys |= {"S": scale.next_scope, "Shift+S": scale.toggle_lock}
        return keys | {key: partial(self.turn, axis, by) for key, (axis, by) in TURNS.items()}

    def _step_over(self, source: PassSource) -> None:
        """Step another pass: at once where one is in front, else when one comes there."""
        self._source = source
        if self._in_front:
            self._begin()

    def _begin(self) -> None:
        """Start a pass of the source; with the same design at the step and in the selection of the one before."""
        source, before = self._source, self._debugger
        if source is None:
            return
        run = source.make()
        keep_place = before is not None and self._stepped is not None and self._stepped.design == source.design
        self._stepped = source
        self.views.editor.close_quietly()
        debugger = self._debugger = Debugger(run)
        self._screen = Screen(self.views, debugger)
        self.editing.set_screen(self._screen)
        self.pointer.set_screen(self._screen)
        self.player.set_debugger(debugger)
        if before is not None and keep_place:
            debugger.continue_from(before, source.place)
            step = min(before.place.step, run.last)
            # A pass that is quickly there is shown there at once, without a glimpse of its beginning.
            if before.progress.done and run.advance(step, AT_ONCE):
                debugger.to(step)
            elif before.progress.done:
                self.step_to(step)
        else:
            debugger.in_sample(source.place)
        self._moved()

    def _moved(self) -> None:
        self.views.editor.close_quietly()
        self.views.inspector.set_result("")
        self.refresh()

    def _show_status(self) -> None:
        if self._debugger is None or self._source is None:
            return
        cell, scale = self._debugger.cell(), self.views.scale.scales.words
        text = status(cell.name, cell.index, self._source.words(), self._source.where, scale)
        if text != self._status:
            self._status = text
            self.statusChanged.emit(text)
        self._settling.start()

    def _settle(self) -> None:
        if self._screen is not None:
            self._screen.settle()

    def _part_picked(self, part: Part) -> None:
        self.pick_cell(part.name, part.index)

    def _chosen(self, axis: str, value: int) -> None:
        if self._debugger is None:
            return
        self.player.stop_playing()
        if axis == "sample":
            self.choose_image(value)
        else:
            self._debugger.choose(axis, value)
            self.refresh()

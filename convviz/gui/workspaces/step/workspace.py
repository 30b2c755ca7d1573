"""The Step workspace: listing, panes, equation and inspector around one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from convviz.core.arrays import Array, Index
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.gui.theme import Theme
from convviz.gui.workspaces.step.display import Display
from convviz.gui.workspaces.step.looking import Looking, Subject
from convviz.gui.workspaces.step.parts import Parts
from convviz.gui.workspaces.step.pass_source import PassSource
from convviz.gui.workspaces.step.player import Player
from convviz.present.step.facts import status
from convviz.present.step.listing import hint, label, listing
from convviz.present.step.pane import Scene
from convviz.present.step.provenance import source_of
from convviz.present.step.terms import Part
from convviz.present.step.verdict import verdict
from convviz.training.nudge import nudge
from convviz.training.stepping import Pass, stretch_of

SLICE = 0.012
"""Seconds of computing between two looks at the event queue."""
SETTLE = 40
"""Milliseconds without a move after which the slower texts are made."""


class StepWorkspace(QWidget):
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
        self._display: Display | None = None
        self._parts: Parts | None = None
        self._target: int | None = None
        self._status = ""
        self._trail: list[tuple[int, Subject]] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
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

        Raises
        ------
        DesignError
            The images do not fit the design.
        """
        design = design.named()
        before = self._source
        copied = {name: np.array(array) for name, array in parameters.items()}
        labels = np.asarray(labels).reshape(-1)
        made = PassSource(design, copied, images, labels, title, epoch_step)
        if before is not None:
            made = made.choosing(before.image).in_minibatch(before.minibatch)
        self._begin(made, keep_place=before is not None and before.design == design)

    def choose_image(self, image: int) -> None:
        """Step another of the images, at the same place of the pass."""
        if self._source is None:
            return
        chosen = self._source.choosing(image)
        if chosen.same_pass(self._source) and self._display is not None:
            self._source = chosen
            self._display.looking.choose("sample", chosen.place)
            self._show()
        else:
            self._begin(chosen, keep_place=True)

    def choose_minibatch(self, whole: bool) -> None:
        """Let the pass have the whole minibatch, or the chosen image alone."""
        if self._source is not None and whole != self._source.minibatch:
            self._begin(self._source.in_minibatch(whole), keep_place=True)

    @property
    def run(self) -> Pass | None:
        """The pass, once there is one and the workspace has been shown."""
        return None if self._display is None else self._display.run

    @property
    def scene(self) -> Scene | None:
        """The panes shown."""
        return None if self._display is None else self._display.scene

    @property
    def looking(self) -> Looking | None:
        """What is looked at."""
        return None if self._display is None else self._display.looking

    @property
    def status(self) -> str:
        """What :attr:`statusChanged` said last."""
        return self._status

    @property
    def parts(self) -> Parts:
        """The widgets; made when they are first asked for."""
        if self._parts is None:
            self._build()
        assert self._parts is not None
        return self._parts

    def is_idle(self) -> bool:
        """Whether nothing is being computed, typeset or played."""
        if self._parts is None:
            return True
        busy = self._target is not None or self.player.playing or self._settling.isActive()
        return not (busy or self._parts.inspector.formula.is_pending())

    # --- moving ----------------------------------------------------------------------------------------------------

    def command(self, word: str) -> None:
        """Obey ``start``, ``back``, ``back_over``, ``into``, ``over``, ``out``, ``end`` or ``play``."""
        run = self.run
        if run is None:
            return
        if word == "play":
            self.player.toggle()
            return
        self.player.stop()
        self._target = None
        if word == "end":
            self.step_to(run.last)
            return
        moves = {"start": run.restart, "back": run.back, "back_over": run.back_over}
        moves |= {"into": self._into, "over": run.over, "out": run.out}
        moves[word]()
        self._moved()

    def step_to(self, step: int) -> None:
        """Run to a step without standing still, and show it."""
        run = self.run
        if run is None:
            return
        self.player.stop()
        if run.ran > step:
            self._target = None
            run.go_to(step)
            self._moved()
        else:
            self._target = step
            self._running.start()

    def pick_cell(self, name: str, index: Index) -> None:
        """Pin a cell, going to the step that made it if the step at hand doesn't show it."""
        run, display = self.run, self._display
        if run is None or display is None:
            return
        if display.scene is None or name not in display.scene.arrays:
            maker, readers = run.maker(name), run.program.consumers(name)
            self._trail.append((run.cursor.step, display.looking.subject()))
            run.go_to(maker.index if maker is not None else readers[0].index if readers else run.cursor.step)
        display.looking.hovered = None
        display.looking.pick(name, tuple(index))
        self._show()

    def return_from_jump(self) -> None:
        """Go back to where the last jump to a cell began."""
        display = self._display
        if self._trail and display is not None:
            step, subject = self._trail.pop()
            display.run.go_to(step)
            display.looking.pick(subject.name, subject.index)
            self._show()

    def up(self) -> None:
        """One level up: fold the equation, unpin the cell, leave the micro-steps."""
        display = self._display
        if display is None or self.parts.equation.fold():
            return
        if display.looking.pinned is not None:
            display.looking.pinned = display.looking.hovered = None
            self._show()
        elif display.run.cursor.inside:
            self.command("out")

    # --- changing --------------------------------------------------------------------------------------------------

    def edit(self) -> None:
        """Ask for another number for the cell in question, or for the pixel or weight that it is a copy of."""
        display = self._display
        if display is None:
            return
        self.player.stop()
        subject = display.looking.subject()
        found = source_of(display.run, subject.name, subject.index)
        if found is None:
            cell = label(subject.name, subject.index)
            self._say(f"{cell} is computed: change a pixel, a weight or a bias instead.", False)
            return
        at = display.anchor(subject)
        button = self.parts.inspector.edit
        at = button.mapToGlobal(button.rect().topLeft()) if at is None else at
        self.parts.editor.open_at(self.mapFromGlobal(at), *found, display.run.value(*found))

    def change(self, name: str, index: Index, value: float) -> None:
        """Put a number into a cell of a given array and show what it changes."""
        if self.run is None:
            return
        try:
            self.run.edit(name, index, value)
        except ConvvizError as error:
            self._say(f"{error}", False)
            return
        self._say("")
        self._show()
        self.setFocus()

    def undo(self) -> None:
        """Take the last change back."""
        if self.run is not None and self.run.undo() is not None:
            self._show()

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self.run is not None and self.run.redo() is not None:
            self._show()

    def check_gradient(self) -> None:
        """Nudge the number in question by ±ε and compare the slope with the gradient."""
        display = self._display
        if display is None:
            return
        self.player.stop()
        subject = display.looking.subject()
        source = source_of(display.run, subject.name, subject.index)
        name, index = source if source is not None else (subject.name, subject.index)
        try:
            found = nudge(display.run, name, index)
        except ConvvizError as error:
            self._say(f"{error}", False)
            return
        self._say(verdict(name, index, found), found.agrees or found.kink)

    # --- Qt --------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(1280, 800)

    def minimumSizeHint(self) -> QSize:
        return QSize(760, 480)

    def showEvent(self, event: QShowEvent) -> None:
        _ = self.parts
        if self._source is not None and self._display is None:
            self._begin(self._source, keep_place=False)
        if self._target is not None:
            self._running.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        if self._parts is not None:
            self.player.stop()
            self._running.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._parts is not None:
            self._parts.fit(self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("background"))

    # --- how -------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        parts = self._parts = Parts(self, self._theme)
        parts.listing.stepPicked.connect(self.step_to)
        parts.undo.clicked.connect(self.undo)
        parts.redo.clicked.connect(self.redo)
        parts.transport.asked.connect(self.command)
        parts.transport.scrubbed.connect(self._scrubbed)
        parts.panes.cellHovered.connect(self._hovered)
        parts.panes.cellLeft.connect(self._left)
        parts.panes.cellPicked.connect(self._picked)
        parts.panes.cellPainted.connect(self._painted)
        parts.equation.partPicked.connect(self._part_picked)
        parts.equation.partHovered.connect(self._part_hovered)
        parts.chooser.picked.connect(self._chosen)
        parts.chooser.batchPicked.connect(self.choose_minibatch)
        parts.inspector.originPicked.connect(self.pick_cell)
        parts.inspector.nudgeAsked.connect(self.check_gradient)
        parts.inspector.editAsked.connect(self.edit)
        parts.editor.committed.connect(self.change)
        self.player = Player(self)
        self.player.ticked.connect(self._tick)
        self.player.changed.connect(parts.transport.set_playing)
        parts.transport.paceChanged.connect(self.player.set_pace)
        self.player.set_pace(parts.transport.pace.value())
        self._running = QTimer(self)
        self._running.setInterval(0)
        self._running.timeout.connect(self._run_on)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE)
        self._settling.timeout.connect(self._settle)
        self._make_shortcuts()
        parts.fit(self.width())

    def _make_shortcuts(self) -> None:
        for keys, call in (
            ("F10", lambda: self.command("over")),
            ("F11", lambda: self.command("into")),
            ("Shift+F11", lambda: self.command("out")),
            ("Shift+F10", lambda: self.command("back_over")),
            ("Backspace", lambda: self.command("back")),
            ("Ctrl+F11", lambda: self.command("back")),
            ("Ctrl+Home", lambda: self.command("start")),
            ("Ctrl+End", lambda: self.command("end")),
            ("F5", lambda: self.command("end")),
            ("Space", self._space),
            ("Escape", self.up),
            ("N", self.check_gradient),
            ("E", self.edit),
            ("F2", self.edit),
            ("Ctrl+Z", self.undo),
            ("Ctrl+Shift+Z", self.redo),
            ("Ctrl+Y", self.redo),
            ("[", lambda: self._turn("filter", -1)),
            ("]", lambda: self._turn("filter", 1)),
            ("Ctrl+Left", lambda: self._turn("sample", -1)),
            ("Ctrl+Right", lambda: self._turn("sample", 1)),
            ("Alt+Left", self.return_from_jump),
        ):
            made = QShortcut(QKeySequence(keys), self)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(call)

    def _begin(self, source: PassSource, keep_place: bool) -> None:
        """Start another pass; with ``keep_place`` at the step and in the selection of the one before."""
        self._source = source
        if self._parts is None:
            return
        before = self._display
        self.player.stop()
        self._running.stop()
        self._target = None
        self._trail.clear()
        self._parts.editor.close_quietly()
        run = source.make()
        looking = Looking(run)
        self._display = Display(self._parts, looking)
        program = run.program
        self._parts.listing.steps.set_rows(
            listing(program), lambda step: f"{hint(program, program.steps[step])}\nClick: run to here"
        )
        if keep_place and before is not None:
            looking.selection = before.looking.selection
        looking.selection = replace(looking.selection, sample=source.place)
        if keep_place and before is not None:
            step = min(before.run.cursor.step, run.last)
            if before.run.cursor.done:
                self._moved()
                self.step_to(step)
                return
        self._moved()

    def _moved(self) -> None:
        display = self._display
        if display is None:
            return
        looking = display.looking
        looking.hovered = None
        if looking.pinned is not None and looking.pinned.name != display.run.step.output:
            # The pinned cell stays the one that is followed; the new step explains its own.
            looking.look_at(looking.pinned.name, looking.pinned.index)
            looking.pinned = None
        self.parts.editor.close_quietly()
        self._say("")
        self._show()

    def _show(self) -> None:
        if self._display is not None and self._source is not None:
            self._display.show(self._source)
            if self._source.minibatch and self._display.looking.selection.sample != self._source.place:
                first = self._source.image - self._source.place
                self._source = self._source.choosing(first + self._display.looking.selection.sample)
                self._display.show(self._source)
            self._subject_shown()

    def _subject_shown(self) -> None:
        if self._display is None or self._source is None:
            return
        subject = self._display.looking.subject()
        text = status(subject.name, subject.index, self._source.words(), self._source.where)
        if text != self._status:
            self._status = text
            self.statusChanged.emit(text)
        self._settling.start()

    def _settle(self) -> None:
        if self._display is not None:
            self._display.settle()

    def _say(self, text: str, good: bool | None = None) -> None:
        self.parts.inspector.set_result(text, good)

    def _into(self) -> None:
        """Walk the map, row or image that is looked at, from its beginning."""
        display = self._display
        if display is None:
            return
        run = display.run
        if run.cursor.inside and run.cursor.done >= run.count() and run.cursor.step < run.last:
            run.over()
        if run.cursor.inside:
            run.into()
        else:
            run.into(display.stretch().start)
        display.looking.pinned = None

    def _space(self) -> None:
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton) and self.isAncestorOf(focused):
            focused.click()
        else:
            self.command("play")

    def _tick(self, at_once: int) -> None:
        run = self.run
        if run is None:
            self.player.stop()
        elif run.cursor.inside:
            stretch = stretch_of(run.program, run.step, max(0, run.cursor.done - 1))
            end = stretch.start + stretch.count
            run.scrub(min(run.cursor.done + at_once, end))
            if run.cursor.done >= end:
                self.player.stop()
            self._moved()
        elif run.cursor.step < run.last or not run.whole:
            run.over()
            self._moved()
        else:
            self.player.stop()

    def _scrubbed(self, done: int) -> None:
        if self._display is not None:
            self.player.stop()
            self._display.run.scrub(self._display.stretch().start + done)
            self._moved()

    def _run_on(self) -> None:
        run = self.run
        if run is None or self._target is None:
            self._running.stop()
        elif run.advance(self._target, SLICE):
            self._running.stop()
            step, self._target = self._target, None
            run.go_to(step)
            self._moved()

    def _hovered(self, name: str, index: Index) -> None:
        if self._display is not None and not self.player.playing:
            self._display.looking.hovered = Subject(name, tuple(index))
            self._display.show_subject()
            self._subject_shown()

    def _left(self) -> None:
        if self._display is not None and self._display.looking.hovered is not None:
            self._display.looking.hovered = None
            self._display.show_subject()
            self._subject_shown()

    def _picked(self, name: str, index: Index) -> None:
        display = self._display
        if display is None:
            return
        self.player.stop()
        if display.run.cursor.inside and name == display.run.step.output:
            display.run.scrub(display.micro_of(tuple(index)) + 1)
        display.looking.hovered = None
        display.looking.pick(name, tuple(index))
        self._say("")
        self._show()

    def _painted(self, name: str, index: Index, stroke: int, rubbing: bool) -> None:
        """Put the brush's number into a cell, or into the pixel or weight behind it."""
        run = self.run
        if run is None:
            return
        self.player.stop()
        found = source_of(run, name, index)
        if found is None:
            self._say(f"{label(name, index)} is computed: paint into the image or the weights instead.", False)
            return
        value = 0.0 if rubbing else max(run.largest(found[0]), 1e-3)
        if run.value(*found) != value:
            run.edit(*found, value, stroke)
            self._show()

    def _part_picked(self, part: Part) -> None:
        self.pick_cell(part.name, part.index)

    def _part_hovered(self, part: Part) -> None:
        if self._display is not None:
            self._display.point_out(part.name, part.index)

    def _chosen(self, axis: str, value: int) -> None:
        if self._display is None:
            return
        self.player.stop()
        if axis == "sample":
            self.choose_image(value)
        else:
            self._display.looking.choose(axis, value)
            self._show()

    def _turn(self, axis: str, by: int) -> None:
        spin = self.parts.chooser.spins[axis]
        if spin.isEnabled():
            spin.setValue(spin.value() + by)

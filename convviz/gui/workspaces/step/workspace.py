"""The Step workspace: listing, panes, equation and inspector around one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from convviz.core.arrays import Array, Index
from convviz.core.design import Design
from convviz.gui.theme import Theme
from convviz.gui.workspaces.step.editing import Editing
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.looking import Looking, Subject
from convviz.gui.workspaces.step.mover import Mover
from convviz.gui.workspaces.step.pass_source import PassSource
from convviz.gui.workspaces.step.screen import Screen
from convviz.gui.workspaces.step.shortcuts import keys_of, make_shortcuts
from convviz.present.step.facts import status
from convviz.present.step.listing import hint, listing
from convviz.present.step.pane import Scene
from convviz.present.step.terms import Part
from convviz.training.stepping import Pass

AT_ONCE = 0.06
"""Seconds that another pass may take to get to the place of the one before without showing its beginning."""
REST = 150
"""Milliseconds that the pointer rests on a cell before panes move to what is linked with it."""
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
        self._display: Screen | None = None
        self._views: Views | None = None
        self._status = ""
        self._trail: list[tuple[int, Subject]] = []
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

        Raises
        ------
        DesignError
            The images do not fit the design.
        """
        design = design.named()
        before = self._source
        copied = {name: np.array(array) for name, array in parameters.items()}
        labels = np.asarray(labels).reshape(-1)
        made = PassSource(design, copied, images, labels, title, epoch_step, step=step)
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
        return settled and not self.mover.busy

    # --- moving ----------------------------------------------------------------------------------------------------

    def command(self, word: str) -> None:
        """Obey ``start``, ``back``, ``back_over``, ``into``, ``over``, ``out``, ``end`` or ``play``."""
        if self._views is not None:
            self.mover.command(word)

    def step_to(self, step: int) -> None:
        """Run to a step without standing still, and show it."""
        if self._views is not None:
            self.mover.step_to(step)

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
        if display is None or self.views.equation.fold():
            return
        if display.looking.pinned is not None:
            display.looking.pinned = display.looking.hovered = None
            self._show()
        elif display.run.cursor.inside:
            self.command("out")

    def turn(self, axis: str, by: int) -> None:
        """Choose the filter (or another axis) so many after this one."""
        spin = self.views.chooser.spins[axis]
        if spin.isEnabled():
            spin.setValue(spin.value() + by)

    def press_or_play(self) -> None:
        """What Space does: press the button that has the focus, or play and hold."""
        focused = QApplication.focusWidget()
        is_chosen = isinstance(focused, QAbstractButton) and focused.isCheckable() and focused.isChecked()
        if isinstance(focused, QAbstractButton) and not is_chosen:  # the tab that one came by does nothing more
            focused.click()
        else:
            self.command("play")

    # --- Qt --------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(1280, 800)

    def minimumSizeHint(self) -> QSize:
        return QSize(760, 480)

    def showEvent(self, event: QShowEvent) -> None:
        _ = self.views
        if self._source is not None and self._display is None:
            self._begin(self._source, keep_place=False)
        self.mover.resume()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        if self._views is not None:
            self.mover.pause()
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
        views.listing.stepPicked.connect(self.step_to)
        views.transport.asked.connect(self.command)
        views.panes.cellHovered.connect(self._hovered)
        views.panes.cellLeft.connect(self._left)
        views.panes.cellPicked.connect(self._picked)
        views.equation.partPicked.connect(self._part_picked)
        views.equation.partHovered.connect(self._part_hovered)
        views.chooser.picked.connect(self._chosen)
        views.chooser.batchPicked.connect(self.choose_minibatch)
        views.scale.chosen.connect(self._show)
        views.origins.originPicked.connect(self.pick_cell)
        views.way_back.clicked.connect(self.return_from_jump)
        self.mover = Mover(self)
        self.mover.moved.connect(self._moved)
        views.transport.scrubbed.connect(self.mover.scrub)
        self.player = self.mover.player
        self.player.changed.connect(views.transport.set_playing)
        views.transport.paceChanged.connect(self.player.set_pace)
        self.player.set_pace(views.transport.pace.value())
        self.changes = Editing(self, views)
        self.changes.begun.connect(self.player.stop)
        self.changes.made.connect(self._show)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE)
        self._settling.timeout.connect(self._settle)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST)
        self._resting.timeout.connect(self._rested)
        make_shortcuts(self, keys_of(self))
        views.fit(self.width())

    def _begin(self, source: PassSource, keep_place: bool) -> None:
        """Start another pass; with ``keep_place`` at the step and in the selection of the one before."""
        if self._views is None:
            self._source = source
            return
        run = source.make()
        before, self._source = self._display, source
        self._trail.clear()
        self._views.editor.close_quietly()
        looking = Looking(run)
        self._display = Screen(self._views, looking)
        self.changes.set_display(self._display)
        self.mover.set_display(self._display)
        program = run.program
        self._views.listing.steps.set_rows(
            listing(program), lambda step: f"{hint(program, program.steps[step])}\nClick: run to here"
        )
        if keep_place and before is not None:
            looking.continue_from(before.looking, source.place)
        looking.selection = replace(looking.selection, sample=source.place)
        if keep_place and before is not None:
            step = min(before.run.cursor.step, run.last)
            if before.run.cursor.done:
                # A pass that is quickly there is shown there at once, without a glimpse of its beginning.
                if run.advance(step, AT_ONCE):
                    run.go_to(step)
                else:
                    self.step_to(step)
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
        while self._trail and self._trail[-1][0] <= display.run.cursor.step:
            self._trail.pop()  # one is there again, or past it
        self.views.editor.close_quietly()
        self._say("")
        self._show()

    def _show(self) -> None:
        if self._display is not None and self._source is not None:
            self._display.show_way_back(*(self._trail[-1] if self._trail else ()))
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
        scale = self.views.scale.scales.words
        text = status(subject.name, subject.index, self._source.words(), self._source.where, scale)
        if text != self._status:
            self._status = text
            self.statusChanged.emit(text)
        self._settling.start()

    def _settle(self) -> None:
        if self._display is not None:
            self._display.settle()

    def _say(self, text: str, good: bool | None = None) -> None:
        self.views.inspector.set_result(text, good)

    def _hovered(self, name: str, index: Index) -> None:
        if self._display is not None and not self.player.playing:
            self._display.looking.hovered = Subject(name, tuple(index))
            self._display.show_subject()
            self._subject_shown()

            self._resting.start()

    def _rested(self) -> None:
        if self._display is not None:
            self._display.reveal_linked()

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

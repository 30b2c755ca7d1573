"""The Step workspace: listing, panes, equation and inspector around one pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QVBoxLayout, QWidget

from convviz.core.arrays import Array, Index
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.ops.conv import Col2Im
from convviz.gui.theme import Theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, ElidedLabel
from convviz.gui.workspaces.step.cell_editor import CellEditor
from convviz.gui.workspaces.step.chooser import Chooser
from convviz.gui.workspaces.step.equation import EquationCard
from convviz.gui.workspaces.step.inspector import Inspector
from convviz.gui.workspaces.step.listing import Listing
from convviz.gui.workspaces.step.looking import AXES, Looking, Subject
from convviz.gui.workspaces.step.marking import MOST_CHANGED, changed_cells, marks_for
from convviz.gui.workspaces.step.pane_grid import PaneGrid
from convviz.gui.workspaces.step.player import Player
from convviz.gui.workspaces.step.transport import Transport
from convviz.present.numbers import format_value
from convviz.present.step.explain import explain
from convviz.present.step.facts import facts, status
from convviz.present.step.links import light
from convviz.present.step.listing import detail, hint, label, listing
from convviz.present.step.pane import Scene
from convviz.present.step.pictures import picture_of
from convviz.present.step.provenance import provenance, source_of
from convviz.present.step.source import source_of_op
from convviz.present.step.terms import Part, expand
from convviz.present.step.wording import write
from convviz.training.make_pass import make_pass
from convviz.training.nudge import nudge
from convviz.training.stepping import Pass, stretch_of

SLICE = 0.012
"""Seconds of computing between two looks at the event queue."""
NARROW = 1260
"""Below this width there is less text beside the pictures."""


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
        self._built = False
        self._given: tuple[Design, dict[str, Array], Array, Array] | None = None
        self._title, self._where = "", ""
        self._image = 0
        self._whole_batch = False
        self._run: Pass | None = None
        self._looking: Looking | None = None
        self._scene: Scene | None = None
        self._target: int | None = None
        self._status = ""
        self._trail: list[tuple[int, Subject]] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

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
        """Step a network over some images.

        Parameters
        ----------
        design : Design
        parameters : mapping of str to ndarray
            Weights, optimiser state, learning rate: copied when a pass begins.
        images : ndarray, ``(n, C, H, W)``
        labels : ndarray, ``(n,)``
        title : str
            What the images are: ``test``, ``minibatch 2,871``.
        epoch_step : str
            Where the training stands: ``epoch 3, step 2,871``.
        """
        copied = {name: np.array(array) for name, array in parameters.items()}
        same = self._given is not None and self._given[0] == design
        self._given = design, copied, images, np.asarray(labels).reshape(-1)
        self._title, self._where = title, epoch_step
        self._image = min(self._image, len(images) - 1)
        self._whole_batch = self._whole_batch and len(images) > 1
        self._start_pass(keep_place=same)

    @property
    def run(self) -> Pass | None:
        """The pass, once there is one."""
        return self._run

    @property
    def scene(self) -> Scene | None:
        """What is shown."""
        return self._scene

    @property
    def looking(self) -> Looking | None:
        """What is looked at."""
        return self._looking

    def is_idle(self) -> bool:
        """Whether nothing is being computed, typeset or played."""
        return self._target is None and not (self._built and (self.player.playing or self._settling.isActive()))

    def step_to(self, step: int) -> None:
        """Run to a step without standing still, and show it."""
        if self._run is None:
            return
        if self._run.ran > step:
            self._run.go_to(step)
            self._after_move()
            return
        self._target = step
        self._running.start()

    def pick_cell(self, name: str, index: Index) -> None:
        """Pin a cell, going to the step that made it if the step at hand doesn't show it."""
        run, looking = self._run, self._looking
        if run is None or looking is None:
            return
        if self._scene is None or name not in self._scene.arrays:
            maker = run.maker(name)
            readers = run.program.consumers(name)
            step = maker.index if maker is not None else readers[0].index if readers else run.cursor.step
            self._trail.append((run.cursor.step, looking.subject()))
            run.go_to(step)
        looking.hovered = None
        looking.pick(name, tuple(index))
        self._refresh()

    # --- Qt --------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        self._build()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._built:
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("background"))

    def hideEvent(self, event: QEvent) -> None:
        if self._built:
            self.player.stop()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._built and watched is self.listing:
            painter = QPainter(self.listing)
            painter.fillRect(self.listing.rect(), self._theme.colour("panel"))
        return super().eventFilter(watched, event)

    # --- building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        if self._built:
            return
        self._built = True
        self.listing = Listing()
        self.listing.stepPicked.connect(self.step_to)
        self.heading = ElidedLabel(size=16, weight=self._theme.font().Weight.DemiBold)
        self.edits = Caption("")
        self.undo = Button(icon_name="undo", kind="quiet", small=True, tip="Take the last change back (Ctrl+Z)")
        self.redo = Button(icon_name="redo", kind="quiet", small=True, tip="Make the change again (Ctrl+Shift+Z)")
        self.undo.clicked.connect(self._undo)
        self.redo.clicked.connect(self._redo)
        self.transport = Transport()
        self.transport.asked.connect(self._asked)
        self.transport.scrubbed.connect(self._scrubbed)
        self.panes = PaneGrid()
        self.panes.cellHovered.connect(self._hovered)
        self.panes.cellLeft.connect(self._left)
        self.panes.cellPicked.connect(self._picked)
        self.equation = EquationCard()
        self.equation.partPicked.connect(self._part_picked)
        self.equation.partHovered.connect(self._part_hovered)
        self.equation.partLeft.connect(self._left)
        self.chooser = Chooser()
        self.chooser.picked.connect(self._chosen)
        self.chooser.batchPicked.connect(self._batch_chosen)
        self.inspector = Inspector(self.chooser)
        self.inspector.originPicked.connect(self.pick_cell)
        self.inspector.nudgeAsked.connect(self._nudge)
        self.inspector.editAsked.connect(self._edit)
        self.editor = CellEditor(self)
        self.editor.committed.connect(self._edited)
        self.player = Player(self)
        self.player.ticked.connect(self._tick)
        self.player.changed.connect(self.transport.set_playing)
        self.transport.paceChanged.connect(self.player.set_pace)
        self.player.set_pace(self.transport.pace.value())
        self._running = QTimer(self)
        self._running.setInterval(0)
        self._running.timeout.connect(self._run_on)
        # What takes long and can wait (the way back through the pass) is done when the hand rests.
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(40)
        self._settling.timeout.connect(self._settle)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.heading, 1)
        head.addWidget(self.edits)
        head.addWidget(self.undo)
        head.addWidget(self.redo)
        middle = QVBoxLayout()
        middle.setContentsMargins(16, 12, 16, 14)
        middle.setSpacing(10)
        middle.addLayout(head)
        middle.addWidget(self.transport)
        middle.addWidget(self.panes, 1)
        middle.addWidget(self.equation)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.listing)
        row.addWidget(_Line(self._theme))
        row.addLayout(middle, 1)
        row.addWidget(_Line(self._theme))
        row.addWidget(self.inspector)
        self._make_shortcuts()
        self._fit()
        self._show_pass()

    def _make_shortcuts(self) -> None:
        for keys, call in (
            ("F10", lambda: self._asked("over")),
            ("F11", lambda: self._asked("into")),
            ("Shift+F11", lambda: self._asked("out")),
            ("Shift+F10", lambda: self._asked("back_over")),
            ("Backspace", lambda: self._asked("back")),
            ("Ctrl+F11", lambda: self._asked("back")),
            ("Ctrl+Home", lambda: self._asked("start")),
            ("Ctrl+End", lambda: self._asked("end")),
            ("F5", lambda: self._asked("end")),
            ("Space", self._space),
            ("Escape", self._up),
            ("N", self._nudge),
            ("E", self._edit),
            ("F2", self._edit),
            ("Ctrl+Z", self._undo),
            ("Ctrl+Shift+Z", self._redo),
            ("Ctrl+Y", self._redo),
            ("[", lambda: self._turn("filter", -1)),
            ("]", lambda: self._turn("filter", 1)),
            ("Ctrl+Left", lambda: self._turn("sample", -1)),
            ("Ctrl+Right", lambda: self._turn("sample", 1)),
            ("Alt+Left", self._return),
        ):
            made = QShortcut(QKeySequence(keys), self)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(call)

    def _fit(self) -> None:
        narrow = self.width() < NARROW
        self.listing.setFixedWidth(212 if narrow else 264)
        self.inspector.setFixedWidth(252 if narrow else 304)
        self.transport.set_narrow(narrow)

    # --- passes ----------------------------------------------------------------------------------------------------

    def _start_pass(self, keep_place: bool) -> None:
        if self._given is None:
            return
        design, parameters, images, labels = self._given
        before = self._run.cursor.step if keep_place and self._run is not None else None
        selection = self._looking.selection if keep_place and self._looking is not None else None
        if self._built:
            self.player.stop()
            self.editor.close_quietly()
            self._running.stop()
        self._target = None
        chosen = self._chosen_images()
        self._run = make_pass(design, parameters, images[chosen], labels[chosen])
        self._looking = Looking(self._run)
        self._trail = []
        if selection is not None:
            self._looking.selection = selection
        if self._built:
            self._show_pass()
            if before:
                self.step_to(min(before, self._run.last))

    def _chosen_images(self) -> slice:
        assert self._given is not None
        if not self._whole_batch:
            return slice(self._image, self._image + 1)
        size = self._batch_size()
        first = self._image // size * size
        return slice(first, first + size)

    def _batch_size(self) -> int:
        assert self._given is not None
        design, _, images, _ = self._given
        return max(1, min(design.training.batch_size, len(images)))

    def _show_pass(self) -> None:
        run = self._run
        if run is None:
            self.setEnabled(False)
            return
        self.setEnabled(True)
        program = run.program
        self.listing.steps.set_rows(listing(program), lambda step: hint(program, program.steps[step]))
        self.inspector.set_result("")
        self._after_move()

    # --- commands --------------------------------------------------------------------------------------------------

    def _asked(self, word: str) -> None:
        run = self._run
        if run is None:
            return
        if word == "play":
            self.player.toggle()
            return
        self.player.stop()
        if word == "end":
            self.step_to(run.last)
            return
        moves = {
            "start": run.restart,
            "back": run.back,
            "back_over": run.back_over,
            "into": run.into,
            "over": run.over,
            "out": run.out,
        }
        moves[word]()
        self._after_move()

    def _space(self) -> None:
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton) and self.isAncestorOf(focused):
            focused.click()
        else:
            self._asked("play")

    def _tick(self, at_once: int) -> None:
        run = self._run
        if run is None:
            self.player.stop()
            return
        if run.cursor.inside:
            stretch = stretch_of(run.program, run.step, max(0, run.cursor.done - 1))
            end = stretch.start + stretch.count
            run.scrub(min(run.cursor.done + at_once, end))
            if run.cursor.done >= end:
                self.player.stop()
        elif run.cursor.step < run.last or not run.whole:
            run.over()
        else:
            self.player.stop()
        self._after_move()

    def _scrubbed(self, done: int) -> None:
        run = self._run
        if run is None:
            return
        stretch = self._stretch()
        run.scrub(stretch.start + done)
        self._after_move()

    def _stretch(self):
        run = self._run
        assert run is not None
        if run.cursor.inside:
            return stretch_of(run.program, run.step, max(0, run.cursor.done - 1))
        assert self._looking is not None
        number = run.step.op.micro_of(run.program.in_shapes(run.step), run.step.shape, self._looking.focus())
        return stretch_of(run.program, run.step, number)

    def _run_on(self) -> None:
        run = self._run
        if run is None or self._target is None:
            self._running.stop()
            return
        if run.advance(self._target, SLICE):
            self._running.stop()
            step, self._target = self._target, None
            run.go_to(step)
            self._after_move()

    def _up(self) -> None:
        looking, run = self._looking, self._run
        if looking is None or run is None:
            return
        if self.equation.fold():
            return
        if looking.pinned is not None:
            looking.pinned = looking.hovered = None
            self._refresh()
        elif run.cursor.inside:
            self._asked("out")

    def _return(self) -> None:
        """Go back to where the last jump began."""
        if self._trail and self._run is not None and self._looking is not None:
            step, subject = self._trail.pop()
            self._run.go_to(step)
            self._looking.pick(subject.name, subject.index)
            self._after_move()

    def _after_move(self) -> None:
        if self._looking is not None:
            self._looking.hovered = None
            pinned = self._looking.pinned
            if pinned is not None and self._run is not None and pinned.name != self._run.step.output:
                # The pin goes along: it stays the cell that is followed, but the new step's own cell is explained.
                self._looking.look_at(pinned.name, pinned.index)
                self._looking.pinned = None
        self.editor.close_quietly()
        self.inspector.set_result("")
        self._refresh()

    # --- looking ---------------------------------------------------------------------------------------------------

    def _hovered(self, name: str, index: Index) -> None:
        if self._looking is not None and not self.player.playing:
            self._looking.hovered = Subject(name, tuple(index))
            self._show_subject()

    def _left(self) -> None:
        if self._looking is not None and self._looking.hovered is not None:
            self._looking.hovered = None
            self._show_subject()

    def _picked(self, name: str, index: Index) -> None:
        run, looking = self._run, self._looking
        if run is None or looking is None:
            return
        self.player.stop()
        if run.cursor.inside and name == run.step.output:
            number = run.step.op.micro_of(run.program.in_shapes(run.step), run.step.shape, tuple(index))
            run.scrub(number + 1)
        looking.pick(name, tuple(index))
        self.inspector.set_result("")
        self._refresh()

    def _part_picked(self, part: Part) -> None:
        self.pick_cell(part.name, part.index)

    def _part_hovered(self, part: Part) -> None:
        if self._scene is not None:
            for card in self.panes.cards:
                if card.pane is not None and card.pane.array == part.name:
                    place = card.pane.view.places(np.asarray([part.index], dtype=np.intp).reshape(1, -1))
                    card.view.set_cursor_cell(tuple(int(i) for i in place[0]) if len(place) else None)

    def _chosen(self, axis: str, value: int) -> None:
        if self._looking is None or self._run is None:
            return
        self.player.stop()
        if axis == "sample":
            self._choose_image(value)
            return
        self._looking.choose(axis, value)
        self._refresh()

    def _choose_image(self, image: int) -> None:
        assert self._given is not None
        size = self._batch_size()
        before, self._image = self._image, image
        if self._whole_batch and before // size == image // size:
            assert self._looking is not None
            self._looking.choose("sample", image % size)
            self._refresh()
            return
        self._start_pass(keep_place=True)

    def _batch_chosen(self, whole: bool) -> None:
        self._whole_batch = whole
        self._start_pass(keep_place=True)

    def _turn(self, axis: str, by: int) -> None:
        spin = self.chooser.spins[axis]
        if spin.isEnabled():
            spin.setValue(spin.value() + by)

    # --- changing --------------------------------------------------------------------------------------------------

    def _edit(self) -> None:
        run, looking = self._run, self._looking
        if run is None or looking is None or self._scene is None:
            return
        self.player.stop()
        subject = looking.subject()
        found = source_of(run, subject.name, subject.index)
        if found is None:
            self.inspector.set_result(
                f"{label(subject.name, subject.index)} is computed: change a pixel, a weight or a bias instead.", False
            )
            return
        name, index = found
        self.editor.open_at(self._anchor(subject), name, index, run.value(name, index))

    def _anchor(self, subject: Subject):
        for card in self.panes.cards:
            if card.pane is None or card.pane.array != subject.name:
                continue
            place = card.pane.view.places(np.asarray([subject.index], dtype=np.intp).reshape(1, -1))
            if len(place):
                area = card.view.rect_of(tuple(int(i) for i in place[0]))
                return card.view.mapTo(self, area.bottomLeft())
        return self.inspector.edit.mapTo(self, self.inspector.edit.rect().topLeft())

    def _edited(self, name: str, index: Index, value: float) -> None:
        run = self._run
        if run is None:
            return
        try:
            run.edit(name, index, value)
        except ConvvizError as error:
            self.inspector.set_result(f"{error}", False)
            return
        self.inspector.set_result("")
        self._refresh()
        self.setFocus()

    def _undo(self) -> None:
        if self._run is not None and self._run.undo() is not None:
            self._refresh()

    def _redo(self) -> None:
        if self._run is not None and self._run.redo() is not None:
            self._refresh()

    def _nudge(self) -> None:
        run, looking = self._run, self._looking
        if run is None or looking is None:
            return
        self.player.stop()
        subject = looking.subject()
        source = source_of(run, subject.name, subject.index)
        name, index = source if source is not None else (subject.name, subject.index)
        try:
            found = nudge(run, name, index)
        except ConvvizError as error:
            self.inspector.set_result(f"{error}", False)
            return
        verdict = "They agree" if found.agrees else "They differ"
        why = "; a unit switches on or off in between" if found.kink and not found.agrees else ""
        self.inspector.set_result(
            f"{label(name, index)} ± {found.epsilon:g}: loss {found.low:.8f} … {found.high:.8f}, so the slope is "
            f"{format_value(found.numeric)}. The backward pass says {format_value(found.shown)}. {verdict} "
            f"(relative difference {found.error:.0e}){why}.",
            found.agrees or found.kink,
        )

    # --- showing ---------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        run, looking = self._run, self._looking
        if run is None or looking is None or not self._built:
            return
        step, progress = run.step, looking.progress
        self._scene = looking.scene()
        self.heading.set_text(step.op.title)
        for card, pane in zip(self.panes.set_scene(self._scene), self._scene.panes, strict=True):
            card.show_pane(pane, picture_of(run, pane, step, progress))
        details = {
            one.index: detail(run, one) for one in run.program.steps[: run.cursor.step + 1] if one.shape in ((), (1,))
        }
        self.listing.set_cursor(run.cursor.step, run.whole, details)
        stretch = self._stretch()
        done = min(max(run.cursor.done - stretch.start, 0), stretch.count)
        self.transport.set_place(step.op.micro_unit, done, stretch.count)
        first, last = run.cursor.step == 0 and run.cursor.done == 0, run.cursor.step == run.last and run.whole
        allowed = {"start", "back"} if not first else set()
        allowed |= {"over", "play"} if not last or run.cursor.inside else set()
        allowed |= {"into"} if not (last and run.cursor.inside) else set()
        allowed |= {"out"} if run.cursor.inside else set()
        self.transport.set_enabled(allowed)
        self._show_choices()
        edits = len(run.edits)
        self.edits.setText(f"{edits} change{'s' if edits != 1 else ''}" if edits else "")
        self.undo.setVisible(bool(edits) or run.can_redo)
        self.redo.setVisible(bool(edits) or run.can_redo)
        self.undo.setEnabled(bool(edits))
        self.redo.setEnabled(run.can_redo)
        self.inspector.formula.set_formula(step.op.formula)
        self.inspector.source.set_source(source_of_op(step.op))
        self._show_subject()

    def _show_choices(self) -> None:
        looking, scene = self._looking, self._scene
        assert looking is not None
        assert scene is not None
        assert self._given is not None
        self.chooser.set_batch(self._whole_batch, len(self._given[2]) > 1)
        if self._whole_batch:
            size = self._batch_size()
            self._image = self._image // size * size + looking.selection.sample
        self.chooser.set_choice("sample", self._image, len(self._given[2]), True)
        for axis in AXES[1:]:
            size = looking.size(axis)
            value = min(getattr(looking.selection, axis), size - 1)
            self.chooser.set_choice(axis, value, size, axis in scene.choices)

    def _show_subject(self) -> None:
        run, looking, scene = self._run, self._looking, self._scene
        if run is None or looking is None or scene is None:
            return
        subject, progress = looking.subject(), looking.progress
        lit = light(run.program, scene, subject.name, subject.index)
        for card in self.panes.cards:
            pane = card.pane
            if pane is None:
                continue
            card.set_marks(marks_for(run, scene, pane, subject, lit, progress), False)
            changed = changed_cells(run, pane)
            if changed is not None and len(changed) > MOST_CHANGED:
                card.set_caption(f"{pane.caption} · {len(changed):,} changed")
            if looking.hovered is None:
                self._reveal(card, subject, lit)
        self._show_equation(subject)
        step = scene.step
        known = run.cursor.done > 0
        focus = subject.index if subject.name == step.output else looking.focus()
        self.inspector.explanation.setText(explain(run, step, focus) if known else f"{step.op.title}.")
        self.inspector.cell_title.setText(label(subject.name, subject.index))
        if known or subject.name != step.output:
            self.inspector.facts.set_facts(facts(run, step, subject.name, subject.index, progress))
        else:
            self.inspector.facts.set_facts(())
        text = status(subject.name, subject.index, self._sample_words(), self._where)
        if text != self._status:
            self._status = text
            self.statusChanged.emit(text)
        self._settling.start()

    def _settle(self) -> None:
        run, looking = self._run, self._looking
        if run is None or looking is None:
            return
        subject = looking.subject()
        known = run.has(subject.name) or subject.name != run.step.output or run.cursor.done > 0
        self.inspector.set_origins(provenance(run, subject.name, subject.index) if known else ())

    def _reveal(self, card, subject: Subject, lit) -> None:
        pane = card.pane
        cells = np.asarray([subject.index], dtype=np.intp).reshape(1, -1) if pane.array == subject.name else None
        if cells is None:
            cells = lit.reads.get(pane.array, lit.feeds.get(pane.array))
        if cells is not None:
            place = pane.view.places(cells)
            if len(place):
                card.reveal(tuple(int(i) for i in place[len(place) // 2]))

    def _show_equation(self, subject: Subject) -> None:
        run, looking = self._run, self._looking
        assert run is not None
        assert looking is not None
        maker = run.maker(subject.name)
        cell = label(subject.name, subject.index)
        if maker is None:
            self.equation.set_equation(None, f"{cell} = {format_value(run.value(subject.name, subject.index))}, given")
            return
        progress = looking.progress
        here = maker.index == run.cursor.step
        if maker.index > run.cursor.step or (here and progress.done == 0):
            self.equation.set_equation(None, f"{cell}: not computed yet")
            return
        partial = here and not progress.whole
        if partial and isinstance(maker.op, Col2Im):
            expansion = expand(run, maker, subject.index)
            columns = np.array([expansion.parts(i)[0].index[1] for i in range(expansion.count)], dtype=int)
            landed = columns < progress.done
            coming = int((~landed).sum())
            kept = expansion.kept(landed)
            self.equation.set_equation(lambda room: write(kept, room, coming))
            return
        if partial:
            number = maker.op.micro_of(run.program.in_shapes(maker), maker.shape, subject.index)
            if number >= progress.done:
                self.equation.set_equation(None, f"{cell}: not computed yet")
                return
        expansion = expand(run, maker, subject.index)
        self.equation.set_equation(lambda room: write(expansion, room))

    def _sample_words(self) -> str:
        if self._given is None:
            return ""
        number = int(self._given[3][self._image])
        words = f"image {self._image:,} (label {number})"
        return f"{self._title} · {words}" if self._title else words


class _Line(QWidget):
    """One pixel between two parts."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedWidth(1)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("line"))

"""Puts a moment of a pass on the screen: every part of the workspace gets what it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint

from convviz.core.arrays import Index
from convviz.core.micro import MicroBlock, micro_block
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.looking import AXES, Looking, Subject
from convviz.gui.workspaces.step.marks import MOST_CHANGED, changed_cells, marks_for
from convviz.gui.workspaces.step.pass_source import PassSource
from convviz.gui.workspaces.step.views.equation import Writer
from convviz.gui.workspaces.step.views.panes.card import PaneCard
from convviz.present.numbers import format_value
from convviz.present.step.accumulate import accumulates, landed, landing_of
from convviz.present.step.arrange import arrange
from convviz.present.step.explain import explain
from convviz.present.step.facts import facts
from convviz.present.step.heading import formula_of, title_of
from convviz.present.step.links import Lit, light
from convviz.present.step.listing import detail, label
from convviz.present.step.output_cell import Counterparts, counterparts, output_cell, term_of
from convviz.present.step.pane import Pane, Scene
from convviz.present.step.pictures import picture_of
from convviz.present.step.provenance import branches, rootless, source_of
from convviz.present.step.source import call_of, source_of_op, written
from convviz.present.step.terms import expand
from convviz.present.step.values import distinct, short
from convviz.present.step.wording import write
from convviz.training.nudge import why_not


class Screen:
    """Shows what is looked at.

    Parameters
    ----------
    views : Views
    looking : Looking
        Over the pass that is shown.
    """

    def __init__(self, views: Views, looking: Looking) -> None:
        self._views = views
        self.looking = looking
        self.run = looking.run
        self.scene: Scene | None = None

    def show(self, source: PassSource) -> Scene:
        """Show the cursor's step: panes, listing, bar, formula, code; then its cell."""
        run, looking, views = self.run, self.looking, self._views
        step, progress, scales = run.step, looking.progress, views.scale.scales
        self.scene = looking.scene()
        views.heading.set_text(title_of(run.program, step))
        for card, pane in zip(views.panes.set_scene(self.scene), self.scene.panes, strict=True):
            picture = picture_of(run, pane, step, progress)
            card.show_pane(pane, picture, scales.levels(run, pane, picture), scales.locked)
        small = [one for one in run.program.steps[: run.cursor.step + 1] if one.shape in ((), (1,))]
        views.listing.set_cursor(run.cursor.step, run.whole, {one.index: detail(run, one) for one in small})
        self._show_transport()
        self._show_choices(source)
        edits = len(run.edits)
        views.edits.setText(f"{edits} change{'s' if edits != 1 else ''}" if edits else "")
        for button, usable in ((views.undo, bool(edits)), (views.redo, run.can_redo)):
            button.setVisible(bool(edits) or run.can_redo)
            button.setEnabled(usable)
        views.formula.set_formula(formula_of(run.program, step))
        self.show_subject()
        return self.scene

    def show_subject(self) -> None:
        """Show the cell in question: its links in all panes, its equation, what is known of it."""
        run, looking, scene, views = self.run, self.looking, self.scene, self._views
        if scene is None:
            return
        subject, progress, step = looking.subject(), looking.progress, scene.step
        lit = light(run.program, scene, subject.name, subject.index)
        focus = subject.index if subject.name == step.output else looking.focus()
        told = output_cell(run, scene, lit, focus)
        scene = self._followed(scene, subject, told)
        lit = light(run.program, scene, subject.name, subject.index) if scene is not self.scene else lit
        for card in views.panes.cards:
            pane = card.pane
            if pane is None:
                continue
            card.set_marks(marks_for(run, scene, pane, subject, lit, progress), False)
            changed = changed_cells(run, pane)
            if changed is not None and len(changed) > MOST_CHANGED:
                card.tell(f"{pane.caption} · {len(changed):,} changed")
            linked = self._linked_place(card, subject, lit)
            card.set_linked_columns(() if linked is None else (linked[2],))
            if looking.hovered is None:
                self._reveal(card, subject, lit)
        self._show_equation(subject, told, counterparts(scene, lit))
        known = run.cursor.done > 0
        reads = step.op.reads(run.program.in_shapes(step), step.shape, focus if told is None else told)
        call = call_of(run, step)
        source = source_of_op(step.op, constant=not any(len(cells) for cells in reads), tests=call.tests)
        views.source.set_source(source, written(call.arguments))
        views.source_title.setText("Source that ran" if known else "Source that will run")
        words = explain(run, step, told) if known and told is not None else f"{title_of(run.program, step)}."
        if subject.name != step.output:
            words = f"{self._use_of(subject, told)} {words}".strip()
        views.explanation.setText(words)
        views.cell_title.setText(label(subject.name, subject.index))
        is_there = known or subject.name != step.output
        views.facts.set_facts(facts(run, step, subject.name, subject.index, progress) if is_there else ())

    def show_way_back(self, step: int = 0, subject: Subject | None = None) -> None:
        """Offer to go back to the cell and the step where the last jump began; without them offer nothing."""
        if subject is None:
            self._views.offer_return("")
        else:
            made = self.run.program.steps[step]
            where = f"{made.op.name} of {made.layer}" if made.layer else made.op.name
            self._views.offer_return(label(subject.name, subject.index), where)

    def settle(self) -> None:
        """Show what takes longer and can wait until the hand rests: the way back through the pass."""
        run, subject = self.run, self.looking.subject()
        found = source_of(run, subject.name, subject.index)
        cell = label(subject.name, subject.index)
        no_edit = f"{cell} is computed: change a pixel, a weight or a bias instead." if found is None else ""
        name = subject.name if found is None else found[0]
        no_nudge = f"{cell} can't be nudged: the pass computes no gradient for {short(name)}."
        self._views.inspector.set_usable(no_nudge if why_not(run, name) else "", no_edit)
        known = run.has(subject.name) or subject.name != run.step.output or run.cursor.done > 0
        if not known:
            self._views.origins.set_origins("", ())
            return
        ways, maker, array = branches(run, subject.name, subject.index), run.maker(subject.name), short(subject.name)
        made = f"{array} ← {maker.op.name}" if ways and maker is not None else ""
        first = made or f"{array}: {rootless(run, subject.name, subject.index)}"
        self._views.origins.set_origins(first, ways)

    def stretch(self) -> MicroBlock:
        """The micro-steps that the slider goes over."""
        run = self.run
        if run.cursor.inside:
            return micro_block(run.program, run.step, max(0, run.cursor.done - 1))
        return micro_block(run.program, run.step, self.micro_of(self.looking.focus()))

    def micro_of(self, index: Index) -> int:
        """The micro-step of the cursor's step that writes a cell."""
        run = self.run
        return run.step.op.micro_of(run.program.in_shapes(run.step), run.step.shape, index)

    def anchor(self, subject: Subject) -> QPoint | None:
        """Return where a cell is seen, in global coordinates: its lower left corner; None where it is not."""
        for card in self._views.panes.cards:
            if card.pane is not None and card.pane.array == subject.name:
                place = card.pane.view.places(np.asarray([subject.index], dtype=np.intp).reshape(1, -1))
                if len(place):
                    tile, row, col = (int(i) for i in place[0])
                    return card.view.mapToGlobal(card.view.rect_of((tile, row, col)).bottomLeft())
        return None

    def point_out(self, name: str, index: Index) -> None:
        """Put the cell cursor of the panes that show a cell on it."""
        for card in self._views.panes.cards:
            if card.pane is not None and card.pane.array == name:
                place = card.pane.view.places(np.asarray([index], dtype=np.intp).reshape(1, -1))
                if len(place):
                    tile, row, col = (int(i) for i in place[0])
                    card.view.set_cursor_cell((tile, row, col))

    # --- how -------------------------------------------------------------------------------------------------------

    def _use_of(self, subject: Subject, told: Index | None) -> str:
        """Say how often an input cell is used where it is read first, and of which output cell the rest is told."""
        run, scene = self.run, self.scene
        if scene is None:
            return ""
        name, index, words = subject.name, subject.index, ""
        cell = label(name, index)
        for reader in scene.links:
            if name not in reader.inputs:
                continue
            fed = reader.op.feeds(run.program.in_shapes(reader), reader.shape, reader.inputs.index(name), index)
            if not len(fed):
                return f"{cell} has no part in {distinct(reader.output, subject.name)}."
            several = f"{len(fed):,} cells" if len(fed) != 1 else "1 cell"
            words = f"{self._distinct_cell(subject, reader.output)} has a part in {several} of "
            words += f"{distinct(reader.output, subject.name)}."
            if len(fed) != 1:
                break
            name, index = reader.output, tuple(int(i) for i in fed[0])
        if words and told is not None and run.cursor.done > 0:
            where = distinct(scene.step.output, subject.name)
            at = f"[{', '.join(map(str, told))}]" if told else ""
            words += f" For {where}{at}:"
        return words

    def _distinct_cell(self, subject: Subject, other: str) -> str:
        """A cell with its layer, where the other array has the same short name."""
        at = f"[{', '.join(map(str, subject.index))}]" if subject.index else ""
        return f"{distinct(subject.name, other)}{at}"

    def _followed(self, scene: Scene, subject: Subject, told: Index | None) -> Scene:
        """Let columns and rows that are drawn folded follow the pointer; the picture under it stays as it is."""
        run, looking, step = self.run, self.looking, scene.step
        panes = scene.panes
        if looking.hovered is not None and told is not None:
            micro = looking.micro
            if micro is None and accumulates(step) and subject.name == step.inputs[0]:
                micro = landing_of(step, run.program.in_shapes(step), subject.index)
            panes = tuple(
                new if new.view != old.view and new.view.fold == old.view.fold and not _under(old, subject) else old
                for old, new in zip(
                    panes, arrange(run.program, step, looking.selection, told, micro).panes, strict=True
                )
            )
        scales = self._views.scale.scales
        for card, pane in zip(self._views.panes.cards, panes, strict=True):
            if card.pane != pane:
                picture = picture_of(run, pane, step, looking.progress)
                card.show_pane(pane, picture, scales.levels(run, pane, picture), scales.locked)
        return scene if panes == scene.panes else replace(scene, panes=panes)

    def _show_transport(self) -> None:
        run, transport = self.run, self._views.transport
        stretch = self.stretch()
        done = min(max(run.cursor.done - stretch.start, 0), stretch.count)
        transport.set_place(run.step.op.micro_unit, done, stretch.count)
        first = run.cursor.step == 0 and run.cursor.done == 0
        last = run.cursor.step == run.last and run.whole
        inside = run.cursor.inside
        usable = {"start": not first, "back": not first, "over": not last or inside, "play": not last or inside}
        usable |= {"into": not (last and inside), "out": inside}
        transport.set_enabled({word for word, is_usable in usable.items() if is_usable})

    def _show_choices(self, source: PassSource) -> None:
        looking, chooser = self.looking, self._views.chooser
        assert self.scene is not None
        chooser.set_batch(source.minibatch, source.count > 1)
        chooser.set_choice("sample", source.image, source.count, True)
        for axis in AXES[1:]:
            size = looking.size(axis)
            chooser.set_choice(axis, looking.selection.of(axis, size), size, axis in self.scene.choices)

    def reveal_linked(self) -> None:
        """Bring what is linked with the hovered cell into sight; the pane under the pointer stays as it is."""
        subject, scene = self.looking.hovered, self.scene
        if subject is None or scene is None:
            return
        lit = light(self.run.program, scene, subject.name, subject.index)
        for card in self._views.panes.cards:
            if card.pane is not None and card.pane.array != subject.name:
                self._reveal(card, subject, lit)

    def _reveal(self, card: PaneCard, subject: Subject, lit: Lit) -> None:
        place = self._linked_place(card, subject, lit)
        if place is not None:
            card.reveal(place)

    def _linked_place(self, card: PaneCard, subject: Subject, lit: Lit) -> tuple[int, int, int] | None:
        """Where a wide pane has the cell in question, or the middle one of those that are linked with it."""
        pane = card.pane
        if pane is None or not pane.strip:
            return None
        if pane.array == subject.name:
            cells = np.asarray([subject.index], dtype=np.intp).reshape(1, -1)
        else:
            found = lit.reads.get(pane.array, lit.feeds.get(pane.array))
            if found is None:
                return None
            cells = found
        place = pane.view.places(cells)
        if not len(place):
            return None
        tile, row, col = (int(i) for i in place[len(place) // 2])
        return tile, row, col

    def _show_equation(self, subject: Subject, told: Index | None, among: Counterparts) -> None:
        """Show how a cell was computed; of a hovered input cell, how it goes into the cell that is told of."""
        run, equation, progress = self.run, self._views.equation, self.looking.progress
        if told is not None and self.looking.hovered is not None and subject.name != run.step.output:
            going_in = self._going_in(told, among)
            if going_in is not None:
                equation.set_equation(going_in)
                return
        maker = run.maker(subject.name)
        cell = label(subject.name, subject.index)
        if maker is None:
            value = format_value(run.value(subject.name, subject.index))
            equation.set_equation(None, f"{cell} = {value}", "given, not computed · press E to change it")
            return
        partial = maker.index == run.cursor.step and not progress.whole
        adding = partial and accumulates(maker)
        late = partial and not adding and self.micro_of(subject.index) >= progress.done
        if partial and progress.done == 0 and not progress.inside:
            keys = f"F10 runs this step, F11 runs it one {maker.op.micro_unit} at a time"
            equation.set_equation(None, f"{cell}: not computed yet", keys)
            return
        if maker.index > run.cursor.step or late or (partial and progress.done == 0):
            equation.set_equation(None, f"{cell}: not computed yet")
            return
        expansion = expand(run, maker, subject.index)
        coming = 0
        if adding:
            there = landed(expansion, maker, run.program.in_shapes(maker), progress.done)
            coming = int((~there).sum())
            expansion = expansion.kept(there)
        equation.set_equation(lambda room: write(expansion, room, coming))

    def _going_in(self, told: Index, among: Counterparts) -> Writer | None:
        """Writes an output cell's equation so that an input cell is seen in it; None while it is not in there."""
        run, step, progress = self.run, self.run.step, self.looking.progress
        adding = accumulates(step) and not progress.whole
        if not progress.whole and not (adding and progress.done) and self.micro_of(told) >= progress.done:
            return None
        expansion, coming = expand(run, step, told), 0
        if adding:
            there = landed(expansion, step, run.program.in_shapes(step), progress.done)
            expansion, coming = expansion.kept(there), int((~there).sum())
        kept = term_of(expansion, among)
        return None if kept is None else lambda room: write(expansion, room, coming, kept)


def _under(pane: Pane, subject: Subject) -> bool:
    """Whether a pane may be the one under the pointer."""
    return pane.array == subject.name and pane.view.holds(subject.index)

"""Shows where the debugger is: every view gets what it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint

from convviz.core.arrays import Index
from convviz.gui.workspaces.step.cell_text import equation_of, use_of
from convviz.gui.workspaces.step.cursor import Cell
from convviz.gui.workspaces.step.debugger import AXES, Debugger
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.marks import MOST_CHANGED, changed_cells, marks_for
from convviz.gui.workspaces.step.pass_source import PassSource
from convviz.gui.workspaces.step.views.panes.card import PaneCard
from convviz.present.step.arrange import arrange
from convviz.present.step.explain import explain
from convviz.present.step.facts import facts
from convviz.present.step.heading import formula_of, title_of
from convviz.present.step.links import Lit, light
from convviz.present.step.listing import detail
from convviz.present.step.output_cell import counterparts, output_cell
from convviz.present.step.pane import Pane, Scene
from convviz.present.step.pictures import picture_of
from convviz.present.step.provenance import branches, rootless, source_of
from convviz.present.step.source import call_of, source_of_op, written
from convviz.present.step.values import label, short
from convviz.training.nudge import why_not


class Screen:
    """Puts a place in a pass into the views.

    Parameters
    ----------
    views : Views
    debugger : Debugger
    """

    def __init__(self, views: Views, debugger: Debugger) -> None:
        self._views = views
        self.debugger = debugger
        self._run = debugger.run
        self.scene: Scene | None = None

    def show(self, source: PassSource) -> None:
        """Show the step: panes, listing, bar, formula, code; then its cell."""
        run, debugger, views = self._run, self.debugger, self._views
        step = debugger.step
        self.scene = debugger.scene()
        views.heading.set_text(title_of(run.program, step))
        for card, pane in zip(views.panes.set_scene(self.scene), self.scene.panes, strict=True):
            self._show_pane(card, pane)
        small = [one for one in run.program.steps[: step.index + 1] if one.shape in ((), (1,))]
        views.listing.set_cursor(step.index, debugger.progress.whole, {one.index: detail(run, one) for one in small})
        self._show_transport()
        self._show_choices(source)
        views.show_changes(len(run.edits), run.can_redo)
        views.formula.set_formula(formula_of(run.program, step))
        self._offer_return()
        self.show_cell()

    def show_cell(self) -> None:
        """Show the cell in question: its links in all panes, its equation, what is known of it."""
        run, debugger, scene, views = self._run, self.debugger, self.scene, self._views
        if scene is None:
            return
        cell, progress, step = debugger.cell(), debugger.progress, scene.step
        lit = light(run.program, scene, cell.name, cell.index)
        focus = cell.index if cell.name == step.output else debugger.focus()
        output = output_cell(run, scene, lit, focus)
        scene = self._followed(scene, cell, output)
        lit = light(run.program, scene, cell.name, cell.index) if scene is not self.scene else lit
        for card in views.panes.cards:
            pane = card.pane
            if pane is None:
                continue
            card.set_marks(marks_for(run, scene, pane, cell, lit, progress), False)
            changed = changed_cells(run, pane)
            if changed is not None and len(changed) > MOST_CHANGED:
                card.set_words(f"{pane.caption} · {len(changed):,} changed")
            linked = linked_place(pane, cell, lit)
            card.set_linked_columns(() if linked is None else (linked[2],))
            if debugger.hovered is None and linked is not None:
                card.reveal(linked)
        equation = equation_of(debugger, output, counterparts(scene, lit))
        views.equation.set_equation(equation.writer, equation.note, equation.caption)
        self._show_source(focus if output is None else output)
        views.explanation.setText(self._explanation(scene, cell, output))
        views.cell_title.setText(label(cell.name, cell.index))
        is_there = progress.done > 0 or cell.name != step.output
        views.facts.set_facts(facts(run, step, cell.name, cell.index, progress) if is_there else ())

    def settle(self) -> None:
        """Show what takes longer and can wait until the hand rests: the way back through the pass."""
        run, views, cell = self._run, self._views, self.debugger.cell()
        found = source_of(run, cell.name, cell.index)
        said = label(cell.name, cell.index)
        no_edit = f"{said} is computed: change a pixel, a weight or a bias instead." if found is None else ""
        name = cell.name if found is None else found[0]
        no_nudge = f"{said} can't be nudged: the pass computes no gradient for {short(name)}."
        views.inspector.set_usable(no_nudge if why_not(run, name) else "", no_edit)
        known = run.has(cell.name) or cell.name != run.step.output or run.cursor.done > 0
        if not known:
            views.origins.set_origins("", ())
            return
        ways, maker, array = branches(run, cell.name, cell.index), run.maker(cell.name), short(cell.name)
        made = f"{array} ← {maker.op.name}" if ways and maker is not None else ""
        views.origins.set_origins(made or f"{array}: {rootless(run, cell.name, cell.index)}", ways)

    def reveal_linked(self) -> None:
        """Bring what is linked with the hovered cell into sight; the pane under the pointer stays as it is."""
        cell, scene = self.debugger.hovered, self.scene
        if cell is None or scene is None:
            return
        lit = light(self._run.program, scene, cell.name, cell.index)
        for card in self._views.panes.cards:
            if card.pane is not None and card.pane.array != cell.name:
                place = linked_place(card.pane, cell, lit)
                if place is not None:
                    card.reveal(place)

    def anchor(self, cell: Cell) -> QPoint | None:
        """Where a cell is seen, in global coordinates: its lower left corner; None where it is not."""
        for card in self._views.panes.cards:
            place = None if card.pane is None else place_of(card.pane, cell)
            if place is not None:
                return card.view.mapToGlobal(card.view.rect_of(place).bottomLeft())
        return None

    def point_out(self, cell: Cell) -> None:
        """Put the cell cursor of the panes that show a cell on it."""
        for card in self._views.panes.cards:
            place = None if card.pane is None else place_of(card.pane, cell)
            if place is not None:
                card.view.set_cursor_cell(place)

    # --- how -------------------------------------------------------------------------------------------------------

    def _show_pane(self, card: PaneCard, pane: Pane) -> None:
        scales = self._views.scale.scales
        picture = picture_of(self._run, pane, self.debugger.step, self.debugger.progress)
        card.show_pane(pane, picture, scales.levels(self._run, pane, picture), scales.locked)

    def _show_source(self, output: Index) -> None:
        run, step, views = self._run, self.debugger.step, self._views
        reads = step.op.reads(run.program.in_shapes(step), step.shape, output)
        call = call_of(run, step)
        source = source_of_op(step.op, constant=not any(len(cells) for cells in reads), tests=call.tests)
        views.source.set_source(source, written(call.arguments))
        views.source_title.setText("Source that ran" if run.cursor.done > 0 else "Source that will run")

    def _explanation(self, scene: Scene, cell: Cell, output: Index | None) -> str:
        run, step = self._run, scene.step
        known = run.cursor.done > 0
        words = explain(run, step, output) if known and output is not None else f"{title_of(run.program, step)}."
        if cell.name != step.output:
            return f"{use_of(self.debugger, scene, output)} {words}".strip()
        relation = "" if self.debugger.hovered is not None else self.debugger.relation()
        return f"{relation} {words}".strip()

    def _offer_return(self) -> None:
        """Offer to go back to the cell and the step where the last jump began."""
        past = self.debugger.cursor.past
        if not past:
            self._views.offer_return("")
            return
        made, cell = self._run.program.steps[past[-1].step], self.debugger.cell_at(past[-1])
        where = f"{made.op.name} of {made.layer}" if made.layer else made.op.name
        self._views.offer_return(label(cell.name, cell.index), where)

    def _followed(self, scene: Scene, cell: Cell, output: Index | None) -> Scene:
        """Let columns and rows that are drawn folded follow the pointer; the picture under it stays as it is."""
        run, debugger, step = self._run, self.debugger, scene.step
        panes = scene.panes
        if debugger.hovered is not None and output is not None:
            micro = debugger.micro
            if micro is None and step.op.accumulates and cell.name == step.inputs[0]:
                micro = step.op.micro_reading(run.program.in_shapes(step), step.shape, cell.index)
            others = arrange(run.program, step, debugger.selection, output, micro).panes
            panes = tuple(
                new if new.view != old.view and new.view.fold == old.view.fold and not _under(old, cell) else old
                for old, new in zip(panes, others, strict=True)
            )
        for card, pane in zip(self._views.panes.cards, panes, strict=True):
            if card.pane != pane:
                self._show_pane(card, pane)
        return scene if panes == scene.panes else replace(scene, panes=panes)

    def _show_transport(self) -> None:
        debugger, transport = self.debugger, self._views.transport
        block, cursor = debugger.block(), debugger.cursor
        done = min(max(debugger.progress.done - block.start, 0), block.count)
        transport.set_place(debugger.step.op.micro_unit, done, block.count)
        inside = debugger.progress.inside
        goes_on = not cursor.at_end or inside
        usable = {"start": not cursor.at_start, "back": not cursor.at_start, "over": goes_on, "play": goes_on}
        usable |= {"into": not (cursor.at_end and inside), "out": inside}
        transport.set_enabled({word for word, is_usable in usable.items() if is_usable})

    def _show_choices(self, source: PassSource) -> None:
        debugger, chooser = self.debugger, self._views.chooser
        assert self.scene is not None
        chooser.set_batch(source.minibatch, source.count > 1)
        chooser.set_choice("sample", source.image, source.count, True)
        for axis in AXES[1:]:
            size = debugger.size(axis)
            chooser.set_choice(axis, debugger.selection.of(axis, size), size, axis in self.scene.choices)


def place_of(pane: Pane, cell: Cell) -> tuple[int, int, int] | None:
    """Where a pane shows a cell: tile, row, column."""
    if pane.array != cell.name:
        return None
    return _middle(pane, np.asarray([cell.index], dtype=np.intp).reshape(1, -1))


def linked_place(pane: Pane, cell: Cell, lit: Lit) -> tuple[int, int, int] | None:
    """Where a wide pane has the cell in question, or the middle one of those that are linked with it."""
    if not pane.strip:
        return None
    if pane.array == cell.name:
        return place_of(pane, cell)
    found = lit.reads.get(pane.array, lit.feeds.get(pane.array))
    return None if found is None else _middle(pane, found)


def _middle(pane: Pane, cells: np.ndarray) -> tuple[int, int, int] | None:
    places = pane.view.places(cells)
    if not len(places):
        return None
    tile, row, col = (int(i) for i in places[len(places) // 2])
    return tile, row, col


def _under(pane: Pane, cell: Cell) -> bool:
    """Whether a pane may be the one under the pointer."""
    return pane.array == cell.name and pane.view.holds(cell.index)

"""What the totals bar knows: costs read from the design, times and memory measured, and how a run stands to it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from convviz.core.design import Design
from convviz.gui.run_model.design_document import DesignDocument
from convviz.gui.workspaces.builder.measuring import Measurer
from convviz.gui.workspaces.builder.totals import show_run, show_totals
from convviz.gui.workspaces.builder.totals_bar import TotalsBar
from convviz.present.design.data_facts import DataFacts
from convviz.present.run_facts import RunFacts, TimedEpoch, same_work
from convviz.training.measure import Measured

MOST_BYTES, MOST_WORK = 500_000_000, 60_000_000_000
"""Bytes, and multiply-adds of a step, beyond which a design is not tried out unasked."""


class Reckoning(QObject):
    """Keeps the totals bar true while design, data and run change.

    Parameters
    ----------
    bar : TotalsBar
    document : DesignDocument
    parent : QObject

    Attributes
    ----------
    measurer : Measurer
    measured : (Design, Measured or None) or None
        The design that was measured last, and what was found; None once the design is another.
    """

    def __init__(self, bar: TotalsBar, document: DesignDocument, parent: QObject) -> None:
        super().__init__(parent)
        self._bar, self._document = bar, document
        self._data: DataFacts | None = None
        self._run: RunFacts | None = None
        self._timed: TimedEpoch | None = None
        self.measured: tuple[Design, Measured | None] | None = None
        self.measurer = Measurer(self)
        self.measurer.measured.connect(self._take)

    def show_design(self, data: DataFacts | None) -> None:
        """The design or its data changed: measure it if need be, and show what is known."""
        self._data = data
        design, costs = self._document.design, self._document.costs
        if self.measured is not None and not same_work(self.measured[0], design):
            self.measured = None
        if self.measured is None:
            work = 3 * costs.mult_adds * costs.batch
            can = costs.valid and costs.memory < MOST_BYTES and work < MOST_WORK
            self.measurer.ask(design if can else None, self._images())
        self._show()

    def set_run(self, facts: RunFacts | None, timed: TimedEpoch | None) -> None:
        """Tell how a run goes that has trained something, and how long its last whole epoch took."""
        if (facts, timed) != (self._run, self._timed):
            self._run, self._timed = facts, timed
            self._show()

    def set_training(self, training: bool) -> None:
        """A training has begun or ended: nothing is measured meanwhile."""
        self.measurer.set_paused(training)
        self._show()

    def close(self) -> None:
        """Stop measuring."""
        self.measurer.close()

    def _show(self) -> None:
        measured = self.measured[1] if self.measured is not None else None
        waiting = self.measured is None and self.measurer.is_busy
        design, costs = self._document.design, self._document.costs
        show_totals(self._bar, design, costs, self._data, measured, waiting=waiting)
        fits = self._data is None or self._data.trouble(design) is None
        if costs.valid and fits:
            show_run(self._bar, design, self._run, self._timed, measured=measured is not None)

    def _images(self) -> int | None:
        """Images of the training set, where they are known."""
        wanted = self._document.design.training.train_size
        there = self._data.training if self._data is not None else None
        known = [n for n in (wanted, there) if n is not None]
        return min(known) if known else None

    @Slot(object, object)
    def _take(self, design: Design, measured: Measured | None) -> None:
        if same_work(design, self._document.design):
            self.measured = (design, measured)
            self._show()

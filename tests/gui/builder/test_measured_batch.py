"""Which measurements hold for the data at hand."""

from __future__ import annotations

from convviz.gui.workspaces.builder.page import BuildPage
from convviz.training.measure import Measured


def test_that_a_measurement_of_a_smaller_minibatch_is_forgotten(build: BuildPage) -> None:
    totals, design = build.totals_model, build.document.design
    batch = design.training.batch_size
    totals.measured = (design, Measured(1e-3, 1e-4, batch, 5, 10_600_000))
    totals.show_design(None)
    assert totals.measured is not None
    totals.measured = (design, Measured(1e-3, 1e-4, 1, 5, 2_570_000))  # there was one image only
    totals.show_design(None)
    assert totals.measured is None

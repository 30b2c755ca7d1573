"""Numbers of the kernels, worked out for the eye from the weights."""

from __future__ import annotations

import numpy as np
import pytest
from probed import DEEP, PLAIN, labelled, probed

from convviz.core.design import Design
from convviz.gui.workspaces.probe.filter_facts import measure
from convviz.gui.workspaces.probe.kernels_view import KernelsView
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.worked import frequency, likeness
from convviz.gui.workspaces.probe.worked_dialog import WorkedDialog
from convviz.present.numbers import format_value
from convviz.probe.kernels import compare_kernels
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.progress import silent


@pytest.mark.parametrize(("design", "layer"), [(PLAIN, "conv1"), (PLAIN, "conv2"), (DEEP, "conv2")])
def test_that_a_frequency_comes_out_as_it_is_drawn(design: Design, layer: str) -> None:
    kernels = compare_kernels(probed(design), layer)
    rng = np.random.default_rng(0)
    for cell in rng.integers(0, [len(kernels.spectrum), 16, 16], (12, 3)).tolist():
        worked = frequency(kernels, *cell)
        assert worked.result == pytest.approx(kernels.spectrum[tuple(cell)], abs=1e-12)
        left, right, product = (values for _, values in worked.arrays)
        np.testing.assert_allclose(left * right, product)
        assert format_value(float(product.sum())) in worked.lines[0]
        assert f"Its root is {format_value(worked.result)}" in worked.lines[-1]


def test_that_a_correlation_comes_out_as_it_is_drawn() -> None:
    network = probed()
    network.arrays["conv1.weight"][2] = 0.25
    for layer in ("conv1", "conv2"):
        kernels = compare_kernels(network, layer)
        for first, second in np.ndindex(kernels.correlation.shape):
            worked = likeness(kernels, first, second)
            assert worked.result == pytest.approx(kernels.correlation[first, second], abs=1e-9)
            left, right, product = (values for _, values in worked.arrays)
            np.testing.assert_allclose(left * right, product)
    assert "it is like none" in likeness(compare_kernels(network, "conv1"), 0, 2).lines[-1]


def test_that_the_chosen_square_and_pair_are_worked_out(qtbot) -> None:
    network = probed()
    split = labelled(network, 12)
    moment = Moment(network, 0, "", "test", split, ("a", "b", "c"), measure_mistakes(network, split))
    view = KernelsView()
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    assert view.worked_frequency() is None
    assert view.worked_likeness() is None
    facts = measure(moment, "conv1", silent)
    view.show_facts(facts)
    assert view.worked_frequency().result == pytest.approx(facts.kernels.spectrum.max())
    assert view.worked_likeness().result == pytest.approx(facts.kernels.twins(0.0)[0][2])
    view.spectra.cellPicked.emit((2, 3, 5))
    view.matrix.cellPicked.emit((3, 1))
    assert view.worked_frequency().result == pytest.approx(facts.kernels.spectrum[2, 3, 5])
    view.how_alike.click()
    (shown,) = view.findChildren(WorkedDialog)
    assert shown.worked.result == pytest.approx(facts.kernels.correlation[3, 1])
    assert shown.lines[-1].text().endswith(f"= {shown.worked.result:.3f}")
    assert not shown.grab().isNull()
    shown.accept()

"""The code beside the pictures: plain NumPy first, the kernel on demand, and how far the two are apart."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convviz.core.network import Network
from convviz.gui.workspaces.step.page import StepPage
from convviz.present.step.source import comparison
from convviz.storage.presets import preset
from convviz.training.make_pass import make_pass

Begin = Callable[..., StepPage]


@pytest.fixture
def course(begin: Begin) -> StepPage:
    """The smallest convolution of a course, with two images of noise."""
    design = preset("course-7x7")
    images = np.random.default_rng(0).random((2, 1, 28, 28), dtype=np.float32)
    return begin(design, Network(design).arrays, images, np.arange(2), "noise")


def go(step: StepPage, output: str, qtbot: QtBot) -> None:
    step.step_to(next(s.index for s in step.run.program.steps if s.output == output))
    qtbot.waitUntil(step.is_idle)


def test_that_plain_numpy_comes_first_and_the_kernel_on_demand(course: StepPage, qtbot: QtBot) -> None:
    view = course.views.source
    go(course, "conv1.wx_row", qtbot)
    assert view.title.text() == "In plain NumPy"
    assert view.source.lines[-1].strip() == "return w_row @ x_col"
    view.switch.button(1).click()
    assert view.title.text() == "Source that ran"
    assert "np.matmul(w_row, x_col, out=z_row)" in "\n".join(view.source.lines)
    assert view.check.isHidden()
    view.switch.button(0).click()
    assert view.source.lines[-1].strip() == "return w_row @ x_col"


def test_that_the_lines_are_run_in_a_thread_of_their_own_and_the_difference_is_said(
    course: StepPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = course.views.source
    go(course, "conv1.x_col", qtbot)
    assert view.found.isHidden()
    main = threading.get_ident()
    ran: list[int] = []
    original = type(course.debugger.step.op).computed_readably

    def noted(self, inputs):
        ran.append(threading.get_ident())
        return original(self, inputs)

    monkeypatch.setattr(type(course.debugger.step.op), "computed_readably", noted)
    view.check.click()
    assert view.found.text() == "Running …"
    assert not course.is_idle()
    qtbot.waitUntil(course.is_idle)
    assert view.found.text().startswith("Run on these arrays: exactly x_col, all ")
    assert main not in ran
    assert ran
    go(course, "conv1.wx_row", qtbot)
    assert view.found.isHidden()
    view.check.click()
    qtbot.waitUntil(course.is_idle)
    assert view.found.text().startswith(
        ("Run on these arrays: wx_row but for rounding", "Run on these arrays: exactly")
    )


@pytest.mark.parametrize("name", ["toy-4x4", "course-7x7"])
def test_that_every_step_of_a_pass_in_single_precision_is_what_its_lines_say(name: str) -> None:
    design = preset(name).named()
    image = design.input
    images = np.random.default_rng(1).random((4, image.channels, image.height, image.width), dtype=np.float32)
    run = make_pass(design, Network(design).arrays, images, np.arange(4) % design.classes)
    run.run_to_end()
    for step in run.program.steps:
        made = run.array(step.output)
        found = step.op.computed_readably(run.inputs(step)).astype(made.dtype)
        assert np.abs(found - made).max() <= 2e-5 * np.abs(made).max(), step.where
        assert comparison(run, step)().startswith("Run on these arrays: ")


def test_that_a_sum_is_not_shown_as_the_function_of_a_mean() -> None:
    design = preset("best-small").named()
    images = np.random.default_rng(1).random((2, 1, 28, 28), dtype=np.float32)
    run = make_pass(design, Network(design).arrays, images, np.arange(2))
    step = next(step for step in run.program.steps if step.op.name == "sum_channels")
    assert step.op.in_numpy().__name__ == "sum_channels"

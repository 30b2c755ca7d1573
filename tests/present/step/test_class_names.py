"""Step says what a class is called, where its data set says so."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.present.step.explain import explain
from convviz.storage.presets import preset
from convviz.training.make_pass import make_pass


@pytest.mark.parametrize(
    ("names", "zero", "one"), [(("round", "a <b>"), "round", "a &lt;b&gt;"), (("round",), "round", "1"), ((), "0", "1")]
)
def test_that_sentences_of_the_loss_name_classes(names: tuple[str, ...], zero: str, one: str) -> None:
    image = np.arange(16.0).reshape(1, 1, 4, 4)
    run = make_pass(preset("toy-4x4"), {}, image, np.array([1]), class_names=names)
    run.go_to(len(run.program.steps) - 1)
    said = {
        step.op.name: explain(run, step, (0, 0)[: len(step.shape)]) for step in run.program.steps if len(step.shape) < 3
    }
    assert f"Class {zero} gets" in said["softmax"]
    assert f"The true class is {one};" in said["cross_entropy"]
    assert f"Class {zero} is wrong here" in said["softmax_grad"]

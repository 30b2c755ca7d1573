"""The real networks that the package onnx brings along, with random weights: their scores are those of onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="ONNX models are read with the package onnx, and it is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is the oracle of these tests, and it is not installed")

import onnx
import onnxruntime
from depth import cases
from onnx_graphs import written
from scored import scores

from convviz.storage.model_files import load_model

FOLDER = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
QUICK = ("shufflenet", "squeezenet")
"""Those that are always tried."""
SLOW = ("bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "vgg19", "zfnet512")
NAMES = QUICK if cases(1) == 1 else (*QUICK, *SLOW)


def with_random_weights(path: Path) -> Any:
    """The model, up to its scores, with weights that differ from each other in place of equal ones."""
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    rng = np.random.default_rng(1)
    known = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    kept = []
    for node in model.graph.node:
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        shape = tuple(int(n) for n in known[node.input[0]])
        fan = np.prod(shape[1:]) if len(shape) > 1 else 4
        drawn = (rng.standard_normal(shape) * np.sqrt(2 / fan)).astype(np.float32)
        if len(shape) == 1:
            drawn = np.abs(drawn) + np.float32(0.5)  # variances are positive
        model.graph.initializer.append(numpy_helper.from_array(drawn, node.output[0]))
    last = kept.pop() if kept[-1].op_type == "Softmax" else None
    output = kept[-1].output[0] if last is not None else model.graph.output[0].name
    del model.graph.node[:], model.graph.output[:]
    model.graph.node.extend(kept)
    model.graph.output.append(helper.make_tensor_value_info(output, 1, None))
    return model


@pytest.mark.parametrize("name", NAMES)
def test_that_a_real_network_gives_the_scores_of_onnxruntime(name: str, tmp_path: Path) -> None:
    model = with_random_weights(FOLDER / f"light_{name}.onnx")
    state = load_model(written(tmp_path, model))
    image = state.design.input
    x = np.random.default_rng(0).standard_normal((1, image.channels, image.height, image.width)).astype(np.float32)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = next(one.name for one in session.get_inputs() if len(one.shape) == 4)
    theirs = np.asarray(session.run(None, {given: x})[0]).reshape(1, -1)
    ours = scores(state, x)
    assert np.ptp(theirs) > 0.01 * np.abs(theirs).max()  # they do differ
    assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()

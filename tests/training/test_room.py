"""Networks that the machine has no room for are refused in a sentence, before their memory is taken."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from child import child

import convviz
from convviz import machine
from convviz.core.design import Design, Input, Training
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.core.memory import busiest, training_memory
from convviz.core.network import lowered
from convviz.core.remaking import stepping_memory
from convviz.machine import free_memory
from convviz.training.images import Split
from convviz.training.trainer import Trainer

LIMIT = 3 * 10**9
WIDE = Design(
    name="wide",
    input=Input(channels=3, height=256, width=256),
    layers=(Conv2D(filters=512, kernel=(3, 3), padding="same"), ReLU(), Flatten(), Dense(units=10)),
)
"""Maps of 8.6 GB in every minibatch."""
TALL = Design(name="tall", layers=(Flatten(), Dense(units=65536), ReLU(), Dense(units=65536), ReLU(), Dense(units=10)))
"""Weights of 17 GB."""
LIMITED = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({LIMIT}, {LIMIT})); "


def limited(code: str, *flags: str) -> tuple[int | None, str, str]:
    """Run Python in a process that may take 3 GB."""
    env = dict(os.environ, OPENBLAS_NUM_THREADS="1")
    with child("-c", LIMITED + code, *flags, env=env) as process:
        found, errors = process.communicate()
    return process.returncode, found, errors


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="memory is limited another way on this system")
@pytest.mark.parametrize("command", ["train", "step"])
@pytest.mark.parametrize("design", [WIDE, TALL], ids=lambda design: design.name)
def test_that_a_command_refuses_a_design_that_is_too_large(command: str, design: Design, tmp_path: Path) -> None:
    convviz.save_design(tmp_path / "large.toml", design)
    flags = [command, "--design", str(tmp_path / "large.toml")]
    flags += ["--export", str(tmp_path / "t.h5"), "--batch", "64"] if command == "step" else []
    code, found, errors = limited("import sys; from convviz.__main__ import main; sys.exit(main())", *flags)
    assert (code, found) == (2, "")
    told = re.fullmatch(
        rf"convviz {command}: {design.name}: expected one that .* in the (.*) GB of memory that are free, "
        r"got one that needs about (.*) GB .*\n",
        errors,
    )
    assert told is not None, errors
    program = lowered(design, 64, image_gradient=command == "step")
    needed = training_memory(program, 2) if command == "train" else stepping_memory(program)
    assert float(told[2]) == pytest.approx(needed / 1e9, abs=0.06)
    assert float(told[1]) <= LIMIT / 1e9 < float(told[2])


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="memory is limited another way on this system")
def test_that_python_gets_the_same_sentence(tmp_path: Path) -> None:
    convviz.save_design(tmp_path / "large.toml", TALL)
    code = f"""
import convviz
design = convviz.load_design({str(tmp_path / "large.toml")!r})
for act in (lambda: convviz.Network(design), lambda: convviz.train(design, convviz.load_data())):
    try:
        act()
    except convviz.DesignError as error:
        print(error)
"""
    status, found, errors = limited(code)
    assert (status, errors) == (0, "")
    assert [line.partition(" in the ")[0] for line in found.splitlines()] == [
        "tall: expected one that keeps its weights",
        "tall: expected one that trains",
    ]


def test_that_a_smaller_batch_is_enough_where_the_batch_was_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "of_system", lambda: 300 * 10**6)
    many = Design(training=Training(batch_size=4096), layers=(Conv2D(filters=64), Flatten(), Dense(units=10)))
    data = convviz.load_data()
    with pytest.raises(convviz.DesignError, match="with minibatches of 4,096") as caught:
        convviz.train(many, data)
    assert caught.value.field == "batch_size"
    few = Design(
        training=Training(batch_size=16, epochs=1, train_size=16, test_size=16),
        layers=(Conv2D(filters=64), Flatten(), Dense(units=10)),
    )
    assert len(convviz.train(few, data).history) == 1


@pytest.mark.parametrize("name", ["inception-tiny", "keras-twin", "resnet-8", "toy-4x4"])
def test_that_a_part_of_a_minibatch_needs_what_a_pass_over_it_alone_would(name: str) -> None:
    design = convviz.preset(name)
    whole = lowered(design, 12)
    for part in (1, 5, 12):
        assert busiest(whole, part) == busiest(lowered(design, part, divisor=12), part)


def test_that_a_minibatch_is_no_larger_than_the_images_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    design = Design(layers=(Conv2D(filters=64), Flatten(), Dense(units=10))).named()
    one, whole = (training_memory(lowered(design, batch), 1) for batch in (1, design.training.batch_size))
    monkeypatch.setattr(machine, "of_system", lambda: (one + whole) // 2)
    images = Split(np.zeros((64, 1, 28, 28), np.float32), np.zeros(64, np.int64))
    with Trainer(design, images.first(1), images.first(1), threads=1) as trainer:
        assert trainer.batch_size == 1
    with pytest.raises(convviz.DesignError, match="with minibatches of 64"):
        Trainer(design, images, images, threads=1)


def test_that_predicting_and_stepping_ask_for_room_too(monkeypatch: pytest.MonkeyPatch) -> None:
    network = convviz.Network(convviz.preset("lenet-5"))
    images, labels = np.zeros((256, 1, 28, 28), np.float32), np.zeros(256, np.int64)
    monkeypatch.setattr(machine, "of_system", lambda: 10**6)
    with pytest.raises(convviz.DesignError, match="predicts in the 1 MB of memory that are free"):
        convviz.predict(network, images)
    with pytest.raises(convviz.DesignError, match="keeps the arrays of a pass in the 1 MB"):
        convviz.step_through(network, images, labels)


def test_that_what_is_free_is_known_here() -> None:
    found = free_memory()
    assert found is not None
    assert found > 10**8

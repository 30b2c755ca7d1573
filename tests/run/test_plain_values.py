"""What goes between the window and a session is plain values: every command, every message, every picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from convviz.core.design import Design, Input, Training
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.core.network import Network
from convviz.core.optim import Adam
from convviz.core.schedule import Cosine
from convviz.data.importing.recipe import Recipe
from convviz.data.sources import BuiltinDigits, DataFile, DataSource, ImageSpec, ToyImages
from convviz.run import commands as c
from convviz.run import messages as m
from convviz.run.breakpoints.condition import Breakpoint, Hit, IsTrue, LossAbove
from convviz.run.pins.pin import Pin, PinsMeasured
from convviz.run.recorded_run import RecordedCurves, RecordedPart, RecordedRun, SettingsEdit
from convviz.run.state import State
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.last_session import LastSession
from convviz.storage.network_state import EpochMeasures, NetworkState, RunProgress
from convviz.storage.preprocess import PRESETS
from convviz.storage.weights.matching import Match, WeightTable
from convviz.training.events import Compiling, EpochDone, Evaluating, MinibatchDone, Position
from convviz.training.images import Split
from convviz.training.layer_measures import LayerMeasures
from convviz.training.layers_measured import LayerCounts, LayersMeasured
from convviz.training.minibatch import Minibatch
from convviz.training.snapshot import Snapshot, take_snapshot
from convviz.training.value_counts import count_values
from tests.support.plain import NotPlainError, packed, tree, unpacked
from tests.support.small_run import in_memory

DESIGN = Design(
    name="plain",
    input=Input(height=6, width=6),
    layers=(Conv2D(filters=2), ReLU(), Flatten(), Dense(units=10)),
    training=Training(optimiser=Adam(), schedule=Cosine(warmup=2)),
).named()
RNG = np.random.default_rng(0)
SPLIT = Split(RNG.random((5, 1, 6, 6), np.float32), RNG.integers(0, 10, 5))
DATA = in_memory("noise", SPLIT, SPLIT.first(2), tuple("abcdefghij"))
MODEL = Path("folder") / "model.h5"
AT = Position(1, 2, 2, 3, 4)
MEASURES = EpochMeasures(1.5, 1.25, 0.5, 1.75, 0.25, 12.0)
ARRAYS = {"conv1.weight": RNG.random((2, 1, 3, 3), np.float32), "lr": np.asarray(0.01)}
COUNTS = count_values(ARRAYS["conv1.weight"])
LAYER = LayerMeasures("conv1", *range(7))
MINIBATCH = Minibatch(DESIGN, np.array([4, 0, 2]), AT, ARRAYS, ARRAYS)

CURVES = RecordedCurves(
    np.arange(1, 3),
    np.array([2.0, 1.5]),
    np.array([0.25, np.nan]),
    np.array([0.5, 0.25]),
    (SettingsEdit(1, DESIGN, DESIGN),),
    ((1, ("conv1.weight",)),),
    ((2, "the loss is above 2", "hit"),),
    (LayersMeasured(2, (LAYER,), {}, 1, np.zeros(10, np.int64), learning_rate=0.5),),
)
PARTS = (RecordedPart(Path("a.cvz"), 0, (0, 1)), RecordedPart(Path("run.cvz"), 1, (1, 2)))
RECORDED = RecordedRun(Path("run.cvz"), "0" * 32, "2026-01-02", "stopped", PARTS, curves=CURVES)
POINT = Breakpoint(1, LossAbove(2.0))

FILE = DataFile(Path("a.h5"), ImageSpec(3, 32, 32, 100))
RECIPE = Recipe("mine", ("x", "y"), None, "HW", (1, 6, 6), high=255.0, class_names=("a", "b"), size=(6, 6))
SOURCES: tuple[DataSource, ...] = (BuiltinDigits(), ToyImages(), FILE, replace(FILE, recipe=RECIPE), DATA)
COMMANDS = (
    c.Prepare(DESIGN),
    *(c.Prepare(DESIGN, source) for source in SOURCES),
    c.Train(),
    c.Pause(),
    c.Pause(spares_one=True),
    c.Resume(),
    c.StepMinibatch(),
    c.StepMinibatch(goes_on=True),
    c.Stop(),
    c.Watch("training", 3, "conv1", (("test", 0), ("training", 7))),
    c.SetLearningRate(0.5),
    c.Adopt(DESIGN),
    c.SetPins((Pin(1, "norm(conv1.weight)"),)),
    c.HoldAfterEpoch(),
    c.SetBreakpoints((POINT, Breakpoint(2, IsTrue("loss > 2"), holds=False, is_on=False))),
    c.SetWeights(ARRAYS),
    c.Drawings(SPLIT.images, SPLIT.labels),
    c.Inspect(),
    c.Keep(MODEL),
    c.KeepRecording(MODEL),
    c.KeepRecording(MODEL, Path("run.cvz")),
    c.Branch(MODEL, 70),
    c.Branch(MODEL, 70, DESIGN, FILE, (Path("a.h5"),)),
    c.OpenModel(MODEL),
    c.OpenRecording(MODEL),
    c.OpenRecording(MODEL, FILE, (Path("a.h5"),)),
    c.OpenModel(MODEL, FILE, (Path("a.h5"), Path("b.h5")), anyway=True),
    c.Identify(MODEL, as_model=True),
    c.OpenModel(MODEL, into=DESIGN),
    c.MatchWeights(MODEL, DESIGN),
    c.OpenModel(MODEL, preprocess=PRESETS["imagenet"]),
    c.Remember(LastSession("format = 1", "plain", network="a.h5", epoch=2, step=9, accuracy=0.5)),
    c.LetItGo(),
    c.CompileAhead(),
    c.Quit(),
)
MESSAGES = (
    PinsMeasured(7, (1, 2), (0.5, -2.0)),
    Hit(POINT, 7, "Loss 2.5 is above 2", "5 times the mean."),
    m.StateChanged(State.PAUSED),
    m.Prepared(DESIGN, "noise", SPLIT, SPLIT.first(2)),
    m.Prepared(DESIGN, "noise", SPLIT, SPLIT, m.Origin("a.h5", AT, True, (MEASURES,), (1.0, 2.0)), ("a", "b")),
    m.Prepared(DESIGN, "noise", SPLIT, SPLIT, m.Origin("run.cvz", AT, True, (MEASURES,), (1.0,), recorded=RECORDED)),
    m.OtherData("model.h5", DESIGN, "noise with 5 training and 2 test images", "digits", ""),
    m.RunStarted(AT),
    m.RunEnded(True, AT),
    m.Adopted(AT, DESIGN, DESIGN),
    m.WeightsChanged(AT, ("conv1.weight",)),
    m.Failed("digits.h5: expected a file, found nothing"),
    m.Failed("conv1.z became infinite", diverged=True),
    m.Busy("Opening digits.h5"),
    m.Busy("Opening the run small of 14:02", 12, 18),
    m.Inspected(DESIGN, ARRAYS, AT),
    m.Inspected(DESIGN, ARRAYS, AT, MINIBATCH, replace(MINIBATCH, after=None)),
    m.Saved("model.h5", AT),
    m.NotSaved("model.h5", "the disk is full"),
    m.LetGo(MODEL, "plain", "noise", AT, 0.5),
    m.NotKept("the disk is full", stays=True),
    m.Identified(MODEL, True),
    m.Identified(MODEL, False, is_recording=True),
    m.Identified(MODEL, False, is_weights=True),
    m.PreprocessAsked(MODEL, "0" * 64, DESIGN),
    m.WeightsMatched(MODEL, DESIGN, WeightTable("NPZ", (Match("conv1.weight", (2, 1, 3, 3)),), ("a.b",), ("float16",))),
    m.RecordingStarted(MODEL, 0),
    m.RecordingEnded(MODEL, 2),
    m.RecordingFailed(MODEL, "the disk is full"),
    m.RecordingKept(MODEL),
    m.RecordingKept(MODEL, "the disk is full"),
    m.CompilingAhead(5, 18),
    Compiling(AT, 5, 18),
    MinibatchDone(AT, 0.5, 0.25, 64, 0.01),
    LayersMeasured(
        2, (LayerMeasures("conv1", *range(7)),), {"conv1": LayerCounts(COUNTS)}, 1, np.arange(10), {"conv1": (1,)}, 0.5
    ),
    m.WorstImages(2, (4, 0), (2.0, 1.5)),
    Evaluating(AT, "test", 256, 1000),
    EpochDone(AT, 1.5, 1.25, 0.5, 1.75, 0.25),
)


def name_of(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize("value", [*COMMANDS, *MESSAGES, *SOURCES], ids=name_of)
def test_that_it_is_the_same_on_the_other_side(value: object) -> None:
    again = unpacked(packed(value))
    assert type(again) is type(value)
    assert tree(again) == tree(value)


def test_that_a_state_of_a_network_is_the_same_on_the_other_side() -> None:
    known = DataFingerprint("noise", 5, 2, "0" * 64, "1" * 64)
    state = NetworkState(DESIGN, Network(DESIGN).arrays, RunProgress(1, 2, 2, 0, (1.0, 2.0)), (MEASURES,), 3.5, known)
    assert tree(unpacked(packed(state))) == tree(state)


def test_that_a_picture_is_the_same_on_the_other_side() -> None:
    network = Network(DESIGN)
    gradients = {name: network.arrays[name].copy() for name in network.parameters}
    snapshot = take_snapshot(network, SPLIT, "test", 1, AT, gradients)
    again = unpacked(packed(snapshot))
    assert isinstance(again, Snapshot)
    assert tree(again) == tree(snapshot)
    assert again.program == snapshot.program
    np.testing.assert_array_equal(again.logical("conv1.x_col"), snapshot.logical("conv1.x_col"))


@pytest.mark.parametrize(
    ("union", "examples"),
    [(c.Command, COMMANDS), (m.Message, MESSAGES), (DataSource, SOURCES)],
    ids=["commands", "messages", "sources"],
)
def test_that_none_is_forgotten_here(union: object, examples: tuple[object, ...]) -> None:
    assert set(get_args(union)) == {type(one) for one in examples}


def test_that_nothing_else_passes() -> None:
    for value in (lambda: None, object(), [1], {1, 2}, open, DESIGN.named):
        with pytest.raises(NotPlainError):
            packed(value)
    with pytest.raises(NotPlainError):
        packed(replace(COMMANDS[0], data=lambda: DATA))


def test_that_nobody_can_write_into_a_picture() -> None:
    network = Network(DESIGN)
    gradients = {name: network.arrays[name].copy() for name in network.parameters}
    snapshot = take_snapshot(network, SPLIT, "test", 1, AT, gradients)
    for array in (*snapshot.arrays.values(), *snapshot.gradients.values()):
        assert not array.flags.writeable
    for name in snapshot.program.arrays:
        if name in snapshot.arrays:
            assert not snapshot.logical(name).flags.writeable, name
    assert all(array.flags.writeable for array in network.arrays.values())
    assert not any(np.shares_memory(snapshot.arrays[name], network.arrays[name]) for name in network.parameters)

"""What is replayed is, bit for bit, what was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.design import Design, Input, Training
from convviz.core.errors import ConvvizError
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, ReLU
from convviz.core.optim import Adam
from convviz.core.schedule import Cosine
from convviz.run.recording.recorder import Bounds
from convviz.run.recording.replay import Replayer
from convviz.storage.presets import preset, preset_names
from convviz.storage.recording.read import Recording
from convviz.storage.recording.rows import RunEvent
from convviz.training.images import Split
from tests.support.recorded import (
    noise_for,
    recorded_run,
    set_design,
    set_rate,
    set_weight,
    with_training,
)

DESIGN = Design(
    input=Input(height=8, width=8),
    layers=(Conv2D(filters=3), BatchNorm2D(), ReLU(), Flatten(), Dropout(), Dense(units=10)),
    training=Training(optimiser=Adam(), batch_size=7, epochs=3, schedule=Cosine(warmup=4), clip_norm=1.0),
).named()
"""Everything that has a memory: running statistics, Adam's means, masks, a schedule; and a smaller last minibatch."""


def same(found: dict[str, Array], wanted: dict[str, Array]) -> None:
    for name, array in wanted.items():
        assert found[name].tobytes() == array.tobytes(), name


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("name", preset_names())
def test_that_every_preset_is_replayed_through_a_resume_and_a_live_edit(name: str, tmp_path: Path) -> None:
    design = preset(name)
    design = with_training(
        design,
        batch_size=min(design.training.batch_size, 2),
        epochs=2,
        train_size=None,
        test_size=None,
    )
    images = noise_for(design, 2)
    rate = design.training.optimiser.lr
    test = images.first(1)
    _, state = recorded_run(tmp_path / "first.cvz", design, images, test, stop=1)
    path = tmp_path / "run.cvz"
    truth, _ = recorded_run(path, design, images, test, state=state, threads=2, at={2: set_rate(rate / 2)})
    with Recording(path) as recording:
        assert [point.step for point in recording.key_points()] == [1, 4]
        for threads in (1, 2):
            with Replayer(recording, images, test, threads=threads) as replayer:
                replayer.go_to(3)
                same(replayer.trainer.network.arrays, truth.arrays[3])
                replayer.go_to(4, before=True)
                same(replayer.trainer.network.arrays, truth.arrays[4])
                same(replayer.gradients(), truth.gradients[4])
                assert replayer.agreement.words == "replayed bit for bit"
                assert replayer.agreement.count == 3


def test_that_settings_for_another_run_are_not_those_that_were_trained(tmp_path: Path) -> None:
    images, path = noise_for(DESIGN, 2), tmp_path / "run.cvz"
    clipped, faster = with_training(DESIGN, clip_norm=0.5), with_training(DESIGN, clip_norm=0.25)
    recorded_run(path, DESIGN, images, images, at={2: set_design(clipped), 4: set_design(faster)}, stop=4)
    with Recording(path) as recording:
        assert [event.step for event in recording.events() if event.kind == "design"] == [2, 4]
        assert recording.last_design.training.clip_norm == 0.5


@pytest.mark.usefixtures("kernels")
def test_that_any_step_is_reached_from_any_other(tmp_path: Path) -> None:
    images, path = noise_for(DESIGN, 4), tmp_path / "run.cvz"
    faster = with_training(DESIGN, optimiser=replace(DESIGN.training.optimiser, lr=0.02), clip_norm=0.5, epochs=4)
    edits = {
        3: set_rate(0.003),
        6: set_weight("conv1.weight", -1.0),
        9: set_design(faster),
        10: set_rate(0.001),
    }
    truth, _ = recorded_run(path, DESIGN, images, images, at=edits, bounds=Bounds(fine=4))
    with Recording(path) as recording, Replayer(recording, images, images) as replayer:
        assert recording.last_step == 16
        steps = np.random.default_rng(1).integers(0, 17, 30).tolist()
        for step in [*steps, 6, 5, 7, 0, 16]:
            replayer.go_to(step, before=bool(step % 2))
            network = replayer.trainer.network
            same(network.arrays, {name: truth.arrays[step][name] for name in network.parameters})
            assert replayer.agreement.is_exact
            state = replayer.state()
            assert state.problem() == ("", "") or state.data is None
            assert state.place.step == step
            epoch = range(step - state.place.minibatch + 1, step + 1)
            assert state.place.losses == tuple(truth.losses[at] for at in epoch)


def test_that_a_minibatch_has_the_network_before_and_after_it(tmp_path: Path) -> None:
    images, path = noise_for(DESIGN, 4), tmp_path / "run.cvz"
    truth, _ = recorded_run(path, DESIGN, images, images)
    with Recording(path) as recording, Replayer(recording, images, images) as replayer:
        for step in (5, 4, 12, 1):
            minibatch = replayer.minibatch(step)
            assert minibatch.position.step == step
            assert len(minibatch.rows) == (3 if step % 4 == 0 else 7)
            parameters = replayer.trainer.network.parameters
            same(dict(minibatch.arrays), {name: truth.arrays[step - 1][name] for name in parameters})
            same(dict(minibatch.after or {}), truth.arrays[step])
        for wrong in (0, 13, -1):
            with pytest.raises(ConvvizError, match="expected a"):
                replayer.minibatch(wrong)


def test_that_a_replay_that_differs_says_so(tmp_path: Path) -> None:
    images, path = noise_for(DESIGN, 4), tmp_path / "run.cvz"
    recorded_run(path, DESIGN, images, images)
    changed = Split(images.images * np.float32(1.0001), images.labels)
    with Recording(path) as recording, Replayer(recording, changed, images) as replayer:
        replayer.go_to(3)
        assert not replayer.agreement.is_exact
        assert replayer.agreement.words.startswith("replayed with a loss of ")
        assert "no reason is known" in replayer.agreement.words


def test_that_a_replay_with_other_kernels_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba", reason="compiled kernels need numba")
    images, path = noise_for(DESIGN, 4), tmp_path / "run.cvz"
    recorded_run(path, DESIGN, images, images)
    monkeypatch.setenv("CONVVIZ_FAST", "0")
    with Recording(path) as recording, Replayer(recording, images, images) as replayer:
        replayer.go_to(11)
        words = replayer.agreement.words
        assert words == "replayed bit for bit" or words.startswith("replayed with a loss of ")
        assert words == "replayed bit for bit" or ": recorded with numba " in words
        assert replayer.agreement.largest < 1e-3


def test_that_a_breakpoints_hit_is_kept_with_its_network(tmp_path: Path) -> None:
    images, path = noise_for(DESIGN, 4), tmp_path / "run.cvz"
    hit, mark = RunEvent(5, "hit", "loss above 2: 2.31"), RunEvent(7, "mark", "accuracy above 0.5")
    marks = {event.step: (lambda trainer, recorder, event=event: recorder.add(event)) for event in (hit, mark)}
    truth, _ = recorded_run(path, DESIGN, images, images, at=marks, bounds=Bounds(fine=8))
    with Recording(path) as recording:
        assert recording.events()[:2] == (hit, mark)
        points = {point.step: point for point in recording.key_points()}
        assert sorted(points) == [0, 5, 8, 12]
        same(dict(recording.state(points[5]).arrays), truth.arrays[5])

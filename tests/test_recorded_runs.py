"""Recorded runs from Python and the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from msgspec.structs import replace

import convviz
from convviz.__main__ import main
from convviz.core.layers import Conv2D, Dense, Flatten
from convviz.data import save_hdf5
from convviz.run.recording import recorder
from convviz.storage.recording import write
from convviz.storage.recording.schema import connect_writer
from tests.support.small_run import DESIGN, noise_data

DATA = noise_data()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The recording of a finished run, without key points but those that have to be there."""
    monkeypatch.setattr(recorder, "TIMED", 1000)
    convviz.train(DESIGN, DATA, record=tmp_path / "run.cvz")
    return tmp_path / "run.cvz"


def test_that_a_run_is_asked_about_any_step(file: Path) -> None:
    short = convviz.train(DESIGN, DATA, stop=stopping(11))
    with convviz.open_run(file, DATA) as run:
        assert (run.first_step, run.last_step, run.ended) == (0, 18, "finished")
        assert run.key_points == (0, 18)
        assert run.minibatches.loss.shape == run.minibatches.accuracy.shape == (18,)
        assert len(run.history) == 3
        assert run.measures["conv1", "weight_norm"].shape == run.measures.steps.shape
        steps, cells = run.filters
        assert cells.shape == (len(steps), 4, 1, 3, 3)
        assert run.data.name == "noise"
        assert run.machine.numpy == np.__version__
        eleventh = run.at(11)
        for name, array in short.network.arrays.items():
            assert eleventh.network.arrays[name].tobytes() == array.tobytes(), name
        assert eleventh.place == short.place
        np.testing.assert_array_equal(cells[0], run.at(0).network.arrays["conv1.weight"])
        assert convviz.predict(eleventh, DATA).accuracy == convviz.predict(short, DATA).accuracy


@pytest.mark.parametrize("step", [2.5, "2", None])
def test_that_a_step_is_a_whole_number(file: Path, step: object) -> None:
    with convviz.open_run(file, DATA) as run:
        for ask in (run.at, run.replay, run.branch):
            with pytest.raises(convviz.RecordingError, match="step: expected a whole number, got "):
                ask(step)
        assert run.at(np.int64(2)).place.step == 2


def stopping(after: int) -> Callable[[], bool]:
    """Say yes after so many minibatches of six an epoch, each of which is an event, as evaluations are."""
    seen = 0

    def stop() -> bool:
        nonlocal seen
        seen += 1
        return seen == after + 3 * ((after - 1) // 6)

    return stop


def test_that_a_replayed_pass_is_the_one_of_training(file: Path, tmp_path: Path) -> None:
    before = convviz.train(DESIGN, DATA, stop=stopping(11))
    wanted = {step.name: step.output for step in convviz.step_through(before, DATA)}
    with convviz.open_run(file, DATA) as run:
        replayed = run.replay(12)
        assert replayed.agreement.words == "replayed bit for bit"
        assert replayed.position.step == 12
        np.testing.assert_array_equal(replayed.images, DATA.x_train[list(replayed.rows)])
        found = {step.name: step.output for step in replayed}
        assert found.keys() == wanted.keys()
        for name, array in wanted.items():
            np.testing.assert_array_equal(found[name], array, name)
        assert found["softmax.loss"] == pytest.approx(run.minibatches.loss[11], rel=1e-5)
        for step in (0, 19):
            with pytest.raises(convviz.RecordingError, match="expected a"):
                run.replay(step)


def test_that_a_branch_goes_on_and_changes_what_is_wanted(file: Path, tmp_path: Path) -> None:
    with convviz.open_run(file, DATA) as run:
        same, faster = run.branch(7), run.branch(7, learning_rate=0.5, epochs=2)
        whole = convviz.train(same, DATA)
        for name, array in run.at(18).network.arrays.items():
            assert whole.network.arrays[name].tobytes() == array.tobytes(), name
        assert (faster.place.step, faster.place.learning_rate, faster.design.training.epochs) == (7, 0.5, 2)
        wider = replace(DESIGN, layers=(Conv2D(filters=4), Flatten(), Dense(units=10)))
        other = run.branch(7, wider)
        assert other.place.step == 0
        np.testing.assert_array_equal(other.network.arrays["conv1.weight"], same.network.arrays["conv1.weight"])
        for wrong, words in (({"momentum": 1}, "expected settings out of"), ({"learning_rate": -1.0}, "branch: .*lr")):
            with pytest.raises(convviz.DesignError, match=words):
                run.branch(7, **wrong)
        nothing = replace(DESIGN, layers=(Flatten(), Dense(units=3)), classes=3)
        with pytest.raises(convviz.DesignError, match="expected a layer whose parameters fit"):
            run.branch(7, nothing)
    convviz.train(faster, DATA, record=tmp_path / "branch.cvz")
    with convviz.open_run(tmp_path / "branch.cvz", DATA) as branch:
        assert branch.parent is not None
        assert (branch.parent.name, branch.parent.step) == ("run.cvz", 7)
        assert (branch.first_step, branch.last_step) == (7, 12)
        assert branch.at(9).place.learning_rate == 0.5


def test_that_without_its_data_only_replaying_fails(file: Path) -> None:
    changed = noise_data(seed=1)
    for data, words in ((None, "noise came from no file"), (changed, "with other training and other test images")):
        with convviz.open_run(file, data) as run:
            assert run.minibatches.loss.shape == (18,)
            assert run.at(18).place.step == 18
            assert len(run.history) == 3
            with pytest.raises(convviz.RecordingError, match=words) as caught:
                run.at(5)
            assert str(caught.value).startswith("run.cvz: its data set is needed to replay: ")


def test_that_a_data_file_is_found_where_it_was(tmp_path: Path) -> None:
    save_hdf5(tmp_path / "noise.h5", DATA)
    data = convviz.load_data(tmp_path / "noise.h5", like=DESIGN).take(80, 10)
    convviz.train(DESIGN, data, record=tmp_path / "run.cvz", epochs=1)
    with convviz.open_run(tmp_path / "run.cvz") as run:
        assert run.replay(3).agreement.is_exact
    (tmp_path / "noise.h5").unlink()
    with (
        convviz.open_run(tmp_path / "run.cvz") as run,
        pytest.raises(convviz.RecordingError, match=r"noise\.h5: expected .*found nothing there"),
    ):
        run.replay(3)


def test_that_a_full_disk_ends_the_recording_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def small(path: Path) -> object:
        db = connect_writer(path)
        db.execute("PRAGMA max_page_count=10")
        return db

    monkeypatch.setattr(write, "connect_writer", small)
    with pytest.warns(convviz.RecordingWarning, match="the disk is full; training goes on, unrecorded") as told:
        run = convviz.train(DESIGN, DATA, record=tmp_path / "run.cvz")
    assert len(told) == 1
    assert run.finished


def test_that_what_is_in_the_way_is_refused_before_training(file: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for path in (tmp_path / "mine.txt", tmp_path / "none" / "run.cvz", tmp_path):
        with pytest.raises(convviz.OutputError, match="expected a"):
            convviz.train(DESIGN, DATA, record=path)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    with (
        convviz.open_run(file, DATA) as run,
        pytest.raises(convviz.OutputError, match="expected a new file for the recording of a branch"),
    ):
        convviz.train(run.branch(7), DATA, record=file)


def test_that_the_command_line_records_exports_and_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = tmp_path / "run.cvz", tmp_path / "out.h5"
    small = ["--train-size", "150", "--test-size", "40", "--n_filter", "3", "--epochs", "2"]
    assert main(["train", *small, "--record", str(run)]) == 0
    assert main(["export", str(run), str(out)]) == 0
    assert main(["export", str(run), str(out)]) == 0  # an older export may be replaced
    with h5py.File(out) as file, convviz.open_run(run) as recorded:
        assert bytes(file.attrs["format"]) == b"convviz-run"
        np.testing.assert_array_equal(file["minibatches/loss"], recorded.minibatches.loss)
        np.testing.assert_array_equal(file["epochs/test_accuracy"], [one.test_accuracy for one in recorded.history])
        np.testing.assert_array_equal(file["measures/conv1/weight_norm"], recorded.measures["conv1", "weight_norm"])
        np.testing.assert_array_equal(file["filters/cells"], recorded.filters[1])
        for step in recorded.key_points:
            for name, array in recorded.at(step).network.arrays.items():
                np.testing.assert_array_equal(file[f"key_points/{step}/{name}"], array)
        assert json.loads(bytes(file["events/json"][-1]))["kind"] == "ended"
        assert recorded.replay(2).agreement.is_exact  # on the built-in digits, found by itself
    capsys.readouterr()
    assert main(["runs", str(tmp_path), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["ended"], listed["step"], listed["steps"]) == ("finished", 6, 6)
    assert main(["runs", str(tmp_path)]) == 0
    assert "finished at step 6 of 6, test accuracy" in capsys.readouterr().out
    (tmp_path / "none").mkdir()
    assert main(["runs", str(tmp_path / "none")]) == 0
    assert "no recorded runs" in capsys.readouterr().out
    assert main(["runs", str(tmp_path / "missing")]) == 2
    assert "expected a folder with recordings, found nothing there" in capsys.readouterr().err
    assert main(["runs", str(out)]) == 2
    assert "expected a folder with recordings, got another HDF5 file" in capsys.readouterr().err
    assert main(["export", str(out), str(tmp_path / "more.h5")]) == 2
    assert "expected a convviz recording, got another HDF5 file" in capsys.readouterr().err
    assert main(["train", *small, "--record", str(out)]) == 2
    assert "expected a new file, or a recording to replace" in capsys.readouterr().err


def test_that_a_failed_run_says_why(tmp_path: Path) -> None:
    wild = convviz.Network(DESIGN)
    wild.arrays["dense1.weight"][...] *= 1e38
    with pytest.raises(convviz.NonFiniteError) as caught:
        convviz.train(wild, DATA, record=tmp_path / "run.cvz")
    with convviz.open_run(tmp_path / "run.cvz", DATA) as run:
        assert run.ended == "failed"
        assert run.head.reason == str(caught.value)
        assert run.events[-1].text == str(caught.value)


def test_that_a_resumed_run_is_written_on(tmp_path: Path) -> None:
    model, path = tmp_path / "model.h5", tmp_path / "run.cvz"
    whole = convviz.train(DESIGN, DATA, epochs=5)
    convviz.train(DESIGN, DATA, save_to=model, record=path, stop=stopping(11))
    with convviz.open_run(path) as run:
        name = run.head.id
    resumed = convviz.load(model)
    convviz.train(resumed, DATA, save_to=tmp_path / "other.h5", record=path, stop=stopping(6))  # up to step 17
    convviz.train(resumed, DATA, epochs=5, save_to=model, record=path)  # and once more from step 11
    with convviz.open_run(path, DATA) as run:
        assert (run.head.id, run.first_step, run.last_step, run.ended) == (name, 0, 30, "finished")
        assert run.minibatches.steps.tolist() == list(range(1, 31))
        assert [one.loss for one in run.history] == [one.loss for one in whole.history]
        assert run.design.training.epochs == 5
        for step in (5, 13, 29, 30):
            assert run.replay(step).agreement.is_exact
        for name, array in run.at(30).network.arrays.items():
            assert array.tobytes() == whole.network.arrays[name].tobytes(), name
    other = convviz.train(DESIGN, noise_data(seed=1), stop=stopping(11))
    with pytest.raises(convviz.RecordingError, match="got that of another run"):
        convviz.train(other, noise_data(seed=1), record=path)
    longer = convviz.train(whole.with_epochs(6), DATA)
    with pytest.raises(convviz.RecordingError, match="goes on at step 36, or a new file, got one of steps 0 to 30"):
        convviz.train(longer, DATA, record=path, epochs=7)

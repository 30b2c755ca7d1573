"""``convviz train --save`` and ``--resume``: a run that was stopped goes on as if it never had been."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from child import child

import convviz
from convviz.__main__ import main
from convviz.core.design import Design, Training
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU
from convviz.core.optim import Adam
from convviz.data import save_hdf5
from convviz.data.builtin import load_builtin
from convviz.storage.designs import save_design
from convviz.storage.formats.checkpoint_read import load_checkpoint
from convviz.training.events import Event
from convviz.training.trainer import Trainer

SMALL = ["--train-size", "150", "--test-size", "40", "--n_filter", "3"]
MEMORY = Design(
    name="with-memory",
    layers=(Conv2D(filters=2), BatchNorm2D(), ReLU(), MaxPool2D(), Flatten(), Dropout(), Dense(units=10)),
    training=Training(optimiser=Adam(), batch_size=32, epochs=4, train_size=150, test_size=40),
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tmp_path / "model.h5"


def before_each_event(monkeypatch: pytest.MonkeyPatch, look: Callable[[Trainer], None]) -> None:
    """Look at every trainer before it makes its next event: a minibatch, an evaluation."""
    run = Trainer.run

    def looked_at(self: Trainer) -> Iterator[Event]:
        for _ in self.compile():
            pass
        events = run(self)
        while True:
            look(self)
            try:
                event = next(events)
            except StopIteration:
                return
            yield event

    monkeypatch.setattr(Trainer, "run", looked_at)


def interrupt_after(monkeypatch: pytest.MonkeyPatch, minibatches: int) -> None:
    """Press Ctrl+C before the minibatch of this number is done."""

    def press(trainer: Trainer) -> None:
        if trainer.trains_next and trainer.position.step + 1 == minibatches:
            signal.raise_signal(signal.SIGINT)

    before_each_event(monkeypatch, press)


def epoch_lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("Epoch ")]


def same_weights(a: Path, b: Path) -> None:
    one, other = load_checkpoint(a), load_checkpoint(b)
    assert one.design == other.design
    assert [row.loss for row in one.epochs] == [row.loss for row in other.epochs]
    assert (one.place.step, one.place.losses) == (other.place.step, other.place.losses)
    for name, array in one.arrays.items():
        assert array.tobytes() == other.arrays[name].tobytes(), name


def flags_of(network: str, tmp_path: Path) -> list[str]:
    if network == "course":
        return SMALL
    save_design(MEMORY.named(), tmp_path / "memory.toml")
    return ["--design", str(tmp_path / "memory.toml")]


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("network", ["course", "with memory"])
def test_that_two_epochs_and_two_more_are_four(
    network: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    straight, parts = tmp_path / "straight.h5", tmp_path / "parts.h5"
    flags = flags_of(network, tmp_path)
    assert main(["train", *flags, "--epochs", "4", "--save", str(straight)]) == 0
    expected = epoch_lines(capsys)
    assert main(["train", *flags, "--epochs", "2", "--save", str(parts)]) == 0
    assert main(["train", "--resume", str(parts), "--epochs", "4"]) == 0
    assert epoch_lines(capsys) == expected
    same_weights(straight, parts)


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("network", ["course", "with memory"])
@pytest.mark.parametrize("minibatches", [1, 4, 5])
def test_that_a_run_interrupted_within_an_epoch_goes_on_as_if_it_had_not_been(
    network: str, minibatches: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    straight, parts = tmp_path / "straight.h5", tmp_path / "parts.h5"
    flags = [*flags_of(network, tmp_path), "--epochs", "3"]
    assert main(["train", *flags, "--save", str(straight)]) == 0
    expected = epoch_lines(capsys)
    with monkeypatch.context() as patched:
        interrupt_after(patched, minibatches)
        assert main(["train", *flags, "--save", str(parts)]) == 130
    told = capsys.readouterr()
    assert f"kept in {parts}, and --resume {parts} goes on" in told.err
    assert load_checkpoint(parts).place.step == minibatches
    assert main(["train", "--resume", str(parts)]) == 0
    assert [line for line in told.out.splitlines() if line.startswith("Epoch ")] + epoch_lines(capsys) == expected
    same_weights(straight, parts)


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_that_whatever_ends_it_keeps_the_run(name: str, code: int, model: Path) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip(f"this system has no {name}")
    env = {**os.environ, "CONVVIZ_FAST": str(int(name == "SIGINT"))}  # Python is up sooner without a compiler
    with child("-m", "convviz", "train", "--epochs", "9999", *SMALL, "--save", str(model), env=env) as process:
        assert process.stdout is not None
        assert any(line.startswith("Epoch 2") for line in process.stdout)
        process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == code
    said = [line for line in errors.splitlines() if not line.startswith("compiling kernels")]
    assert len(said) == 1
    assert said[0].startswith("convviz train: interrupted ")
    assert load_checkpoint(model).place.epoch >= 2


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_that_whatever_ends_it_keeps_the_recording(name: str, code: int, tmp_path: Path) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip(f"this system has no {name}")
    path = tmp_path / "run.cvz"
    env = {**os.environ, "CONVVIZ_FAST": "0"}
    with child("-m", "convviz", "train", "--epochs", "9999", *SMALL, "--record", str(path), env=env) as process:
        assert process.stdout is not None
        assert any(line.startswith("Epoch 2") for line in process.stdout)
        process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == code
    assert errors.startswith("convviz train: interrupted ")
    assert errors.endswith(f"kept in {path}, and `convviz {path}` opens it\n")
    with convviz.open_run(path) as recorded:
        assert recorded.ended == "stopped"
        assert recorded.last_step >= 2
        assert recorded.last_step in recorded.key_points


def test_that_who_starts_it_with_interrupts_ignored_is_not_overruled(
    model: Path, monkeypatch: pytest.MonkeyPatch, interrupts: None
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupt_after(monkeypatch, 2)
    assert main(["train", *SMALL, "--epochs", "1", "--save", str(model)]) == 0
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.usefixtures("interrupts")
def test_that_without_save_ctrl_c_ends_at_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(monkeypatch, 2)
    assert main(["train", *SMALL]) == 130
    assert capsys.readouterr().err == "convviz train: interrupted\n"


def test_that_the_file_is_there_after_every_epoch(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found: list[int] = []

    def look(trainer: Trainer) -> None:
        p = trainer.position
        if p.epoch and p.minibatch == p.minibatches and trainer.evaluated == p.epoch and p.epoch < p.epochs:
            found.append(load_checkpoint(model).place.epoch)

    before_each_event(monkeypatch, look)
    assert main(["train", *SMALL, "--epochs", "3", "--save", str(model)]) == 0
    assert found == [1, 2]


def test_that_save_beside_resume_leaves_the_old_file(model: Path, tmp_path: Path) -> None:
    assert main(["train", *SMALL, "--epochs", "1", "--save", str(model)]) == 0
    before = model.read_bytes()
    assert main(["train", "--resume", str(model), "--epochs", "2", "--save", str(tmp_path / "b.h5")]) == 0
    assert model.read_bytes() == before
    assert load_checkpoint(tmp_path / "b.h5").place.epoch == 2


def test_that_the_log_of_a_resumed_run_holds_the_whole_run(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.csv"
    assert main(["train", *SMALL, "--epochs", "2", "--save", str(model)]) == 0
    capsys.readouterr()
    assert main(["train", "--resume", str(model), "--epochs", "3", "--log", str(log), "--json"]) == 0
    rows = list(csv.DictReader(log.read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert [json.loads(line)["epoch"] for line in capsys.readouterr().out.splitlines()] == [3]
    seconds = [float(row["seconds"]) for row in rows]
    assert seconds == sorted(seconds)


def test_that_a_finished_run_says_so(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", *SMALL, "--epochs", "1", "--save", str(model)]) == 0
    changed = model.stat().st_mtime_ns
    capsys.readouterr()
    assert main(["train", "--resume", str(model)]) == 0
    assert capsys.readouterr().out == f">>> The one epoch of {model} is done; --epochs asks for more\n"
    assert model.stat().st_mtime_ns == changed


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_epochs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was trained for two epochs."""
    model = tmp_path_factory.mktemp("kept") / "model.h5"
    assert main(["train", *SMALL, "--epochs", "2", "--save", str(model)]) == 0
    return model


@pytest.fixture
def kept(two_epochs: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The same in a file of the test's own."""
    capsys.readouterr()
    return Path(shutil.copy(two_epochs, model))


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--lr", "0.5", "--seed", "3"], "--lr, --seed: expected no such flag with --resume"),
        (["--preset", "course-7x7"], "--preset: expected no such flag with --resume"),
        (["--epochs", "1"], "--epochs: expected at least 2, where "),
    ],
)
def test_that_flags_that_the_file_decides_are_refused(
    kept: Path, flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--resume", str(kept), *flags]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"convviz train: {sentence}")
    assert error.count("\n") == 1


def test_that_another_data_set_is_refused(kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = load_builtin().take(200, 50)
    save_hdf5(tmp_path / "same.h5", data)
    same = ["train", "--resume", str(kept), "--epochs", "3", "--dataroot", str(tmp_path / "same.h5")]
    assert main(same) == 0, "the images that were used are the same, whatever the file is called"
    capsys.readouterr()
    with h5py.File(tmp_path / "same.h5", "r+") as file:
        file["x_train"][7, 300] += np.float32(0.25 if file["x_train"][7, 300] < 0.5 else -0.25)
    assert main([*same, "--epochs", "4"]) == 2
    error = capsys.readouterr().err
    assert "expected the data that the network was trained on, same with 150 training and 40 test images" in error
    assert error.endswith("got same with other training images or labels\n")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (
            ["--save", "/nowhere/at/all.h5"],
            "--save /nowhere/at/all.h5: expected a folder to write in, found no /nowhere/at",
        ),
        (["--resume", "nowhere.h5"], "nowhere.h5: expected a convviz checkpoint, found nothing there"),
    ],
)
def test_that_a_file_that_can_not_be_used_is_refused_before_any_data_is_read(
    flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convviz.cli.train.load", None)
    assert main(["train", *flags]) == 2
    assert capsys.readouterr().err == f"convviz train: {sentence}\n"


def test_that_a_data_set_is_not_overwritten_by_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data.h5"
    save_hdf5(data, load_builtin().take(50, 20))
    before = data.read_bytes()
    assert main(["train", "--dataroot", str(data), "--save", str(data)]) == 2
    told = f"convviz train: --save {data}: expected a file of its own, got the one that --dataroot names\n"
    assert capsys.readouterr().err == told
    assert data.read_bytes() == before


def test_that_the_file_is_no_larger_than_what_it_keeps(kept: Path) -> None:
    arrays = load_checkpoint(kept).arrays
    assert kept.stat().st_size < sum(array.nbytes for array in arrays.values()) + 20_000


@pytest.mark.usefixtures("interrupts")
def test_that_a_name_that_ends_in_npz_keeps_the_weights_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.npz"
    interrupt_after(monkeypatch, 3)
    assert main(["train", *SMALL, "--epochs", "2", "--save", str(path)]) == 130
    assert capsys.readouterr().err.endswith(f"kept in {path}\n")
    assert main(["train", "--resume", str(path)]) == 2
    told = capsys.readouterr().err
    assert f"{path}: expected a checkpoint to go on with, got a file of weights alone" in told
    assert main(["predict", "--model", str(path), "--json"]) == 0
    with np.load(path, allow_pickle=False) as kept:
        assert kept["conv1.weight"].ndim == 4

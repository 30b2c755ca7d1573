"""Sweeps on a cluster of two processes: the numbers of ``train``, whatever happens to the workers."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from small_run import DESIGN, noise_data

pytest.importorskip("distributed", reason="sweeps need Dask: pip install 'convviz[sweep]'")

import convviz
from convviz.core.fast import is_installed
from convviz.data.dataset import Dataset
from convviz.files.errors import OutputError
from convviz.sweeps import warming
from convviz.sweeps.engine import SweepEngine
from convviz.sweeps.events import RunChanged, RunLive, SweepEvent, SweepProgress
from convviz.sweeps.folder import SweepFolder, new_folder, resumed_folder
from convviz.sweeps.halving import Halving
from convviz.sweeps.images import ArrivedImages
from convviz.sweeps.manifest import Manifest
from convviz.sweeps.plan import Sweep
from convviz.sweeps.running import plan, print_of
from convviz.sweeps.stage import Outcome, SweepStage, train_stage
from convviz.sweeps.values import read_axis
from convviz.sweeps.workers import Workers, elsewhere, local_workers

DATA = noise_data()
LR = read_axis(DESIGN, "training.optimiser.lr=0.01,0.1")
LONG = replace(DESIGN, training=replace(DESIGN.training, epochs=400))
"""Long enough to be interrupted."""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    warming.begin(DESIGN)
    with local_workers(2, 1) as found:
        yield found


def swept(
    out: Path,
    sweep: Sweep,
    workers: Workers,
    data: Dataset = DATA,
    on_event: Callable[[SweepEvent], object] | None = None,
    stop: Callable[[], bool] | None = None,
    retries: int = 2,
) -> Manifest:
    with new_folder(out, sweep, plan(sweep, data), print_of(data)) as folder:
        return SweepEngine(folder, data, workers, on_event=on_event, stop=stop, retries=retries, every=0.01).work()


def check_same_as_train(out: Path, folder_runs: Manifest, sweep: Sweep, data: Dataset = DATA) -> None:
    """Every run is done exactly once, with the numbers of ``train``."""
    possible = [run for run in plan(sweep, data) if not run.problem]
    assert len(list(out.glob("*.cvz"))) == len(possible)
    for run in possible:
        record = folder_runs.runs[run.number - 1]
        wanted = convviz.train(run.design, data, threads=1)
        with convviz.open_run(out / record.file) as recorded:
            got = [(one.loss, one.train_accuracy, one.test_accuracy) for one in recorded.history]
            assert got == [(one.loss, one.train_accuracy, one.test_accuracy) for one in wanted.history]
            assert recorded.minibatches.steps.tolist() == list(range(1, wanted.place.step + 1))
            assert recorded.ended == "finished"
        assert (record.state, record.accuracy) == ("finished", wanted.history[-1].test_accuracy)


def test_that_a_sweep_has_the_numbers_of_train(tmp_path: Path, workers: Workers) -> None:
    sweep = Sweep(DESIGN, (LR, read_axis(DESIGN, "layers.conv1.kernel=3,40")), seeds=2)
    told: list[SweepEvent] = []
    done = swept(tmp_path, sweep, workers, on_event=told.append)
    assert (done.count("finished"), done.count("impossible")) == (4, 4)
    check_same_as_train(tmp_path, done, sweep)
    changed = [event.run.number for event in told if isinstance(event, RunChanged)]
    assert sorted(changed) == [1, 2, 5, 6]
    last = told[-1]
    assert isinstance(last, SweepProgress)
    assert (last.runs, last.over, last.failed, last.live, last.left) == (4, 4, 0, (), 0.0)


def test_that_workers_use_the_kernels_that_are_wanted_now(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that they are forked from may have begun when others were."""
    assert workers.client.submit(is_installed).result() == is_installed()
    monkeypatch.setenv("CONVVIZ_FAST", "0")
    with local_workers(1, 1) as others:
        assert others.client.submit(is_installed).result() is False


def test_that_a_run_whose_worker_is_killed_goes_on(tmp_path: Path, workers: Workers) -> None:
    sweep = Sweep(LONG, (LR,))
    killed: set[int] = set()

    def kill_once_each(event: SweepEvent) -> None:
        if isinstance(event, RunLive) and event.step > 20 and event.number not in killed:
            killed.add(event.number)
            os.kill(int(event.worker.rpartition(":")[2]), signal.SIGKILL)

    done = swept(tmp_path, sweep, workers, on_event=kill_once_each)
    assert killed  # both, unless one was done before it was heard of
    check_same_as_train(tmp_path, done, sweep)


def test_that_a_sweep_is_stopped_and_resumed(tmp_path: Path, workers: Workers) -> None:
    sweep = Sweep(LONG, (LR,))
    begun: list[int] = []

    def note(event: SweepEvent) -> None:
        if isinstance(event, RunLive) and event.step > 20:
            begun.append(event.number)

    stopped = swept(tmp_path, sweep, workers, on_event=note, stop=lambda: bool(begun))
    assert stopped.count("waiting") >= 1
    with resumed_folder(tmp_path) as folder:
        done = SweepEngine(folder, DATA, workers).work()
    check_same_as_train(tmp_path, done, sweep)


def test_that_halving_trains_the_best_to_the_end(tmp_path: Path, workers: Workers) -> None:
    four = replace(DESIGN, training=replace(DESIGN.training, epochs=4))
    sweep = Sweep(four, (read_axis(four, "training.optimiser.lr=0.001..0.1:log:4"),), seeds=2, halving=Halving(1, 2))
    done = swept(tmp_path, sweep, workers)
    assert sorted(run.epochs for run in done.runs) == [1, 1, 1, 1, 2, 2, 4, 4]
    assert (done.count("finished"), done.count("ended early")) == (2, 6)
    first = {run.number: convviz.train(run.design, DATA, epochs=1).history[0] for run in plan(sweep, DATA)}
    means = [first[number].test_accuracy + first[number + 1].test_accuracy for number in (1, 3, 5, 7)]
    kept = {run.number for run in done.runs if run.epochs > 1}
    best = sorted(range(4), key=lambda at: (-means[at], at))[:2]
    assert kept == {2 * at + 1 for at in best} | {2 * at + 2 for at in best}
    with resumed_folder(tmp_path) as folder:
        assert SweepEngine(folder, DATA, workers).work().runs == done.runs


def test_that_a_run_that_its_machine_fails_is_tried_again_and_then_said(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convviz.sweeps.engine.train_stage", fails_with_seed_one)
    done = swept(tmp_path, Sweep(DESIGN, (LR,), seeds=2), workers, retries=1)
    assert [run.state for run in done.runs] == ["finished", "failed"] * 2
    assert done.runs[1].sentence == f"{done.runs[1].file}: No space left on device"
    assert len(list(tmp_path.glob("*.tried"))) == 4  # two runs, twice each
    monkeypatch.undo()
    with resumed_folder(tmp_path) as folder:
        done = SweepEngine(folder, DATA, workers).work()
    check_same_as_train(tmp_path, done, Sweep(DESIGN, (LR,), seeds=2))


def fails_with_seed_one(stage: SweepStage, images: ArrivedImages) -> Outcome:
    if "seed = 1" in stage.design:
        number = len(list(Path(stage.folder).glob(f"{stage.number}-*.tried")))
        (Path(stage.folder) / f"{stage.number}-{number}.tried").touch()
        raise OSError("No space left on device")
    return train_stage(stage, images)


def test_that_a_worker_with_a_full_disk_takes_no_run_along(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convviz.sweeps.engine.train_stage", fails_in_one_process)
    workers.client.wait_for_workers(2, timeout=120)  # another test may have killed one
    sweep = Sweep(DESIGN, (LR,), seeds=3)
    done = swept(tmp_path, sweep, workers, retries=1)
    assert [run.state for run in done.runs] == ["finished"] * 6
    assert (tmp_path / "full").read_text(encoding="ascii")  # it was tried
    check_same_as_train(tmp_path, done, sweep)


def fails_in_one_process(stage: SweepStage, images: ArrivedImages) -> Outcome:
    """In the first process that is asked."""
    full = Path(stage.folder) / "full"
    with contextlib.suppress(FileExistsError), full.open("x", encoding="ascii") as file:
        file.write(str(os.getpid()))
    if full.read_text(encoding="ascii") == str(os.getpid()):
        raise OSError("No space left on device")
    return train_stage(stage, images)


def test_that_a_full_disk_of_another_machine_is_said_to_be_its(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convviz.sweeps.engine.all_see", lambda *_: False)
    monkeypatch.setattr("convviz.sweeps.engine.train_stage", finds_a_full_disk)
    done = swept(tmp_path, Sweep(DESIGN, (LR,)), workers, retries=1)
    assert [run.sentence for run in done.runs] == ["on 127.0.0.1: /tmp/1.cvz: can't be written: the disk is full"] * 2


def finds_a_full_disk(_stage: SweepStage, _images: ArrivedImages) -> Outcome:
    raise OutputError("/tmp/1.cvz: can't be written: the disk is full")


def test_that_a_run_is_tried_again_on_another_machine_if_there_is_one() -> None:
    workers = ["tcp://10.0.0.1:1", "tcp://10.0.0.1:2", "tcp://10.0.0.2:1"]
    assert elsewhere(workers, [workers[0]]) == [workers[2]]
    assert elsewhere(workers[:2], [workers[0]]) == [workers[1]]
    assert elsewhere(workers[:1], [workers[0]]) == []
    assert elsewhere(workers, [workers[1], workers[2]]) == [workers[0]]


def test_that_recordings_come_back_from_workers_that_do_not_see_the_folder(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convviz.sweeps.engine.all_see", lambda *_: False)
    sweep = Sweep(DESIGN, (LR,))
    done = swept(tmp_path, sweep, workers)
    check_same_as_train(tmp_path, done, sweep)


def test_that_images_are_sent_again_when_all_that_had_them_are_gone(tmp_path: Path, workers: Workers) -> None:
    sweep = Sweep(LONG, (LR,))
    killed: list[int] = []

    def kill_all(event: SweepEvent) -> None:
        if isinstance(event, SweepProgress) and len(event.live) == 2 and not killed:
            killed.extend(int(live.worker.rpartition(":")[2]) for live in event.live)
            for process in killed:
                os.kill(process, signal.SIGKILL)

    done = swept(tmp_path, sweep, workers, on_event=kill_all)
    assert len(set(killed)) == 2
    check_same_as_train(tmp_path, done, sweep)


def test_that_python_sweeps_and_refuses_to_resume_another_sweep(tmp_path: Path) -> None:
    out = tmp_path / "out"
    over = {"training.optimiser.lr": [0.01, 0.1]}
    done = convviz.sweep(DESIGN, DATA, over, out=out, workers=1)
    check_same_as_train(out, done, Sweep(DESIGN, (LR,)))
    again = convviz.sweep(DESIGN, DATA, over, out=out, workers=1, resume=True)
    assert again.runs == done.runs
    with pytest.raises(convviz.SweepError, match="expected the sweep of these fields and values"):
        convviz.sweep(DESIGN, DATA, over, out=out, seeds=3, resume=True)
    stop_one(out)
    with pytest.raises(convviz.SweepError, match="expected the data that the network was trained on"):
        convviz.sweep(DESIGN, noise_data(seed=5), over, out=out, resume=True)


def stop_one(out: Path) -> None:
    """Take a recording away, so that there is something to do."""
    with resumed_folder(out) as folder:
        assert isinstance(folder, SweepFolder)
        (out / folder.manifest.runs[0].file).unlink()

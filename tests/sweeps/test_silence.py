"""Sweeps of which Dask loses something and does not say so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from small_run import DESIGN, noise_data

pytest.importorskip("distributed", reason="sweeps need Dask: pip install 'convviz[sweep]'")

from distributed import Future

from convviz.sweeps import silence, warming
from convviz.sweeps.engine import SweepEngine
from convviz.sweeps.events import RunLive, SweepEvent
from convviz.sweeps.folder import new_folder
from convviz.sweeps.images import send_images
from convviz.sweeps.manifest import Manifest
from convviz.sweeps.plan import Sweep
from convviz.sweeps.running import plan, print_of
from convviz.sweeps.silence import UNANSWERED, Silence
from convviz.sweeps.values import read_axis
from convviz.sweeps.workers import Workers, local_workers

DATA = noise_data()
LR = read_axis(DESIGN, "training.optimiser.lr=0.01,0.1")
LONG = replace(DESIGN, training=replace(DESIGN.training, epochs=400))
"""Long enough to be interrupted."""
TOO_LONG = 120.0
"""Seconds after which a sweep that waits for ever is stopped, so that its test fails."""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    warming.begin(DESIGN)
    with local_workers(1, 1) as found:
        yield found


def swept(
    out: Path, sweep: Sweep, workers: Workers, on_event: Callable[[SweepEvent], object] | None = None
) -> Manifest:
    end = time.monotonic() + TOO_LONG
    with new_folder(out, sweep, plan(sweep, DATA), print_of(DATA)) as folder:
        engine = SweepEngine(folder, DATA, workers, on_event=on_event, stop=lambda: time.monotonic() > end, every=0.01)
        return engine.work()


def on_scheduler(workers: Workers, what: Callable[[Any], object]) -> None:
    """Do something in the loop of the scheduler, which belongs to this process."""
    scheduler = workers.client.cluster.scheduler  # type: ignore[union-attr]

    async def done() -> None:
        what(scheduler)

    workers.client.sync(done)


def test_that_runs_are_sent_again_that_the_scheduler_has_forgotten(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "PATIENCE", 0.5)
    forgotten: list[str] = []

    def forget(scheduler: Any) -> None:
        forgotten.extend(key for key in scheduler.tasks if key.startswith("convviz-"))
        scheduler.client_releases_keys(keys=list(forgotten), client=workers.client.id)

    def forget_once(event: SweepEvent) -> None:
        if isinstance(event, RunLive) and not forgotten:
            on_scheduler(workers, forget)

    done = swept(tmp_path, Sweep(LONG, (LR,)), workers, forget_once)
    assert forgotten
    assert done.count("finished") == 2


def test_that_images_are_sent_again_that_nobody_has(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "PATIENCE", 0.5)
    sent: list[Any] = []

    def lost_once(client: Any, data: Any) -> Any:
        if sent:
            sent.append(send_images(client, data))
        else:
            where = {"nobody-has": []}
            on_scheduler(
                workers, lambda one: one.update_data(who_has=where, nbytes={"nobody-has": 1}, client=client.id)
            )
            sent.append(Future("nobody-has", client))
        return sent[-1]

    monkeypatch.setattr("convviz.sweeps.engine.send_images", lost_once)
    done = swept(tmp_path, Sweep(DESIGN, (LR,)), workers)
    assert len(sent) >= 2
    assert done.count("finished") == 2


def test_that_images_are_sent_though_a_worker_can_not_be_reached(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convviz.sweeps.images.COPYING", 0.1)
    asked: list[object] = []

    async def never(*args: object, **_: object) -> set[str]:
        asked.append(args)
        raise OSError("no route to host")

    monkeypatch.setattr(workers.client, "_replicate", never)
    assert send_images(workers.client, DATA).status == "finished"
    assert asked


class Answers:
    """A client whose workers train what they are said to."""

    scheduler: Any
    call_stack, ncores = "call_stack", "ncores"

    def __init__(self, trained: dict[str, dict[str, str]] | None, threads: dict[str, int]) -> None:
        self.scheduler, self._trained, self._threads = self, trained, threads

    def sync(self, what: str, callback_timeout: float) -> Any:
        if self._trained is None:
            raise TimeoutError
        return self._trained if what == self.call_stack else self._threads


@pytest.mark.parametrize(
    ("trained", "threads", "lost"),
    [
        ({"a": {"ours-1": ""}}, {"a": 1, "b": 1}, False),
        ({"a": {"theirs": ""}}, {"a": 1}, False),
        ({"a": {"theirs": ""}}, {"a": 1, "b": 1}, True),
        ({}, {"a": 1}, True),
        ({}, {}, True),
    ],
)
def test_what_a_silence_means(
    trained: dict[str, dict[str, str]], threads: dict[str, int], lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(silence, "time", SimpleNamespace(monotonic=lambda: now[0]))  # not that of Dask's loops
    one = Silence(Answers(trained, threads), "ours")  # type: ignore[arg-type]
    assert not one.is_lost()
    now[0] += silence.PATIENCE
    assert one.is_lost() == lost
    assert not one.is_lost()
    now[0] += silence.PATIENCE
    assert not one.is_lost()  # not asked yet after one that was lost: what is sent again may take long
    now[0] += silence.PATIENCE
    assert one.is_lost() == lost


def test_that_workers_that_never_answer_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(silence, "time", SimpleNamespace(monotonic=lambda: now[0]))  # not that of Dask's loops
    one = Silence(Answers(None, {"a": 1}), "ours")  # type: ignore[arg-type]
    said = []
    for _ in range(UNANSWERED):
        now[0] += silence.PATIENCE
        said.append(one.is_lost())
    assert said == [False] * (UNANSWERED - 1) + [True]

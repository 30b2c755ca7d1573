"""Hands the runs of a sweep to Dask and takes what comes back.

Dask decides which worker trains which run, and starts a run again whose worker was lost. What is decided here is only
what follows from the runs: which stage of a run comes next, which runs go on after a round of successive halving, and
that a run that failed because of its machine is tried again on another one.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from convviz.core.errors import ConvvizError
from convviz.data.dataset import Dataset
from convviz.files.atomic import write_bytes_atomically
from convviz.storage.designs import write_design
from convviz.sweeps.errors import SweepError
from convviz.sweeps.estimate import epoch_work
from convviz.sweeps.events import RunChanged, RunLive, SweepEvent, SweepProgress
from convviz.sweeps.folder import SweepFolder
from convviz.sweeps.images import SENDING, send_images
from convviz.sweeps.manifest import NAME, Manifest, RunRecord
from convviz.sweeps.plan import PlannedRun
from convviz.sweeps.rounds import Rounds
from convviz.sweeps.silence import Silence
from convviz.sweeps.stage import Outcome, SweepStage, attempt, train_stage, worker_of
from convviz.sweeps.workers import Workers, all_see, elsewhere, host_of

if TYPE_CHECKING:
    from distributed import Future

__all__ = ["SweepEngine"]

TICK = 0.25
"""Seconds between two questions whether to stop."""
RETRIES = 2
LOST = 20
"""How often all workers may be lost before the sweep is given up, and a run's worker before the run is."""
PATIENCE = 60.0
"""Seconds to wait until lost workers are back."""
MENDED_EVERY = 2.0
"""Seconds between two looks at whether all workers are there."""
TOLD_EVERY = 0.25
"""Seconds between two reports of the whole."""


@dataclass(slots=True)
class WaitingRun:
    """A run with a stage still to be trained.

    Parameters
    ----------
    run : PlannedRun
    epochs, rung : int
        Epochs that are done, and the round of halving.
    deaths : int
        How many workers were lost with it.
    failed : tuple of str
        Addresses of the workers in which it failed, each time.
    future : Future
    """

    run: PlannedRun
    epochs: int
    rung: int = 0
    deaths: int = 0
    failed: tuple[str, ...] = ()
    future: Any = None


class SweepEngine:
    """Trains the runs of a sweep's folder.

    Parameters
    ----------
    folder : SweepFolder
        Open, with its runs.
    data : Dataset
        Every design takes its images from it.
    workers : Workers
    on_event : callable, optional
        Called in the thread of :meth:`work`.
    stop : callable, optional
        Asked a few times a second; once it says yes, the runs in training are held at their next minibatch.
    retries : int
        How often a run is tried again that failed because of its machine.
    every : float
        Seconds between two reports of a run.
    """

    def __init__(
        self,
        folder: SweepFolder,
        data: Dataset,
        workers: Workers,
        *,
        on_event: Callable[[SweepEvent], object] | None = None,
        stop: Callable[[], bool] | None = None,
        retries: int = RETRIES,
        every: float = 0.5,
    ) -> None:
        self._every = every
        self._folder, self._data, self._workers = folder, data, workers
        self._on_event, self._stop, self._retries = on_event, stop, retries
        self._client = workers.client
        self._queue: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._topic = f"convviz-{folder.manifest.id}"
        self._silence = Silence(self._client, self._topic)
        self._live: dict[int, RunLive] = {}
        self._jobs: dict[str, WaitingRun] = {}
        self._images: Future | None = None
        self._losses = 0
        self._began = time.monotonic()
        self._first: float | None = None
        """When the first run began."""
        self._told_at = self._mended = 0.0
        self._rounds = Rounds(folder)
        self._work = epoch_work(folder.runs)
        self._sent = False
        self._work_before = 0.0

    def work(self) -> Manifest:
        """Train all runs that are not over, until all are or ``stop`` says yes.

        Raises
        ------
        SweepError
            The scheduler was lost, or the folder can't be written.
        """
        path, its = self._folder.path / NAME, self._folder.manifest.id
        self._sent = not self._at_last(lambda: all_see(self._client, path, its))
        self._client.subscribe_topic(self._topic, lambda event: self._queue.put(("told", event[1])))
        self._scatter()
        self._work_before = self._folder.share_done(self._live)
        try:
            self._submit_next()
            while self._jobs:
                self._take()
                self._mend()
                if self._stop is not None and self._stop():
                    break
                self._tell_progress()
        finally:
            self._client.unsubscribe_topic(self._topic)
            self._hold()
        self._tell_progress(at_once=True)
        return self._folder.manifest

    # --- what comes next ---------------------------------------------------------------------------------------

    def _submit_next(self) -> None:
        """Submit the next stage of every run that has one, and is not there already."""
        rung = self._rounds.now(self._end_early)
        busy = {job.run.number for job in self._jobs.values()}
        pairs = zip(self._folder.runs, self._folder.manifest.runs, strict=True)
        jobs = [
            WaitingRun(run, record.epochs, rung)
            for run, record in pairs
            if not record.is_over and run.number not in busy and record.epochs < self._rounds.until(run, rung)
        ]
        for job in sorted(jobs, key=lambda job: -self._work[job.run.number]):
            self._submit(job)  # the long ones first, so that none is left alone at the end

    def _end_early(self, run: PlannedRun, sentence: str) -> None:
        record = self._folder.manifest.runs[run.number - 1]
        self._changed(replace(record, state="ended early", sentence=sentence))

    def _submit(self, job: WaitingRun) -> None:
        until = self._rounds.until(job.run, job.rung)
        record = self._folder.manifest.runs[job.run.number - 1]
        path = self._folder.path / record.file
        begun = b""
        if self._sent:
            # What comes back after every epoch is what a lost run goes on from.
            until = min(until, job.epochs + 1)
            begun = path.read_bytes() if path.exists() else b""
        stage = SweepStage(
            job.run.number,
            str(self._folder.path.resolve()),
            record.file,
            write_design(job.run.design),
            until,
            self._workers.threads,
            self._topic,
            self._sent,
            begun,
            self._every,
        )
        job.future = self._client.submit(
            attempt,
            train_stage,
            stage,
            self._images,
            key=f"{self._topic}-{job.run.number}-{until}-{self._losses}-{job.deaths}-{len(job.failed)}",
            workers=self._others(job) or None,
            pure=False,
        )
        self._jobs[job.future.key] = job
        job.future.add_done_callback(lambda future: self._queue.put(("done", future)))

    def _others(self, job: WaitingRun) -> list[str]:
        """Workers on other machines than those where a run failed, whose disks may be full."""
        if not job.failed:
            return []
        try:
            return elsewhere(self._client.nthreads(), job.failed)
        except OSError:  # no answer: the next turn checks the scheduler
            return []

    # --- what comes back ---------------------------------------------------------------------------------------

    def _take(self) -> None:
        """Take what has come, or wait a moment for it."""
        try:
            kind, what = self._queue.get(timeout=TICK)
        except queue.Empty:
            self._check_scheduler()
            if self._silence.is_lost():
                self._lost()
            return
        self._silence.heard()
        while True:
            if kind == "told":
                self._told(what)
            else:
                self._came(what)
            try:
                kind, what = self._queue.get_nowait()
            except queue.Empty:
                return

    def _told(self, what: dict[str, Any]) -> None:
        number = int(what["number"])
        self._first = self._first or time.monotonic()
        if what.get("began"):
            self._live[number] = RunLive(number, int(what.get("step", 0)), worker=str(what["where"]))
        else:
            live = RunLive(number, what["step"], what["steps"], what["epoch"], what["loss"], str(what["where"]))
            self._live[number] = live
        if all(job.run.number != number for job in self._jobs.values()):
            del self._live[number]  # reported before the run ended, received after it
        elif self._on_event is not None:
            self._on_event(self._live[number])

    def _came(self, future: Future) -> None:
        job = self._jobs.get(future.key)
        if job is None or job.future is not future:
            return
        if future.status == "finished":
            try:
                outcome = future.result(SENDING)
            except TimeoutError:  # the result was lost after Dask had reported it
                self._lost()
                return
            except Exception as error:  # noqa: BLE001 (whatever its worker raised)
                self._failed(job, error)
            else:
                self._ended(job, outcome)
        elif future.status == "error":
            self._failed(job, future.exception() or RuntimeError("it failed"))
        else:
            self._lost()
            return
        self._submit_next()

    def _drop(self, job: WaitingRun) -> None:
        self._live.pop(job.run.number, None)
        del self._jobs[job.future.key]
        job.future.release()

    def _ended(self, job: WaitingRun, outcome: Outcome) -> None:
        self._drop(job)
        record = self._folder.manifest.runs[job.run.number - 1]
        if outcome.recording:
            try:
                write_bytes_atomically(self._folder.path / record.file, outcome.recording)
            except OSError as error:
                raise SweepError(
                    f"{self._folder.path / record.file}: can't be written: {error.strerror or error}"
                ) from None
        self._changed(self._folder.record_of(record, outcome.so_far, job.run))

    def _failed(self, job: WaitingRun, error: BaseException) -> None:
        from distributed import CancelledError, KilledWorker

        if isinstance(error, CancelledError):
            self._lost()
            return
        self._drop(job)
        if isinstance(error, KilledWorker):
            if job.deaths < LOST:
                # A scheduler with other settings gives a run up after a few workers; each has trained a part of it.
                self._submit(WaitingRun(job.run, job.epochs, job.rung, job.deaths + 1, job.failed))
                return
        elif len(job.failed) < self._retries:
            self._submit(WaitingRun(job.run, job.epochs, job.rung, job.deaths, (*job.failed, worker_of(error))))
            return
        record = self._folder.manifest.runs[job.run.number - 1]
        sentence = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, KilledWorker):
            sentence = f"{record.file}: too many workers were lost while they trained it"
        elif isinstance(error, MemoryError):
            sentence = f"{record.file}: there was not enough memory for it"
        elif not isinstance(error, ConvvizError):
            sentence = f"{record.file}: {sentence}"
        if self._sent and worker_of(error):
            sentence = f"on {host_of(worker_of(error))}: {sentence}"
        self._changed(replace(record, state="failed", sentence=sentence))

    def _lost(self) -> None:
        """Workers were lost with images or results: send the images and all unfinished runs again."""
        self._check_scheduler()
        self._losses += 1
        if self._losses > LOST:
            raise SweepError(f"{self._workers.words}: expected workers that stay, lost all of them {LOST} times")
        jobs = list(self._jobs.values())
        self._client.cancel([job.future for job in jobs], force=True)
        self._jobs.clear()
        self._live.clear()
        self._scatter()
        self._submit_next()

    def _check_scheduler(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise SweepError(
                f"{self._workers.words}: expected the scheduler to stay, lost it; --resume goes on where the sweep is"
            )

    def _scatter(self) -> None:
        """Send the images to all workers, once for all runs."""
        self._images = self._at_last(lambda: send_images(self._client, self._data))
        self._silence.heard()

    def _mend(self) -> None:
        """Start what is missing of the workers."""
        if time.monotonic() - self._mended > MENDED_EVERY:
            self._workers.mend()
            self._mended = time.monotonic()

    def _at_last(self, what: Callable[[], Any]) -> Any:
        """Ask all workers something; ask again if one of them is lost meanwhile."""
        end = time.monotonic() + PATIENCE
        while True:
            self._check_scheduler()
            try:
                return what()
            except (OSError, KeyError):  # no connection, or no answer in time; a worker that was lost after its answer
                if time.monotonic() > end or (self._stop is not None and self._stop()):
                    raise SweepError(
                        f"{self._workers.words}: expected workers that answer, got none for {PATIENCE:.0f} s"
                    ) from None
            self._mend()
            time.sleep(TICK)

    def _hold(self) -> None:
        """Cancel what is not done; the runs in training stop at their next minibatch."""
        if self._jobs and self._client.status == "running":
            self._client.cancel([job.future for job in self._jobs.values()], force=True)
            self._folder.wait_until_written([job.run.number for job in self._jobs.values()])
        self._jobs.clear()
        self._live.clear()

    # --- what is told ------------------------------------------------------------------------------------------

    def _changed(self, record: RunRecord) -> None:
        self._folder.write(record)
        if self._on_event is not None:
            self._on_event(RunChanged(record))

    def _tell_progress(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if self._on_event is None or (now - self._told_at < TOLD_EVERY and not at_once):
            return
        self._told_at = now
        manifest = self._folder.manifest
        possible = len(manifest.runs) - manifest.count("impossible")
        over = manifest.count("finished", "ended early", "failed")
        share = self._folder.share_done(self._live)
        gained = share - self._work_before
        left = None
        if self._first is not None and gained > 0.01:
            left = (now - self._first) * (1 - share) / gained
        live = tuple(self._live[number] for number in sorted(self._live))
        self._on_event(SweepProgress(possible, over, manifest.count("failed"), live, now - self._began, left))

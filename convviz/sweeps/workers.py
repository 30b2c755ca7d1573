"""The workers of a sweep: processes on this machine, or the workers of a running scheduler."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import logging
import os
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convviz.core.fast import SWITCH
from convviz.machine import cores
from convviz.storage.recording.head import Machine, this_machine
from convviz.sweeps.errors import SweepError
from convviz.sweeps.warming import METHOD

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Workers", "check_dask", "local_workers", "workers_of_scheduler"]

CONNECTING = 10
"""Seconds to wait for a scheduler, and then for its first worker."""
DEATHS = 100
"""Workers that may be lost while they train one run: it goes on where it was."""
CONFIGURATION = {
    "distributed.scheduler.allowed-failures": DEATHS,
    # A run may take hours, and holds Python's lock for a while now and then: no reason to give a worker up.
    "distributed.admin.tick.limit": "1h",
    "distributed.deploy.lost-worker-timeout": "10s",
    # Otherwise Dask samples its own threads a hundred times a second.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.diagnostics.nvml": False,
    # It would remove copies that were sent to several workers.
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.multiprocessing-method": METHOD,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
}


@dataclass(frozen=True, slots=True, eq=False)
class Workers:
    """Where runs are trained.

    Parameters
    ----------
    client : distributed.Client
    threads : int
        Of each trainer, so that all trainers together use every core once.
    words : str
        ``2 processes on this machine``.
    mend : callable
        Starts the processes that are missing.
    """

    client: Client
    threads: int
    words: str
    mend: Callable[[], object] = lambda: None


def check_dask() -> None:
    """Refuse to sweep without Dask.

    Raises
    ------
    SweepError
    """
    if importlib.util.find_spec("distributed") is None:
        raise SweepError(
            "a sweep needs Dask, which is not installed: expected it from pip install 'convviz[sweep]', found none"
        )


@contextlib.contextmanager
def local_workers(count: int | None = None, threads: int | None = None) -> Iterator[Workers]:
    """Processes on this machine, which end with the block.

    Parameters
    ----------
    count : int, optional
        One a core unless given.
    threads : int, optional
        Of each trainer; the cores divided by the workers unless given.

    Raises
    ------
    SweepError
        Dask is missing, or no process can be started.
    """
    check_dask()
    count = count or cores()
    threads = threads or max(1, cores() // count)
    with ExitStack() as stack:
        with uncollected():
            import dask
            from distributed import Client, LocalCluster

            stack.enter_context(quiet())
            stack.enter_context(dask.config.set(CONFIGURATION))
            try:
                cluster = LocalCluster(
                    n_workers=count,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                    # The process that they are forked from may have started with another value.
                    env={SWITCH: os.environ.get(SWITCH, "1")},
                )
            except (OSError, RuntimeError, TimeoutError) as error:
                raise SweepError(f"workers: expected {count} processes to start, got: {error}") from None
        with cluster, Client(cluster, set_as_default=False) as client:
            words = f"{count} {'process' if count == 1 else 'processes'} on this machine"
            # Dask starts a process again that was lost, but not one that was lost while it started.
            yield Workers(client, threads, words, partial(cluster.scale, count))


@contextlib.contextmanager
def workers_of_scheduler(address: str, threads: int | None = None) -> Iterator[Workers]:
    """The workers of a scheduler that runs already.

    Raises
    ------
    SweepError
        Dask is missing, nobody answers, there is no worker, or a worker has no convviz of this version.
    """
    check_dask()
    from distributed import Client

    wanted = f"--scheduler {address}: expected a Dask scheduler, such as tcp://192.168.0.7:8786"
    with quiet():
        try:
            client = Client(address, timeout=CONNECTING, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
            reason = "got no answer" if isinstance(error, OSError | TimeoutError) else f"got: {error}"
            raise SweepError(f"{wanted}, {reason}") from None
        with client:
            try:
                client.wait_for_workers(1, timeout=CONNECTING)
            except TimeoutError:
                raise SweepError(
                    f"--scheduler {address}: expected at least one worker, such as dask worker {address}, found none"
                ) from None
            most, slots = check_workers(client, address)
            words = f"{slots} {'worker' if slots == 1 else 'workers'} of {address}"
            yield Workers(client, threads or most, words)


def check_workers(client: Client, address: str) -> tuple[int, int]:
    """Ask every worker what it is: the threads of a trainer, and how many train at the same time.

    Raises
    ------
    SweepError
        One has another convviz, or none.
    """
    try:
        found: dict[str, tuple[Machine, int]] = client.run(what_you_are)
    except Exception as error:  # noqa: BLE001 (whatever happens there)
        raise SweepError(
            f"--scheduler {address}: expected workers with convviz {this_machine().convviz}, got: {error}"
        ) from None
    hosts: dict[str, int] = {}
    slots: dict[str, int] = client.nthreads()
    for worker, count in slots.items():
        hosts[host_of(worker)] = hosts.get(host_of(worker), 0) + count
    most = 256
    for worker, (machine, its_cores) in found.items():
        if machine.convviz != this_machine().convviz:
            raise SweepError(
                f"--scheduler {address}: expected workers with convviz {this_machine().convviz}, "
                f"got one with {machine.convviz}: {worker}"
            )
        most = min(most, max(1, its_cores // max(1, hosts.get(host_of(worker), 1))))
    return most, sum(slots.values())


def what_you_are() -> tuple[Machine, int]:
    """Machine and cores of a worker; runs there."""
    return this_machine(), cores()


def sees(path: str, id: str) -> bool:  # noqa: A002 (as in the manifest)
    """Whether a worker sees the sweep's folder under the same path; runs there."""
    try:
        return id.encode() in Path(path).read_bytes()
    except OSError:
        return False


def all_see(client: Client, path: Path, id: str) -> bool:  # noqa: A002
    """Whether all workers see the manifest, so that they write their recordings beside it."""
    answers: dict[Any, bool] = client.run(sees, str(path.resolve()), id)
    return all(answers.values())


def host_of(worker: str) -> str:
    """``tcp://192.168.0.7:40123`` → ``192.168.0.7``."""
    return worker.rpartition("://")[2].rpartition(":")[0]


def elsewhere(workers: Iterable[str], failed: Collection[str]) -> list[str]:
    """The workers on other machines than those that failed, or else the other ones on this machine."""
    hosts, there = set(map(host_of, failed)), list(workers)
    others = [worker for worker in there if host_of(worker) not in hosts]
    return others or [worker for worker in there if worker not in failed]


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Switch Python's garbage collector off for a block whose objects nearly all stay alive."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence Dask's own messages: the sweep reports what matters."""
    names = ("distributed", "distributed.client", "distributed.core", "distributed.scheduler", "distributed.nanny")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"distributed\..*")
            warnings.filterwarnings("ignore", category=ResourceWarning)
            yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)

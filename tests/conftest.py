"""What every test stands on: which Qt platform the tests draw with, and how signals reach them.

The tests draw offscreen, so that they need no display and show no windows. ``CONVVIZ_TEST_PLATFORM=xcb`` (or
another name of a Qt platform) runs them in real windows instead: inside Xvfb where pytest-xvfb finds it.
A single test that needs a real window starts the app in a process of its own: see ``real_window`` in
``tests/ui/conftest.py``.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from convviz.data.dataset import Dataset

SUPPORT = Path(__file__).resolve().parent / "support"
if str(SUPPORT) not in sys.path:
    sys.path.insert(0, str(SUPPORT))
# Before any of them is imported: checks that lie there say what differed, as asserts in a test do.
pytest.register_assert_rewrite(*(one.stem for one in SUPPORT.glob("*.py")))

PLATFORM = os.environ.get("CONVVIZ_TEST_PLATFORM", "offscreen")

# Before anything imports Qt: pytest-qt's application reads it when the first test asks for it.
os.environ["QT_QPA_PLATFORM"] = PLATFORM
os.environ["QT_API"] = "pyside6"

# Before anything imports NumPy or PyTorch: one thread for their sums, here and in every process that a test starts.
# There is a worker a core, and threads that wait for their share of a small product spin for longer than it takes.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Tests start dozens of Python processes, and pytest rewrites every assert: compile each file once, whatever is set.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process a core, and one more: tests of the window and of processes wait for much of their time."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xvfb_disable(config: pytest.Config) -> bool:
    """Keep pytest-xvfb from starting an X server that nothing would draw on."""
    return PLATFORM != "xcb"


def pytest_sessionstart() -> None:
    """Have garbage collected between tests alone: see :func:`pytest_runtest_logfinish`."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let the garbage collector leave out thousands of tests and their modules: it goes over everything else often."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish() -> None:
    """Collect garbage as often as Python would, in this thread: in a trainer's it would delete what Qt still uses."""
    gc.disable()  # a test may have enabled it
    due = [number for number, count in enumerate(gc.get_count()) if count > gc.get_threshold()[number] > 0]
    if due:
        gc.collect(due[-1])


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """End on SIGTERM as on Ctrl+C, and draw the same cases everywhere and always.

    Fixtures are torn down then, so that no process and no X server stays behind.
    """
    from crashes import write_down

    draw_the_same()
    write_down(config)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, end)


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(report: pytest.TestReport) -> None:
    """Say where the process crashed, not only in which test."""
    from crashes import last_words

    worker = report.node
    report.longrepr = f"{report.longrepr}\n{last_words(worker.config, worker.gateway.id)}".rstrip()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no files of crashes behind."""
    from crashes import forget

    forget(config)


def draw_the_same() -> None:
    """Let nothing that hypothesis does depend on chance, nor on how fast the machine is; in depth it draws anew."""
    from depth import DEPTH
    from hypothesis import HealthCheck, settings
    from hypothesis.internal.conjecture import providers

    slow_or_shared = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    always = DEPTH == 1
    settings.register_profile("convviz", deadline=None, derandomize=always, suppress_health_check=slow_or_shared)
    settings.load_profile("convviz")
    if always and hasattr(providers, "_get_local_constants"):
        # It draws numbers and words that stand in modules of ours, too: in those that happen to be imported by then. So
        # cases would depend on the tests before, and every worker would read all modules for it.
        providers._get_local_constants = providers.Constants  # noqa: SLF001


def end(number: int, frame: FrameType | None) -> None:
    """Raise what Ctrl+C raises, and end without a word where that is swallowed, as it is in a slot of Qt."""
    if hasattr(signal, "alarm"):
        signal.alarm(10)
    raise KeyboardInterrupt


@pytest.fixture(scope="session", autouse=True)
def digits_read_once() -> Iterator[None]:
    """Read the built-in digits once for all commands and models that train on them: it takes a quarter of a second."""
    from convviz.data import open as opening

    load = opening.load_builtin
    found: list[Dataset] = []

    def kept(cancelled: Callable[[], bool] | None = None) -> Dataset:
        if not found:
            found.append(load())
            for array in (found[0].x_train, found[0].y_train, found[0].x_test, found[0].y_test):
                array.flags.writeable = False
        return found[0]

    opening.load_builtin = kept
    yield
    opening.load_builtin = load


@pytest.fixture(params=["compiled", "numpy"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test twice: with compiled kernels, and with NumPy alone, as where there is no numba."""
    if request.param == "compiled":
        pytest.importorskip("numba", reason="compiled kernels need numba")
    monkeypatch.setenv("CONVVIZ_FAST", str(int(request.param == "compiled")))
    return str(request.param)


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Let SIGINT and SIGHUP reach this process and those it starts.

    A shell script starts its background jobs with SIGINT ignored, nohup starts its own with SIGHUP ignored, and what is
    ignored stays so in every child.
    """
    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler)}
    if hasattr(signal, "SIGHUP"):
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)

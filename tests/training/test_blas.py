"""While anyone trains, BLAS runs on one thread, whoever limited it before; afterwards it has its threads back."""

from __future__ import annotations

import gc
import importlib.util
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from convviz.core.design import Design, Input, Training
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.training import blas
from convviz.training.blas import OneBlasThread
from convviz.training.events import MinibatchDone
from convviz.training.images import Split
from convviz.training.trainer import Trainer

# numba loads SciPy's own BLAS with the first kernel, where SciPy is installed: it has to be there before threads are
# counted.
if importlib.util.find_spec("scipy") is not None:
    importlib.import_module("scipy.linalg")

DESIGN = Design(
    input=Input(height=8, width=8),
    classes=3,
    # A product of BLAS' own: large enough that it would share it among its threads.
    layers=(Conv2D(filters=8, kernel=3), ReLU(), Flatten(), Dense(units=200), ReLU(), Dense(units=3)),
    training=Training(batch_size=64, epochs=1),
)

InThread = Callable[[Callable[[], object]], object]


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def digits(n: int = 128) -> Split:
    rng = np.random.default_rng(0)
    return Split(rng.random((n, 1, 8, 8), np.float32), rng.integers(0, 3, n))


@pytest.fixture
def other() -> Iterator[InThread]:
    """Runs calls in another thread, which lives through the test."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda call: pool.submit(call).result()


@pytest.fixture
def limited_to_two(other: InThread) -> Iterator[None]:
    """A thread that limited BLAS, and lives: threadpoolctl obeys it alone from now on."""
    limits = other(lambda: threadpool_limits(limits=2, user_api="blas"))
    if blas_threads() != {2}:
        pytest.skip("BLAS has no threads here, or none that can be counted")
    yield
    other(limits.restore_original_limits)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("limited_to_two")
def test_that_training_has_one_blas_thread_though_another_thread_limited_blas_first() -> None:
    split = digits()
    during = set()
    with Trainer(DESIGN, split, split) as trainer:
        for _ in trainer.run():
            during |= blas_threads()
    assert during == {1}
    assert blas_threads() == {2}


@pytest.mark.usefixtures("limited_to_two")
def test_that_one_seed_gives_the_same_bits_with_any_number_of_threads_though_another_thread_limited_blas() -> None:
    def trained(threads: int) -> list[object]:
        with Trainer(DESIGN, digits(), digits(), threads=threads) as trainer:
            losses: list[object] = [event.loss for event in trainer.run() if isinstance(event, MinibatchDone)]
            return losses + [trainer.network.arrays[name].tobytes() for name in trainer.network.parameters]

    assert trained(1) == trained(2) == trained(3)


@pytest.mark.usefixtures("limited_to_two")
def test_that_a_thread_can_limit_what_another_gives_back(other: InThread) -> None:
    held = other(OneBlasThread)
    assert isinstance(held, OneBlasThread)
    assert blas_threads() == {1}
    held.release()
    assert blas_threads() == {2}


@pytest.mark.usefixtures("limited_to_two")
def test_that_the_last_to_train_gives_blas_its_threads_back() -> None:
    split = digits()
    first, second = Trainer(DESIGN, split, split), Trainer(DESIGN, split, split)
    first.close()
    first.close()
    assert blas_threads() == {1}
    second.close()
    assert blas_threads() == {2}


@pytest.mark.usefixtures("limited_to_two")
def test_that_what_nobody_released_holds_no_longer_than_it_lives() -> None:
    held = [OneBlasThread()]
    assert blas_threads() == {1}
    held.clear()
    gc.collect()
    assert blas_threads() == {2}


@pytest.mark.usefixtures("limited_to_two")
def test_that_a_number_set_by_others_meanwhile_stays_theirs(other: InThread) -> None:
    with OneBlasThread():
        other(lambda: threadpool_limits(limits=3, user_api="blas"))
        assert blas_threads() == {3}
    assert blas_threads() == {3}


@pytest.mark.usefixtures("limited_to_two")
def test_that_many_threads_can_hold_the_limit_at_once() -> None:
    seen: list[set[int]] = []

    def hold() -> None:
        for _ in range(20):
            with OneBlasThread():
                seen.append(blas_threads())

    threads = [threading.Thread(target=hold) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 80
    assert all(count == {1} for count in seen)
    assert blas_threads() == {2}


def test_that_libraries_are_looked_for_again_after_an_import_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[None] = []

    class Counted(ThreadpoolController):
        def __init__(self) -> None:
            looks.append(None)
            super().__init__()

    monkeypatch.setattr(blas, "ThreadpoolController", Counted)
    monkeypatch.setattr(blas, "sys", SimpleNamespace(modules=["one"]))
    for _ in range(3):
        with OneBlasThread():
            pass
    assert len(looks) == 1
    monkeypatch.setattr(blas, "sys", SimpleNamespace(modules=["one", "another"]))
    with OneBlasThread():
        pass
    assert len(looks) == 2

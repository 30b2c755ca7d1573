"""Going back to where a condition last held finds the minibatch that a live breakpoint was hit at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convviz.files.cancel import LoadCancelledError
from convviz.run.breakpoints.condition import Breakpoint, Hit
from convviz.run.breakpoints.grammar import read_condition
from convviz.run.breakpoints.judge import Judge
from convviz.run.minibatch.facts import Facts, first_test_image
from convviz.run.recorded_run import RecordedPart
from convviz.run.recording.branching import branched, parent_of
from convviz.run.recording.recorder import Bounds, Recorder
from convviz.run.recording.replay import Replayer
from convviz.run.recording.search import last_hit, last_hit_in
from convviz.storage.recording.head import DataRecord
from convviz.storage.recording.read import Recording
from convviz.training.events import EpochDone
from convviz.training.trainer import Trainer
from tests.support.recorded import recorded_run
from tests.support.small_run import DESIGN, noise

CONDITIONS = (
    "loss > 2.3",
    "loss > 2.2 and accuracy < 0.5",
    "step 7",
    "gradient norm > 0.5",
    "update ratio > 0.001",
    "loss jumps 0.5",
    "norm(conv1.d_weight) > 0.05",
    "any(conv1.d_weight[0, 0] > 0.01)",
    "conv1.d_weight[0, 0, 1, 0] changes sign",
    "watched image flips",
    "filter dead for 3",
)
BRANCHED = 9


class Run:
    """A recorded run, and where each condition was true in it, judged while it was trained."""

    def __init__(self, path: Path) -> None:
        self.path, self.images = path, noise()
        self.hits: dict[str, list[Hit]] = {text: [] for text in CONDITIONS}
        self.accuracies: list[float] = []
        judges = {text: Judge(Breakpoint(0, read_condition(text)), repeats=True) for text in CONDITIONS}
        losses: list[float] = []

        def holds(done) -> bool:
            facts = Facts(trainer, done, losses[-50:], first_test_image)
            for text, judge in judges.items():
                hit = judge.pass_done(facts, trainer)
                if hit is not None:
                    self.hits[text].append(hit)
            losses.append(done.loss)
            return False

        with Trainer(DESIGN, *self.images, threads=1) as trainer:
            trainer.holds = holds
            recorder = Recorder(path, trainer, DataRecord("noise"), threads=1, bounds=Bounds(fine=4))
            for event in trainer.run():
                recorder.heard(event, 0.0)
                if isinstance(event, EpochDone):
                    self.accuracies.append(event.test_accuracy)
            recorder.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("search") / "run.cvz")


@pytest.mark.parametrize("text", CONDITIONS)
@pytest.mark.parametrize("before", [18, 11, 5])
def test_that_it_is_the_last_minibatch_at_which_it_was_true(run: Run, text: str, before: int) -> None:
    expected = [hit for hit in run.hits[text] if hit.step <= before]
    with Recording(run.path) as recording, Replayer(recording, *run.images, threads=1) as replayer:
        found = last_hit(replayer, read_condition(text), before)
    assert found == (expected[-1] if expected else None)


def test_that_most_conditions_are_true_somewhere(run: Run) -> None:
    assert sum(bool(hits) for hits in run.hits.values()) >= 9


def test_that_an_epoch_is_found_by_its_accuracy(run: Run) -> None:
    best = int(np.argmax(run.accuracies))
    limit = run.accuracies[best]
    with Recording(run.path) as recording, Replayer(recording, *run.images, threads=1) as replayer:
        condition = read_condition(f"test accuracy >= {limit!r}")
        found = last_hit(replayer, condition, 18)
        last = max(number for number, one in enumerate(run.accuracies, 1) if one >= limit)
        assert found is not None
        assert found.step == last * 6
        assert last_hit(replayer, condition, 5) is None


def test_that_it_tells_how_far_it_is_and_can_be_cancelled(run: Run) -> None:
    went: list[int] = []
    with Recording(run.path) as recording, Replayer(recording, *run.images, threads=1) as replayer:
        assert last_hit(replayer, read_condition("gradient norm > 1e9"), 18, went=went.append) is None
        assert went == sorted(went, reverse=True)
        assert went[-1] == 0
        with pytest.raises(LoadCancelledError):
            last_hit(replayer, read_condition("gradient norm > 1e9"), 18, cancelled=lambda: True)


@pytest.fixture(scope="module")
def parts(run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[RecordedPart, ...]:
    """The run, and a branch of it that goes on as the run itself did."""
    path = tmp_path_factory.mktemp("branch") / "branch.cvz"
    with Recording(run.path) as recording, Replayer(recording, *run.images, threads=1) as replayer:
        state, parent = branched(replayer, BRANCHED), parent_of(recording, BRANCHED)
    recorded_run(path, DESIGN, *run.images, state=state, parent=parent)
    return RecordedPart(run.path, 0), RecordedPart(path, BRANCHED)


@pytest.mark.parametrize("text", CONDITIONS)
@pytest.mark.parametrize("before", [18, 14, 12, 11, BRANCHED + 1, BRANCHED])
def test_that_a_branch_is_searched_as_if_it_and_what_it_branched_from_were_one_run(
    run: Run, parts: tuple[RecordedPart, ...], text: str, before: int
) -> None:
    expected = [hit for hit in run.hits[text] if hit.step <= before]
    found = last_hit_in(parts, run.images, read_condition(text), before, threads=1)
    assert found == (expected[-1] if expected else None)


def test_that_what_the_parent_did_after_the_branch_is_not_the_past_of_the_branch(
    run: Run, parts: tuple[RecordedPart, ...]
) -> None:
    went: list[int] = []
    never = read_condition("gradient norm > 1e9")
    assert last_hit_in(parts, run.images, never, 18, threads=1, went=went.append) is None
    assert went == sorted(went, reverse=True)
    assert went[-1] == 0
    with pytest.raises(LoadCancelledError):
        last_hit_in(parts, run.images, never, 18, threads=1, cancelled=lambda: True)

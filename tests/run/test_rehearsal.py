"""A held minibatch is gone through on copies, with the numbers that training has."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import pytest
from msgspec.structs import replace as with_fields

from convviz.core.design import Training, course_design
from convviz.core.layers import Dropout
from convviz.files.cancel import LoadCancelledError
from convviz.run.image_gradients import image_gradient_norms
from convviz.run.rehearsal import Rehearsal
from convviz.training.events import Held, MinibatchDone
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.trainer import Trainer
from tests.support.small_run import DESIGN, noise


@pytest.fixture
def held():
    """A trainer that holds before the update of its fourth minibatch, and its run."""
    train, test = noise()
    with Trainer(DESIGN, train, test, threads=1) as trainer:
        trainer.holds = lambda done: done.position.step == 4
        run = trainer.run()
        while not isinstance(next(run), Held):
            pass
        yield trainer, run, train, test


def test_that_its_numbers_are_those_of_training_and_nothing_of_the_run_changes(held) -> None:
    trainer, run, train, test = held
    before = {name: array.copy() for name, array in trainer.network.arrays.items()}
    coming = trainer.upcoming()
    with Rehearsal(coming, train, test, threads=1) as rehearsal:
        seen, update = rehearsal.minibatch(), rehearsal.update()
        tested = rehearsal.test_losses(8)
    assert all(np.array_equal(before[name], array) for name, array in trainer.network.arrays.items())
    done = next(event for event in run if isinstance(event, MinibatchDone))
    after = trainer.network.arrays
    assert (seen.step, seen.loss) == (4, done.loss)
    assert np.isclose(seen.losses.mean(), done.loss, rtol=1e-5)
    assert np.array_equal(seen.images, train.images[seen.rows])
    assert np.mean(seen.predicted == seen.labels) == done.accuracy
    assert list(seen.losses[seen.worst_first]) == sorted(seen.losses, reverse=True)
    for layer in update.layers:
        name = f"{layer.layer}.weight"
        assert layer.update_norm == pytest.approx(np.linalg.norm(after[name] - before[name]), rel=1e-6)
        assert layer.gradient_norm == pytest.approx(np.linalg.norm(update.gradients[layer.layer]), rel=1e-6)
    with Rehearsal(trainer.upcoming(), train, test, threads=1) as then:
        now, _ = then.test_losses(8)
    assert tested[1] == now
    assert tested[0] != now


def test_that_the_loss_after_the_update_has_the_same_dropout_masks() -> None:
    plain = course_design(filters=2, kernel=(3, 3), image=DESIGN.input, training=Training(batch_size=8, epochs=1))
    design = with_fields(plain, layers=(*plain.layers[:-1], Dropout(rate=0.5), plain.layers[-1]))
    train, test = noise()
    with Trainer(design, train, test, threads=1) as trainer:
        trainer.set_learning_rate(1e-12)  # the update changes next to nothing: only other masks could change the loss
        next(event for event in trainer.run() if isinstance(event, MinibatchDone))
        with Rehearsal(trainer.upcoming(), train, test, threads=1) as rehearsal:
            seen, update = rehearsal.minibatch(), rehearsal.update()
    assert update.loss_after == pytest.approx(seen.loss, rel=1e-5)


def test_that_what_is_not_a_number_is_worst(held) -> None:
    trainer, _, train, test = held
    coming = trainer.upcoming()
    huge = np.full_like(coming.arrays["conv1.weight"], 3e38)
    coming = dataclasses.replace(coming, arrays={**coming.arrays, "conv1.weight": huge})
    with Rehearsal(coming, train, test, threads=1) as rehearsal:
        seen = rehearsal.minibatch()
    assert seen.error is not None
    assert not np.isfinite(seen.losses[seen.worst_first[0]])


def test_that_the_gradient_of_an_image_is_that_of_a_minibatch_of_it_alone(held) -> None:
    trainer, _, train, _ = held
    coming = trainer.upcoming()
    norms = image_gradient_norms(PassSource.of_minibatch(PassKind.NEXT, coming, train).make()).own
    assert norms.shape == coming.rows.shape
    for place in (0, len(norms) - 1):
        alone = PassSource.of_minibatch(
            PassKind.NEXT, replace(coming, rows=coming.rows[place : place + 1]), train
        ).make()
        gradients = [alone.array(name) for name in map(alone.program.gradients.get, coming.arrays) if name]
        assert norms[place] == pytest.approx(np.sqrt(sum(float(np.square(one).sum()) for one in gradients)), rel=1e-4)


def test_that_the_gradient_without_an_image_is_that_of_a_minibatch_of_the_others(held) -> None:
    trainer, _, train, _ = held
    coming = trainer.upcoming()

    def norm_of(rows: np.ndarray) -> float:
        made = PassSource.of_minibatch(PassKind.NEXT, replace(coming, rows=rows), train).make()
        gradients = [made.array(name) for name in map(made.program.gradients.get, coming.arrays) if name]
        return float(np.sqrt(sum(float(np.square(one).sum()) for one in gradients)))

    found = image_gradient_norms(PassSource.of_minibatch(PassKind.NEXT, coming, train).make())
    assert found.whole == pytest.approx(norm_of(coming.rows), rel=1e-4)
    for place in (0, len(coming.rows) - 1):
        assert found.without[place] == pytest.approx(norm_of(np.delete(coming.rows, place)), rel=1e-3)


def test_that_the_gradients_of_single_images_can_be_cancelled(held) -> None:
    trainer, _, train, _ = held
    run = PassSource.of_minibatch(PassKind.NEXT, trainer.upcoming(), train).make()
    with pytest.raises(LoadCancelledError):
        image_gradient_norms(run, lambda: True)

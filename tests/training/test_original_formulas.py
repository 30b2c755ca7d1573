"""The course original, written out as its formulas, is the oracle for the first steps of training.

One hidden convolution over im2col, ReLU, one dense layer, softmax and cross-entropy, mini-batch gradient descent;
initial weights randn / √(n / 2) with n filters, and n features for the dense layer, biases zero. Everything here is
loops and index arithmetic in float64 that shares no code with the engine.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from convviz.core.design import Design, Input, Training, course_design
from convviz.core.network import Network
from convviz.core.optim import SGD
from convviz.training.events import MinibatchDone
from convviz.training.images import Split
from convviz.training.trainer import Trainer


class Original:
    """The network of the course original."""

    def __init__(self, filters: np.ndarray, weights: np.ndarray, padding: int, rate: float) -> None:
        self.w1 = filters.astype(np.float64).reshape(len(filters), -1)
        self.b1 = np.zeros((len(filters), 1))
        self.w2 = weights.astype(np.float64)
        self.b2 = np.zeros((1, weights.shape[1]))
        self.side = filters.shape[2], filters.shape[3]
        self.padding, self.rate = padding, rate

    def columns(self, x: np.ndarray) -> np.ndarray:
        """(KH·KW, places · images): places outermost, images inside, as the original's im2col orders them."""
        p, (kh, kw) = self.padding, self.side
        padded = np.zeros((len(x), x.shape[2] + 2 * p, x.shape[3] + 2 * p))
        padded[:, p : p + x.shape[2], p : p + x.shape[3]] = x[:, 0]
        oh, ow = padded.shape[1] - kh + 1, padded.shape[2] - kw + 1
        made = np.empty((kh * kw, oh * ow * len(x)))
        for place in range(oh * ow):
            r, c = divmod(place, ow)
            for n in range(len(x)):
                made[:, place * len(x) + n] = padded[n, r : r + kh, c : c + kw].ravel()
        return made

    def step(self, x: np.ndarray, y: np.ndarray) -> float:
        """Loss of the minibatch; then W ← W − η dW."""
        m = len(x)
        x_col = self.columns(x)
        z1 = self.w1 @ x_col + self.b1
        a1 = np.where(z1 > 0, z1, 0.0)
        # (F, places, m) → (m, F, places) → rows
        flat = a1.reshape(len(self.w1), -1, m).transpose(2, 0, 1).reshape(m, -1)
        z2 = flat @ self.w2 + self.b2
        e = np.exp(z2 - z2.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = -sum(math.log(p[i, y[i]]) for i in range(m)) / m
        d2 = p.copy()
        for i in range(m):
            d2[i, y[i]] -= 1.0
        d2 /= m
        d_w2, d_b2 = flat.T @ d2, d2.sum(axis=0, keepdims=True)
        d_a1 = (d2 @ self.w2.T).reshape(m, len(self.w1), -1).transpose(1, 2, 0).reshape(len(self.w1), -1)
        d_z1 = d_a1 * (z1 > 0)
        d_w1, d_b1 = d_z1 @ x_col.T, d_z1.sum(axis=1, keepdims=True)
        self.w1 -= self.rate * d_w1
        self.b1 -= self.rate * d_b1
        self.w2 -= self.rate * d_w2
        self.b2 -= self.rate * d_b2
        return loss


def digits(count: int, side: int, seed: int = 0) -> Split:
    """Smooth random blobs: images with structure, without a file."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    y, x = np.mgrid[:side, :side] / side
    angle = labels[:, None, None] * 0.6 + rng.normal(0, 0.1, (count, 1, 1))
    images = np.clip(
        np.sin(6 * (x * np.cos(angle) + y * np.sin(angle))) + rng.normal(0, 0.1, (count, side, side)), 0, 1
    )
    return Split(images[:, None].astype(np.float32), labels.astype(np.int64))


@pytest.mark.parametrize(("side", "filters", "kernel", "padding"), [(28, 32, (7, 7), 1), (12, 5, (3, 5), 2)])
def test_that_the_first_losses_are_those_of_the_original_formulas(
    side: int, filters: int, kernel: tuple[int, int], padding: int
) -> None:
    batch, rate, steps = 64, 0.01, 6
    data = digits(batch * steps, side)
    design = course_design(
        filters=filters,
        kernel=kernel,
        padding=padding,
        image=Input(height=side, width=side),
        training=Training(optimiser=SGD(lr=rate), batch_size=batch),
    )
    network = Network(design)
    original = Original(network.arrays["conv1.weight"], network.arrays["dense1.weight"], padding, rate)
    with Trainer(design, data, data.first(10), network=network) as trainer:
        for start in range(0, batch * steps, batch):
            rows = np.arange(start, start + batch)
            loss = trainer.train_on(rows).loss
            assert loss == pytest.approx(original.step(data.images[rows], data.labels[rows]), rel=1e-5)


def test_that_initial_weights_are_those_of_the_original() -> None:
    network = Network(course_design())
    assert network.arrays["conv1.weight"].std() == pytest.approx(1 / math.sqrt(32 / 2), rel=0.1)
    assert network.arrays["dense1.weight"].std() == pytest.approx(1 / math.sqrt(18432 / 2), rel=0.02)
    assert not network.arrays["conv1.bias"].any()
    assert not network.arrays["dense1.bias"].any()


def small_design(**training: object) -> Design:
    return course_design(
        filters=3,
        kernel=(3, 3),
        image=Input(height=8, width=8),
        training=Training(**training),  # type: ignore[arg-type]
    )


def run_losses(design: Design, threads: int = 2) -> list[float]:
    with Trainer(design, digits(50, 8), digits(20, 8, 1), threads=threads) as trainer:
        return [event.loss for event in trainer.run() if isinstance(event, MinibatchDone)]


def test_that_one_seed_gives_one_run_with_any_number_of_threads() -> None:
    design = small_design(epochs=2, batch_size=16, seed=7)
    assert run_losses(design, 1) == run_losses(design, 2) == run_losses(design, 3)
    assert run_losses(design) != run_losses(small_design(epochs=2, batch_size=16, seed=8))


def test_that_every_image_is_used_once_in_an_epoch() -> None:
    design = small_design(epochs=1, batch_size=16)
    with Trainer(design, digits(50, 8), digits(20, 8, 1)) as trainer:
        sizes = [event.images for event in trainer.run() if isinstance(event, MinibatchDone)]
    assert sizes == [16, 16, 16, 2]

"""Maps by t-SNE, and maps that are laid on each other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from probed import labelled, probed

from convviz.core.errors import DesignError
from convviz.probe import embedding
from convviz.probe.embedding import aligned, neighbour_map
from convviz.probe.principal import projected
from convviz.probe.progress import ProbeCancelledError
from convviz.training.images import Split


@pytest.mark.parametrize("shape", [(300, 240), (240, 700)])
def test_that_the_first_components_of_a_large_matrix_are_those_of_its_svd(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal(shape) * (0.9 ** np.arange(shape[1]))
    rows -= rows.mean(axis=0)
    found, shares = projected(rows, 3)
    u, s, _ = np.linalg.svd(rows, full_matrices=False)
    expected = u[:, :3] * s[:3]
    expected *= np.sign((expected * found).sum(axis=0))
    np.testing.assert_allclose(found, expected, atol=2e-3)
    np.testing.assert_allclose(shares, (s**2 / (s**2).sum())[:3], rtol=1e-5)


def test_that_components_that_are_not_there_are_zero() -> None:
    points, shares = projected(np.array([[1.0], [-1.0], [0.0]]), 2)
    np.testing.assert_array_equal(points[:, 1], 0)
    np.testing.assert_allclose(shares, [1, 0])
    points, shares = projected(np.zeros((3, 4)), 2)
    assert not points.any()
    assert not shares.any()


def test_that_a_turned_and_mirrored_map_is_laid_back() -> None:
    to = np.random.default_rng(0).standard_normal((20, 2)) + 3
    turned = (to - 1) @ np.array([[0.6, -0.8], [-0.8, -0.6]]) + [5, -2]
    np.testing.assert_allclose(aligned(turned, to), to, atol=1e-12)


def groups(network) -> Split:
    """Images of three kinds that are far from each other."""
    found = labelled(network, 45)
    kinds = np.arange(45) % 3
    return Split(np.clip(0.1 * found.images + 0.4 * kinds[:, None, None, None], 0, 1).astype(np.float32), kinds)


def test_that_images_that_are_alike_lie_together() -> None:
    pytest.importorskip("openTSNE", reason="t-SNE needs openTSNE, and it is not installed")
    network = probed()
    split = groups(network)
    told: list[tuple[int, int]] = []
    found = neighbour_map(
        network, split, "relu1", perplexity=5, progress=lambda done, total: told.append((done, total)) or True
    )
    away = np.linalg.norm(found.points[:, None] - found.points[None], axis=2)
    np.fill_diagonal(away, np.inf)
    assert (split.labels[away.argmin(axis=1)] == split.labels).all()
    assert told[-1] == (1000, 1000)
    assert all(one[0] <= other[0] for one, other in pairwise(told))
    again = neighbour_map(network, split, "relu1", perplexity=5)
    np.testing.assert_array_equal(found.points, again.points)
    after = neighbour_map(network, split, "relu1", perplexity=5, start=found.points)
    assert np.linalg.norm(after.points - found.points, axis=1).mean() < 0.2 * np.ptp(found.points)


def test_that_it_can_be_cancelled_and_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    network = probed()
    split = labelled(network)
    if embedding.has_tsne():
        with pytest.raises(ProbeCancelledError):
            neighbour_map(network, split, progress=lambda done, total: done < 300)
        with pytest.raises(DesignError, match="at least four images"):
            neighbour_map(network, split.first(3))
    monkeypatch.setattr(embedding, "has_tsne", lambda: False)
    with pytest.raises(DesignError, match="pip install 'convviz\\[map\\]'"):
        neighbour_map(network, split)

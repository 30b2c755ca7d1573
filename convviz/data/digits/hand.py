"""The writer's hand: applies slant, tremor, haste and pen to an ideal character."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from convviz.data.digits.habits import Habits
from convviz.data.digits.shapes import Digit
from convviz.data.digits.strokes import sample

#: Side of the box that the ink of a character fills, in pixels (as MNIST was normalised).
BOX = 20.0
_SPACING = 0.045


@dataclass(frozen=True, slots=True)
class PenStrokes:
    """One character as short straight pen movements inside a 20×20 box.

    Attributes
    ----------
    start, stop
        (S, 2) float32 ends of the movements, x and y in pixels.
    start_radius, stop_radius
        (S,) float32 half width of the line at the ends, in pixels.
    nib
        (2, 2) float32 matrix that turns the nib's ellipse into a circle.
    roughness
        How far the edge of the ink deviates, in pixels.
    """

    start: NDArray[np.float32]
    stop: NDArray[np.float32]
    start_radius: NDArray[np.float32]
    stop_radius: NDArray[np.float32]
    nib: NDArray[np.float32]
    roughness: float


def write(digit: Digit, rng: np.random.Generator) -> PenStrokes:
    """Write an ideal character by hand.

    Control points are jittered; the whole shape is bent smoothly, slanted, turned and stretched; the pen
    presses unevenly; and the result is scaled so that its ink fills the 20×20 box.

    Parameters
    ----------
    digit
        What to write.
    rng
        Source of the writer's habits.
    """
    care = rng.uniform(0.35, 1.5)
    strokes = []
    for stroke in digit.draw(Habits(rng)):
        pieces = [np.array(piece, dtype=np.float64) for piece in stroke]
        pieces = [piece + rng.normal(0.0, 0.008 * care, piece.shape) for piece in pieces]
        for before, after in pairwise(pieces):
            after[0] = before[-1]
        strokes.append(pieces)
    lines = [sample(pieces, _SPACING) for pieces in strokes]
    bend = _Bend.draw(rng, 0.024 * care * digit.looseness)
    matrix = _lean(rng, digit)
    lines = [bend(line) @ matrix.T for line in lines]
    return _into_box(lines, rng, digit.size)


@dataclass(frozen=True, slots=True)
class _Bend:
    """A smooth displacement of the plane: a few long waves."""

    waves: NDArray[np.float64]
    phases: NDArray[np.float64]
    pushes: NDArray[np.float64]

    @classmethod
    def draw(cls, rng: np.random.Generator, amount: float) -> _Bend:
        count = 4
        return cls(
            rng.normal(0.0, 3.6, (2, count)),
            rng.uniform(0.0, 2 * np.pi, count),
            rng.normal(0.0, amount, (count, 2)),
        )

    def __call__(self, line: NDArray[np.float64]) -> NDArray[np.float64]:
        moved: NDArray[np.float64] = line + np.sin(line @ self.waves + self.phases) @ self.pushes
        return moved


def _lean(rng: np.random.Generator, digit: Digit) -> NDArray[np.float64]:
    """Slant, turn and stretch as one 2×2 matrix."""
    turn = np.deg2rad(np.clip(rng.normal(0.0, 6.0 * digit.looseness), -14.0, 14.0))
    slant = np.clip(rng.normal(0.19, 0.26), -0.4, 0.75) + digit.lean
    stretch = np.exp(rng.normal(0.05, 0.2))
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shear = np.array([[1.0, -slant], [0.0, 1.0]])
    return np.asarray(rotate @ shear @ np.diag([stretch, 1.0]), dtype=np.float64)


def _into_box(lines: list[NDArray[np.float64]], rng: np.random.Generator, size: float) -> PenStrokes:
    """Choose a pen and scale the strokes so that the ink just fills the box."""
    half_width = float(np.clip(np.exp(rng.normal(0.23, 0.26)) / size, 0.72, 2.1))
    unevenness = rng.uniform(0.0, 0.14)
    taper = rng.uniform(0.0, 0.35)
    radii = [_pressure(len(line), rng, unevenness, taper) * half_width for line in lines]
    points = np.vstack(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    widest = max(float(radius.max()) for radius in radii)
    scale = (BOX - 2 * widest) / max(float((high - low).max()), 1e-6)
    middle = (low + high) / 2
    placed = [(line - middle) * scale + BOX / 2 for line in lines]
    flat = np.exp(rng.normal(0.0, 0.12))
    angle = rng.uniform(0.0, np.pi)
    axes = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    nib = axes.T @ np.diag([flat, 1.0 / flat]) @ axes
    return PenStrokes(
        np.vstack([line[:-1] for line in placed]).astype(np.float32),
        np.vstack([line[1:] for line in placed]).astype(np.float32),
        np.concatenate([radius[:-1] for radius in radii]).astype(np.float32),
        np.concatenate([radius[1:] for radius in radii]).astype(np.float32),
        nib.astype(np.float32),
        float(rng.uniform(0.02, 0.24)),
    )


def _pressure(count: int, rng: np.random.Generator, unevenness: float, taper: float) -> NDArray[np.float64]:
    """Relative line width along one stroke: slow waves, and lighter where the pen leaves the paper."""
    along = np.linspace(0.0, 1.0, count)
    waves = sum(np.sin(along * f + rng.uniform(0.0, 2 * np.pi)) for f in rng.uniform(2.0, 9.0, 3)) / 2.0
    leaving = 1.0 - taper * np.clip((along - 0.75) / 0.25, 0.0, 1.0) ** 2
    return np.asarray((1.0 + unevenness * waves) * leaving, dtype=np.float64)

"""Passes in files, as written by ``convviz step --export``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from convviz.api.steps import PassStep, made
from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.lower import IMAGES, LABELS
from convviz.storage.trace_read import Trace, load_trace
from convviz.training.make_pass import steps_of
from convviz.training.stepping import Pass

__all__ = ["OpenedTrace", "open_trace"]


@dataclass(frozen=True, slots=True, eq=False)
class OpenedTrace:
    """A pass that was written to a file; iterating over it gives its steps, as with :func:`convviz.step_through`.

    Parameters
    ----------
    trace : Trace
        Design and sources of the pass.
    """

    trace: Trace

    @property
    def design(self) -> Design:
        """The network."""
        return self.trace.design

    @property
    def images(self) -> Array:
        """``(n, C, H, W)``."""
        return self.trace.sources[IMAGES]

    @property
    def labels(self) -> Array:
        """``(n,)``."""
        return self.trace.sources[LABELS]

    @property
    def weights(self) -> dict[str, Array]:
        """The trained arrays, by name: ``conv1.weight`` (F, C, KH, KW) …"""
        return {name: self.trace.sources[name] for name in self.trace.program.parameters}

    @property
    def about(self) -> Mapping[str, str | int]:
        """``sample``, ``label``, ``data``, ``model``, and for a minibatch ``epoch``, ``minibatch`` and ``step``."""
        return self.trace.about

    def __len__(self) -> int:
        return len(self.trace.program.steps)

    def __iter__(self) -> Iterator[PassStep]:
        trace = self.trace
        steps = steps_of(trace.design, trace.program.batch, trace.precision)
        pass_ = Pass(trace.program, trace.sources, trace.precision, parts=steps.parts)
        return (made(pass_, index) for index in range(len(self)))


def open_trace(path: str | Path) -> OpenedTrace:
    """Open a pass that ``convviz step --export`` wrote.

    Its arrays are computed again, from the weights and images in the file.

    Raises
    ------
    TraceError
        One sentence: the file, the field, what was expected and what was found.
    """
    return OpenedTrace(load_trace(Path(path)))

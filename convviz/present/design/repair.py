"""One repair of a design that can't be trained."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.core.design import Design


@dataclass(frozen=True, slots=True)
class Repair:
    """One repair.

    Parameters
    ----------
    label : str
        Text of the button: ``Use padding 2``.
    design : Design
        The repaired design.
    """

    label: str
    design: Design

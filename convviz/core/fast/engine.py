"""The engine of compiled kernels."""

from __future__ import annotations

from convviz.core.engine import Engine
from convviz.core.fast.cells import add_up, gather, refuse, sum_squares
from convviz.core.fast.kernel import kernels_of
from convviz.core.fast.rewrite import rewrite
from convviz.core.fast.team import joined

COMPILED = Engine(rewrite, kernels_of, joined, add_up, sum_squares, gather, refuse)

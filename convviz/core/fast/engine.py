"""The engine of compiled kernels."""

from __future__ import annotations

from convviz.core.engine import Engine
from convviz.core.fast.cells import add_up, sum_squares
from convviz.core.fast.chain import chained
from convviz.core.fast.kernel import kernels_of
from convviz.core.fast.rewrite import rewrite

COMPILED = Engine(rewrite, kernels_of, chained, add_up, sum_squares)

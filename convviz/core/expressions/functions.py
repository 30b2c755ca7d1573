"""The functions of expressions. Sums are computed in float64, whatever the dtype of the array."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from convviz.core.arrays import Array


@dataclass(frozen=True, slots=True)
class Function:
    """A function of one argument.

    Parameters
    ----------
    says : str
        What it gives, as help says it.
    kernel : callable
    reduces : bool
        Whether it turns an array into a single value.
    of_truths : bool
        Whether it takes yes or no for each cell instead of numbers.
    gives_truths : bool
        Whether it gives yes or no.
    """

    says: str
    kernel: Callable[[Array], Array]
    reduces: bool = False
    of_truths: bool = False
    gives_truths: bool = False


def _norm(x: Array) -> Array:
    wide = x.astype(np.float64)
    return np.asarray(np.sqrt(np.square(wide).sum()))


def _some(reduce: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """A reduction that gives NaN for an array without cells."""
    return lambda x: np.asarray(reduce(x)) if x.size else np.asarray(np.nan)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "mean": Function("mean of all cells", _some(lambda x: x.mean(dtype=np.float64)), reduces=True),
        "sum": Function("sum of all cells", lambda x: np.asarray(x.sum(dtype=np.float64)), reduces=True),
        "min": Function("smallest cell", _some(np.min), reduces=True),
        "max": Function("largest cell", _some(np.max), reduces=True),
        "std": Function("standard deviation of the cells", _some(lambda x: x.std(dtype=np.float64)), reduces=True),
        "median": Function("median of the cells", _some(np.median), reduces=True),
        "norm": Function("root of the sum of squares", _norm, reduces=True),
        "share": Function(
            "share of the cells for which it is true", _some(lambda x: x.mean()), reduces=True, of_truths=True
        ),
        "count": Function("how many cells it is true for", lambda x: np.asarray(x.sum()), reduces=True, of_truths=True),
        "any": Function(
            "whether it is true for a cell",
            lambda x: np.asarray(x.any()),
            reduces=True,
            of_truths=True,
            gives_truths=True,
        ),
        "all": Function(
            "whether it is true for all cells",
            lambda x: np.asarray(x.all()),
            reduces=True,
            of_truths=True,
            gives_truths=True,
        ),
        "abs": Function("absolute value of each cell", np.abs),
        "sqrt": Function("root of each cell", np.sqrt),
        "square": Function("square of each cell", np.square),
        "log": Function("natural logarithm of each cell", np.log),
        "exp": Function("exponential of each cell", np.exp),
        "sign": Function("-1, 0 or 1 for each cell", np.sign),
        "finite": Function("whether each cell is neither NaN nor infinite", np.isfinite, gives_truths=True),
        "nan": Function("whether each cell is NaN", np.isnan, gives_truths=True),
    }
)

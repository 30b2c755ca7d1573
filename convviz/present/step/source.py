"""The code that ran: the source of an op's kernel, and the line that does the work."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import dataclass
from functools import lru_cache

from convviz.core.ops.base import Op


@dataclass(frozen=True, slots=True)
class Source:
    """A kernel's source.

    Parameters
    ----------
    lines : tuple of str
    quiet : tuple of bool
        Lines that are docstring or comment.
    lit : frozenset of int
        Numbers of the lines that do the work.
    where : str
        Module and function.
    """

    lines: tuple[str, ...]
    quiet: tuple[bool, ...]
    lit: frozenset[int]
    where: str


def source_of_op(op: Op, *, constant: bool = False) -> Source:
    """Source of the function that computed a step.

    Parameters
    ----------
    op : Op
    constant : bool
        Whether the cell in question was computed from no other: then the line that fills in a constant is lit, if the
        function has one.
    """
    return _source(type(op), constant)


@lru_cache(maxsize=256)
def _source(kind: type[Op], constant: bool) -> Source:
    kernel = kind.kernel
    where = f"{kernel.__module__}.{kernel.__qualname__}"
    try:
        text = textwrap.dedent(inspect.getsource(kernel))
        tree = ast.parse(text).body[0]
    except (OSError, SyntaxError):  # an application frozen without its sources
        return Source(
            (f"{kernel.__name__}(…)", "", "The source is not part of this build."), (False,) * 3, frozenset(), where
        )
    lines = text.rstrip().splitlines()
    quiet = [line.strip().startswith("#") for line in lines]
    lit: frozenset[int] = frozenset()
    if isinstance(tree, ast.FunctionDef):
        body = tree.body
        doc = body[0]
        if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant):
            for number in range(doc.lineno - 1, doc.end_lineno or doc.lineno):
                quiet[number] = True
            body = body[1:]
        if body:
            work = (_filling(body) if constant else None) or _working(body)
            lit = frozenset(range(work.lineno - 1, work.end_lineno or work.lineno))
    return Source(tuple(lines), tuple(quiet), lit, where)


def _filling(body: list[ast.stmt]) -> ast.stmt | None:
    """The statement that fills an array with a constant."""
    return next((statement for statement in body if ".fill(" in ast.unparse(statement)), None)


def _working(body: list[ast.stmt]) -> ast.stmt:
    """The statement that does the work: what is added in the innermost loop, the product, else the last one."""
    inner = [node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.AugAssign)]
    loops = [node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.For)]
    if inner and loops:
        return inner[-1]
    for statement in body:
        if "matmul" in ast.unparse(statement):
            return statement
    return body[-1]

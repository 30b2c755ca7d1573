"""The code of a step: plain NumPy that is easy to read, the kernel that ran, and the line that does the work."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.base import Op, fresh_scratch
from convviz.core.program import Program, Step
from convviz.present.numbers import format_value
from convviz.present.step.values import Values, short
from convviz.present.words import all_of


@dataclass(frozen=True, slots=True)
class Source:
    """A function's source.

    Parameters
    ----------
    lines : tuple of str
    quiet : tuple of bool
        Whether each line is part of a docstring or comment.
    lit : frozenset of int
        Numbers, from 0, of the lines that do the work.
    where : str
        Module and function.
    """

    lines: tuple[str, ...]
    quiet: tuple[bool, ...]
    lit: frozenset[int]
    where: str


Argument = float | bool
"""An argument of a kernel that is not an array."""


@dataclass(frozen=True, slots=True)
class KernelCall:
    """How a step's kernel is called.

    Parameters
    ----------
    arguments : dict of str to float or bool
        The numbers by parameter name: ``{"keep": 0.9}``.
    tests : tuple of (str, bool)
        Values of the conditions in its source: ``("seen is None", False)``.
    """

    arguments: dict[str, Argument]
    tests: tuple[tuple[str, bool], ...] = ()


def call_of(values: Values, step: Step) -> KernelCall:
    """How a step's kernel was called, or will be called if the step has not run."""
    op = step.op
    if op.view:
        return KernelCall({})
    ins = [values.stored(name) for name in step.inputs]
    if values.has(step.output):
        out = values.stored(step.output)
    else:
        spec = values.program.arrays[step.output]
        floats = [array.dtype for array in ins if array.dtype.kind == "f"]
        out = np.empty(spec.stored, spec.dtype(floats[0] if floats else np.float32))
    given = op.prepare(ins, out, fresh_scratch)
    held = dict(zip(inspect.signature(type(op).kernel).parameters, given, strict=False))
    arguments: dict[str, Argument] = {
        name: bool(value) if isinstance(value, bool | np.bool_) else float(value)
        for name, value in held.items()
        if isinstance(value, bool | int | float | np.number | np.bool_)
    }
    tests = {text: truth for text in _conditions_in(type(op)) if (truth := _truth(text, held)) is not None}
    return KernelCall(arguments, tuple(tests.items()))


@lru_cache(maxsize=256)
def _conditions_in(kind: type[Op]) -> tuple[str, ...]:
    """The conditions in a kernel's source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind.kernel)))
    except (OSError, SyntaxError):  # an application frozen without its sources
        return ()
    return tuple(ast.unparse(node.test) for node in ast.walk(tree) if isinstance(node, ast.If))


def _truth(text: str, held: Mapping[str, object]) -> bool | None:
    """Evaluate a condition: the truth of a number, ``x is None`` or ``len(x) == 1``; None for other conditions."""
    match ast.parse(text, mode="eval").body:
        case ast.Name(name) if isinstance(held.get(name), bool | int | float | np.number | np.bool_):
            return bool(held[name])
        case ast.Compare(ast.Name(name), [ast.Is()], [ast.Constant(None)]) if name in held:
            return held[name] is None
        case ast.Compare(ast.Call(ast.Name("len"), [ast.Name(name)]), [ast.Eq()], [ast.Constant(int(count))]):
            array = held.get(name)
            return len(array) == count if isinstance(array, np.ndarray) else None
    return None


def written(arguments: Mapping[str, Argument]) -> str:
    """Arguments as a comment below the code: ``# here keep = 0.9``."""
    if not arguments:
        return ""
    return "# here " + ", ".join(
        f"{name} = {value if isinstance(value, bool) else f'{value:.6g}'}" for name, value in arguments.items()
    )


def source_of_op(op: Op, *, constant: bool = False, tests: tuple[tuple[str, bool], ...] = ()) -> Source:
    """Source of the function that computed a step.

    Parameters
    ----------
    op : Op
    constant : bool
        Whether the cell was computed from no other. Then the line that fills in a constant is highlighted, if there is
        one.
    tests : tuple of (str, bool)
        Values of its conditions: of two branches, the one that runs is highlighted.
    """
    return _source(type(op).kernel, constant, tests)


def readable_source(op: Op) -> Source:
    """Source of the function that does the work of a step in plain NumPy."""
    return _source(op.in_numpy(), False, ())


def sources_read(program: Program) -> Iterator[None]:
    """Read the sources of a program's ops one by one, so that none has to be read when its step is gone to."""
    for kind in {type(step.op): step.op for step in program.steps}.values():
        readable_source(kind)
        yield
        source_of_op(kind)
        yield


def settings_of(op: Op) -> str:
    """The arguments of that readable function that are no arrays, as a comment: ``# here stride = (1, 1)``."""
    given = op.settings()
    return "# here " + ", ".join(f"{name} = {value}" for name, value in given.items()) if given else ""


def comparison(values: Values, step: Step) -> Callable[[], str]:
    """Return a function that runs the readable code on the pass's arrays and compares the result with the one shown.

    It keeps the arrays, so that it can run in another thread while the pass is edited.
    """
    return partial(_compared, step, values.inputs(step), values.array(step.output))


def _compared(step: Step, inputs: tuple[Array, ...], made: Array) -> str:
    found = step.op.computed_readably(inputs).astype(made.dtype)
    name = short(step.output)
    gap, largest = _largest_gap(found, made)
    if gap == 0:
        return (
            f"Run on these arrays: exactly {name}, {all_of(made.size, 'number')}."
            if made.size > 1
            else (f"Run on these arrays: exactly {name}.")
        )
    return (
        f"Run on these arrays: {name} but for rounding. The largest difference is {format_value(gap, 2)}, the largest "
        f"number {format_value(largest)}."
    )


@np.errstate(all="ignore")
def _largest_gap(found: Array, made: Array) -> tuple[float, float]:
    """The largest difference and the largest number; two cells with the same NaN or infinity count as equal."""
    same = (found == made) | ((found != found) & (made != made))
    gaps = np.where(same, 0.0, np.abs(found.astype(np.float64) - made.astype(np.float64)))
    return float(gaps.max(initial=0.0)), float(np.abs(made.astype(np.float64)).max(initial=0.0))


@lru_cache(maxsize=256)
def _source(function: Callable[..., object], constant: bool, tests: tuple[tuple[str, bool], ...]) -> Source:
    where = f"{function.__module__}.{function.__qualname__}"
    try:
        text = textwrap.dedent(inspect.getsource(function))
        tree = ast.parse(text).body[0]
    except (OSError, SyntaxError):  # an application frozen without its sources
        return Source(
            (f"{function.__name__}(…)", "", "The source is not part of this build."), (False,) * 3, frozenset(), where
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
            work = (_filling(body) if constant else None) or _working(body, dict(tests))
            lit = frozenset(range(work.lineno - 1, work.end_lineno or work.lineno))
    return Source(tuple(lines), tuple(quiet), lit, where)


def _filling(body: list[ast.stmt]) -> ast.stmt | None:
    """The statement that fills an array with a constant."""
    return next((statement for statement in body if ".fill(" in ast.unparse(statement)), None)


def _working(body: list[ast.stmt], tests: dict[str, bool]) -> ast.stmt:
    """The statement that does the work: the sum in the innermost loop, the product, else the last one that ran."""
    inner = [node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.AugAssign)]
    loops = [node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.For)]
    if inner and loops:
        return inner[-1]
    for statement in body:
        if not isinstance(statement, ast.If) and any(word in ast.unparse(statement) for word in ("matmul", "einsum")):
            return statement
    return _last(body, tests)


def _last(body: list[ast.stmt], tests: dict[str, bool]) -> ast.stmt:
    statement = body[-1]
    if isinstance(statement, ast.If) and (test := ast.unparse(statement.test)) in tests:
        branch = statement.body if tests[test] else statement.orelse
        return _last(branch, tests) if branch else statement
    if isinstance(statement, ast.For) and any(isinstance(one, ast.If) for one in statement.body):
        return _last(statement.body, tests)
    return statement

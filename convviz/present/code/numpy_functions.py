"""Source text of functions, for a script that has them as its own."""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from convviz.core.errors import DesignError

IMPORTS = {
    "math": "import math",
    "np": "import numpy as np",
    "sliding_window_view": "from numpy.lib.stride_tricks import sliding_window_view",
}
"""What a function may use besides its arguments, and how a script imports it."""


class Functions:
    """The functions of a script, each once and under a name of its own."""

    def __init__(self) -> None:
        self._named: dict[str, Callable[..., Any]] = {}
        self._constants: dict[str, str] = {}
        self._imports: set[str] = set()

    @property
    def names(self) -> frozenset[str]:
        """The names that are taken by functions and imports."""
        return frozenset({*self._named, *self._constants, *IMPORTS, "sys", "Path"})

    @property
    def imports(self) -> list[str]:
        """Imports beyond NumPy that the functions need."""
        return [IMPORTS[name] for name in ("math", "sliding_window_view") if name in self._imports]

    def use(self, function: Callable[..., Any]) -> str:
        """Put a function into the script; returns its name there.

        Raises
        ------
        DesignError
            Its source is not part of this build.
        TypeError
            It needs something that a script of its own doesn't have.
        """
        wanted = name = function.__name__
        number = 1
        while name in self._named and self._named[name] is not function:
            number += 1
            name = f"{wanted}_{number}"
        if name not in self._named:
            self._named[name] = function
            self._needs(function)
        return name

    def lines(self) -> list[str]:
        """The functions, in the order of their first use."""
        found = list(self._constants.values())
        if found:
            found.append("")
        for name, function in self._named.items():
            found += ["", *plain_source(function, name), ""]
        return found

    def _needs(self, function: Callable[..., Any]) -> None:
        """Note the constants and modules that a function's body uses."""
        constants, imports = needs_of(function)
        self._constants |= {name: f"{name} = {value}" for name, value in constants}
        self._imports |= imports


@cache
def needs_of(function: Callable[..., Any]) -> tuple[tuple[tuple[str, int], ...], frozenset[str]]:
    """The whole-number constants and the modules that a function's body uses.

    Raises
    ------
    TypeError
        It needs something that a script of its own doesn't have.
    """
    constants: dict[str, int] = {}
    imports: set[str] = set()
    tree = parsed(function)
    known = {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}
    known |= {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    assert isinstance(function, FunctionType)
    for one in (one for statement in tree.body for one in ast.walk(statement)):
        if not isinstance(one, ast.Name) or one.id in known or hasattr(builtins, one.id):
            continue
        value = function.__globals__.get(one.id)
        if isinstance(value, int):
            constants[one.id] = value
        elif one.id in IMPORTS and (isinstance(value, ModuleType) or callable(value)):
            imports.add(one.id)
        else:
            raise TypeError(f"{function.__name__}: expected plain NumPy, got one that needs {one.id}")
    return tuple(constants.items()), frozenset(imports)


@cache
def plain_source(function: Callable[..., Any], name: str) -> tuple[str, ...]:
    """A function without annotations and docstring, under another name."""
    tree, lines = parsed(function), source_lines(function)
    for one in ast.walk(tree.args):
        if isinstance(one, ast.arg):
            one.annotation = None
    body = tree.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and len(body) > 1:
        body = body[1:]
    return f"def {name}({ast.unparse(tree.args)}):", *lines[body[0].lineno - 1 :]


def parsed(function: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a function."""
    tree = ast.parse("\n".join(source_lines(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


@cache
def source_lines(function: Callable[..., Any]) -> tuple[str, ...]:
    """The lines of a function, without the indentation that they share.

    Raises
    ------
    DesignError
        Its source is not part of this build.
    """
    try:
        return tuple(textwrap.dedent(inspect.getsource(function)).rstrip().splitlines())
    except OSError:
        raise DesignError(f"{function.__name__}: its source is not part of this build of convviz") from None

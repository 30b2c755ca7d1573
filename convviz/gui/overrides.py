"""Keeps an error in an override of one of Qt's methods from ending the process on Python 3.11."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from inspect import getattr_static
from types import FunctionType, MethodDescriptorType
from typing import Any

from PySide6.QtCore import QObject

BASE: Any = QObject.__mro__[1]
"""What all of Qt's classes are derived from, those too that are no QObject."""
GUARDED = "_gives_errors_as_objects"
"""What an override has once it is guarded."""
MOST_CALLS = 50
"""Of overrides that wait for each other; the window makes up to 10. PySide keeps count of 64. At 1,000 Python gives up,
perhaps at the call of an override from Qt, where the error can't be caught."""


class Calls(threading.local):
    """Calls of overrides in a thread that have not returned."""

    open = 0


def guard_overrides() -> None:
    """From now on, have the overrides of every class that is derived from one of Qt's give their errors as objects.

    Before Python 3.12 an error that C code has raised, a division by zero or a wrong argument, goes from caller to
    caller as a type and a text, and becomes an object when it is caught. One that leaves an override while Python
    waits for Qt gets the method's name before its message from PySide, which takes the text for the object: a
    segmentation fault. Caught and raised again, it is raised where Python waits, or printed, and the window stays.
    So is the error of overrides that call each other without end, by way of Qt.
    """
    calls = Calls()

    def derived(cls: Any, /, **more: Any) -> None:
        super(BASE, cls).__init_subclass__(**more)
        _guard(cls, calls)

    BASE.__init_subclass__ = classmethod(derived)


def overrides(cls: type) -> dict[str, FunctionType]:
    """The methods of a class in Python, or of what it mixes in, that Qt may call instead of its own; by name."""
    own = [cls, *(base for base in cls.__mro__[1:-1] if not issubclass(base, BASE))]
    names = {name for base in own for name, found in vars(base).items() if isinstance(found, FunctionType)}
    found = {name: getattr_static(cls, name) for name in sorted(names) if _is_qt(cls, name)}
    return {name: method for name, method in found.items() if isinstance(method, FunctionType)}


def _is_qt(cls: type, name: str) -> bool:
    return any(isinstance(vars(base).get(name), MethodDescriptorType) for base in cls.__mro__)


def _guard(cls: type, calls: Calls) -> None:
    for name, method in overrides(cls).items():
        if not hasattr(method, GUARDED):
            setattr(cls, name, _as_object(method, calls))


def _as_object(method: Callable[..., Any], calls: Calls) -> Callable[..., Any]:
    @wraps(method)
    def override(*given: Any, **named: Any) -> Any:
        calls.open += 1
        try:
            if calls.open > MOST_CALLS:
                raise RecursionError(f"{method.__qualname__}: expected to end, found it called from itself by Qt")
            return method(*given, **named)
        finally:  # catches an error, and raises it again
            calls.open -= 1

    vars(override)[GUARDED] = True
    return override

"""Calls from other threads into the window's."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec
from weakref import WeakMethod

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot
from shiboken6 import isValid

Given = ParamSpec("Given")


def posted(method: Callable[Given, object]) -> Callable[Given, None]:
    """Return a function that any thread may call, and that calls a method in the window's thread, soon and in order.

    A signal of the object will not do: PySide lets other threads run while it deletes an object, and a thread that
    emits a signal of that object just then ends the process with a segmentation fault. The object that carries the
    calls here is never deleted.

    Parameters
    ----------
    method : callable
        A method of a Qt object that belongs to the window's thread, where :func:`posted` is called too. The object is
        not kept alive; once it is deleted, nothing is called any more.
    """
    found, post = WeakMethod(method), _Post.of_window()

    def send(*given: Given.args, **named: Given.kwargs) -> None:
        post.send(partial(_call, found, *given, **named))

    return send


def _call(found: WeakMethod[Callable[..., object]], *given: object, **named: object) -> None:
    method: Any = found()
    if method is not None and isValid(method.__self__):
        method(*given, **named)


class _Post(QObject):
    """Calls functions in the window's thread, until the process ends."""

    _sent = Signal(object)
    _only: _Post | None = None

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()  # a handler of a signal may send something while something is sent
        self._is_open = True
        self._sent.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        # The function registered last runs first: before PySide deletes the application and all that belongs to it.
        atexit.register(self._close)

    @classmethod
    def of_window(cls) -> _Post:
        """The only one, which belongs to the application's thread, or to this one if there is no application yet."""
        if cls._only is None:
            cls._only = cls()
            application = QCoreApplication.instance()
            if application is not None:
                cls._only.moveToThread(application.thread())
        return cls._only

    def send(self, call: Callable[[], None]) -> None:
        """Have a function called in the window's thread; does nothing once the process ends."""
        with self._lock:
            if self._is_open:
                self._sent.emit(call)

    @Slot(object)
    def _deliver(self, call: Callable[[], None]) -> None:
        call()

    def _close(self) -> None:
        with self._lock:
            self._is_open = False

"""Opens the window, or says in one sentence why that is not possible here."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib.util
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from convviz.core.errors import ConvvizError

HEADLESS = (
    "To train without a window use `convviz train`; to draw the window into PNG files use "
    "`convviz shot --out DIR`; QT_QPA_PLATFORM=offscreen runs the window without a screen"
)


class NoDisplayError(ConvvizError):
    """There is no screen to open a window on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of the window."""
    parser.add_argument("--data", "--dataroot", dest="data", type=Path, metavar="FILE", help="open this HDF5 data set")
    parser.add_argument(
        "--open",
        type=Path,
        metavar="FILE",
        help="open a recorded run, a trained model, a design or a data set; `convviz FILE` is the same",
    )
    parser.add_argument("--theme", choices=["system", "light", "dark"], help="default: as last time")


def run(args: argparse.Namespace) -> int:
    """Open the window.

    Raises
    ------
    NoDisplayError
    """
    check_display()
    with ending_at_once():
        from convviz.gui.app import run as run_app

        return run_app(args.data, theme=args.theme, file=args.open)


@contextlib.contextmanager
def ending_at_once() -> Iterator[None]:
    """Let Ctrl+C end the process without an exception, like other signals, until the window handles them all.

    A KeyboardInterrupt in one of Qt's methods ends the process with a segmentation fault.
    """
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def check_display() -> None:
    """Refuse to open a window where Qt would abort the process.

    Raises
    ------
    NoDisplayError
    """
    qt = importlib.util.find_spec("PySide6")
    if qt is None or qt.origin is None:
        raise NoDisplayError(f"the window needs PySide6, which is not installed. {HEADLESS}.")
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if not sys.platform.startswith("linux") or platform in ("offscreen", "minimal", "vnc", "linuxfb", "eglfs"):
        return
    if wayland_answers():
        return
    display = os.environ.get("DISPLAY", "")
    if not display:
        raise NoDisplayError(f"expected a screen, but neither DISPLAY nor WAYLAND_DISPLAY is set. {HEADLESS}.")
    if not x_answers(display):
        raise NoDisplayError(f"expected an X server at DISPLAY={display}, but nothing answers there. {HEADLESS}.")
    plugin = Path(qt.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if plugin.exists():
        try:
            ctypes.CDLL(str(plugin))
        except OSError as error:
            raise NoDisplayError(
                f"Qt cannot open a window because a library is missing ({error}); README.md names the packages. "
                f"{HEADLESS}."
            ) from None


def wayland_answers() -> bool:
    """Whether a Wayland compositor listens."""
    name = os.environ.get("WAYLAND_DISPLAY", "")
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(name) and can_connect(socket.AF_UNIX, str(Path(folder) / name))


def x_answers(display: str) -> bool:
    """Whether an X server listens at ``host:number.screen``."""
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        local = f"/tmp/.X11-unix/X{number}"  # noqa: S108 (where X servers listen)
        return can_connect(socket.AF_UNIX, local) or can_connect(socket.AF_UNIX, "\0" + local)
    return can_connect(socket.AF_INET, (host, 6000 + int(number)))


def can_connect(family: int, address: str | tuple[str, int]) -> bool:
    """Whether something listens at an address."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True

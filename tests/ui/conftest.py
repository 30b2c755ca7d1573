"""A real window for tests of the whole app."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def real_window() -> Iterator[dict[str, str]]:
    """The environment for a process that opens a real window on a virtual screen of 1600×1000.

    A process has one Qt platform for life and this one draws offscreen, so such a test starts another:
    ``subprocess.run([sys.executable, …], env=real_window)``. Skips the test where there is no Xvfb.
    """
    if sys.platform != "linux" or shutil.which("Xvfb") is None:
        pytest.skip("a real window needs Xvfb (Debian, Ubuntu: apt-get install xvfb)")
    pyvirtualdisplay = pytest.importorskip("pyvirtualdisplay", reason="PyVirtualDisplay is not installed")
    with pyvirtualdisplay.Display(
        backend="xvfb",
        size=(1600, 1000),
        color_depth=24,
        use_xauth=shutil.which("xauth") is not None,
        manage_global_env=False,  # a DISPLAY of this process would reach tests that did not ask for it
    ) as display:
        yield {**display.env(), "QT_QPA_PLATFORM": "xcb"}

"""What every test stands on: which Qt platform the tests draw with.

The tests draw offscreen, so that they need no display and show no windows. ``CONVVIZ_TEST_PLATFORM=xcb`` (or
another name of a Qt platform) runs them in real windows instead: inside Xvfb where pytest-xvfb finds it.
A single test that needs a real window starts the app in a process of its own: see ``real_window`` in
``tests/ui/conftest.py``.
"""

from __future__ import annotations

import os

import pytest

PLATFORM = os.environ.get("CONVVIZ_TEST_PLATFORM", "offscreen")

# Before anything imports Qt: pytest-qt's application reads it when the first test asks for it.
os.environ["QT_QPA_PLATFORM"] = PLATFORM
os.environ["QT_API"] = "pyside6"


@pytest.hookimpl(optionalhook=True)
def pytest_xvfb_disable(config: pytest.Config) -> bool:
    """Keep pytest-xvfb from starting an X server that nothing would draw on."""
    return PLATFORM != "xcb"

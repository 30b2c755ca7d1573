"""Damaged files of every layout give a data set or the readers' own error, within a gigabyte and five seconds."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest
from child import child
from depth import cases

from tests.data.layouts import LAYOUTS, NEEDS_SCIPY

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "support" / "fuzzing.py"
NAMES = [one.__name__ for one in LAYOUTS if one.__name__ not in NEEDS_SCIPY or importlib.util.find_spec("scipy")]
AT_ONCE = 8


@pytest.mark.skipif(sys.platform == "win32", reason="this system limits neither time nor memory of a process this way")
@pytest.mark.parametrize(
    "names", [NAMES[at : at + AT_ONCE] for at in range(0, len(NAMES), AT_ONCE)], ids=lambda one: one[0]
)
def test_that_a_damaged_file_is_refused_within_bounds(names: list[str]) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with child(str(SCRIPT), str(cases(12)), *names, seconds=3600, env=env) as process:
        found, errors = process.communicate()
    assert found == ""
    assert errors == ""
    assert process.returncode == 0

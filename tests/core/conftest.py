"""What the engine's tests share lies in ``tests/support``, as modules that they can import."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SUPPORT = str(Path(__file__).parents[1] / "support")
if SUPPORT not in sys.path:
    sys.path.insert(0, SUPPORT)

pytest.register_assert_rewrite("engine_lone", "engine_twin", "engine_zoo")

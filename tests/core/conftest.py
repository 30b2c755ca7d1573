"""The checks that lie in ``tests/support`` say what differed, as asserts in a test do."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("engine_lone", "engine_twin", "engine_zoo")

"""How commands train, unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def numpy_kernels() -> Iterator[None]:
    """Train with NumPy's kernels: compiling others takes longer than any test, and is said on stderr where it is new.

    A test of both uses the fixture ``kernels``.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CONVVIZ_FAST", "0")
        yield

"""What the tests cost in seconds of the processor, children's too, whatever else the machine does.

    SUITE_COST=/tmp/cost pytest -n auto --dist worksteal -p tests.bench.suite_cost
    python -m tests.bench.suite_cost /tmp/cost

The first leaves a file of each process in the folder, the second sums them: by test file, and the dearest tests.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

MOST = 40


def used() -> float:
    """Seconds of this process and of its children that have ended."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note what a test took, with the fixtures that were made for it and ended after it."""
    before = used()
    try:
        return (yield)
    finally:
        folder = Path(os.environ["SUITE_COST"])
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / os.environ.get("PYTEST_XDIST_WORKER", "main")).open("a", encoding="utf-8") as file:
            file.write(json.dumps([item.nodeid, used() - before]) + "\n")


def main() -> None:
    """Print the sums."""
    tests: dict[str, float] = defaultdict(float)
    files: dict[str, float] = defaultdict(float)
    for path in Path(sys.argv[1]).iterdir():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, seconds = json.loads(line)
            tests[name] += seconds
            files[name.partition("::")[0]] += seconds
    print(f"{sum(tests.values()):.0f} s of the processor for {len(tests):,} tests")
    for found in (files, tests):
        print()
        for name, seconds in sorted(found.items(), key=lambda one: -one[1])[:MOST]:
            print(f"{seconds:8.1f}  {name}")


if __name__ == "__main__":
    main()

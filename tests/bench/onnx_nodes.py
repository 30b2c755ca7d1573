"""ONNX's own tests of the operators that CNNs have: passed, named as not expressible, or about something else.

python -m tests.bench.onnx_nodes             # a row an operator
python -m tests.bench.onnx_nodes --all       # and every test with what is said of it
python -m tests.bench.onnx_nodes Conv Pad    # only these
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "support"))

from onnx_node_cases import MODULES, results


def main() -> None:
    """Run them and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ops", nargs="*", metavar="OP", default=list(MODULES))
    parser.add_argument("--all", action="store_true", help="every test, with what is said of it")
    args = parser.parse_args()
    total: Counter[str] = Counter()
    print(f"{'operator':<22}{'passed':>8}{'named':>8}{'differs':>9}{'other':>8}")
    for op in args.ops:
        found = list(results([op]))
        counts = Counter(one.outcome for one in found)
        total += counts
        numbers = f"{counts['passed']:>8}{counts['named']:>8}{counts['differs']:>9}{counts['other']:>8}"
        print(f"{op:<22}{numbers}")
        for one in found:
            if args.all or one.outcome == "differs":
                print(f"    {one.outcome:<8} {one.name}: {one.words}")
    print(f"{'together':<22}{total['passed']:>8}{total['named']:>8}{total['differs']:>9}{total['other']:>8}")


if __name__ == "__main__":
    main()

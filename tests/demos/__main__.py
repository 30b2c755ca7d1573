"""Show one of the widgets alone: ``python -m tests.demos NAME [--dark]``."""

from __future__ import annotations

from convviz.gui.alone import arguments, run_alone
from tests.demos import DEMOS

if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("name", choices=DEMOS)
    given = parser.parse_args()
    raise SystemExit(run_alone(DEMOS[given.name], given))

"""Check that an installed wheel finds every file of ``resources/`` and ``data/``, not only a checkout.

Installs the project, without its dependencies, into a temporary folder and lets that copy list what it ships.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("data", "resources")

LIST_SHIPPED = """
import sys
from convviz import paths

assert paths.__file__.startswith(sys.argv[1]), f"expected the installed wheel, got {paths.__file__}"
for folder in sys.argv[2:]:
    top = paths.shipped(folder)
    for path in top.rglob("*"):
        if path.is_file():
            print(folder, path.relative_to(top).as_posix(), sep="/")
"""


def main() -> int:
    """Compare what the checkout has with what the wheel finds; 1 where they differ."""
    expected = {
        path.relative_to(ROOT).as_posix() for top in FOLDERS for path in (ROOT / top).rglob("*") if path.is_file()
    }
    with tempfile.TemporaryDirectory() as room:
        site = str(Path(room).resolve())
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, str(ROOT)],
            check=True,
        )
        # -P and the folder keep the checkout itself off the path.
        listing = subprocess.run(
            [
                sys.executable,
                "-P",
                "-c",
                f"import sys; sys.path.insert(0, {site!r})\n{LIST_SHIPPED}",
                site,
                *FOLDERS,
            ],
            cwd=room,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    found = set(listing.stdout.split("\n")) - {""}
    for path in sorted(expected ^ found):
        print(f"{path}: {'missing from' if path in expected else 'only in'} the wheel", file=sys.stderr)
    print(f"The wheel carries {len(found)} files of {' and '.join(FOLDERS)}.")
    return int(expected != found)


if __name__ == "__main__":
    sys.exit(main())

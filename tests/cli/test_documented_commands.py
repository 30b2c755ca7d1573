"""Every command that README.md shows has flags that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from convviz.__main__ import COMMANDS as SUBCOMMANDS
from convviz.__main__ import build_parser, with_file

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if re.match(r"(\.venv/bin/)?convviz\b", line)]


def test_that_the_readme_shows_every_way_to_train_and_keep() -> None:
    shown = " ".join(COMMANDS)
    for word in ("--preset", "--design", "--save", "--resume", "predict", "presets", "--out"):
        assert word in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_that_its_flags_exist(command: str) -> None:
    words = shlex.split(command, comments=True)[1:]
    wanted = words[0] if words and words[0] in SUBCOMMANDS else None  # a file opens the window
    assert build_parser().parse_args(with_file(words)).command == wanted

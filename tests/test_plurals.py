"""What is counted is written by one helper, so that nothing says “1 images”."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import convviz
from convviz.plurals import counted
from convviz.present.words import all_done

ROOT = Path(convviz.__file__).parent
THINGS = (
    "arrays bytes cells channels columns copies drawings edits epochs files filters groups images labels layers maps "
    "minibatches mistakes moments networks numbers parameters pins pixels places points rows runs seeds steps terms "
    "tiles units values weights windows words"
)
COUNTED = re.compile(rf"( (training|test|judged|different|input))? ({'|'.join(THINGS.split())})\b(?! per\b)")
SURELY_SEVERAL = re.compile(r"\b[A-Z][A-Z_]+\b|classes")
"""Limits are constants, and there are two classes at least."""
WORDS = {"shape", "part", "wanted", "lost", "one"}
"""Names of what is no number of things: ``(1, 28, 28) images``, ``test images``."""


def counts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of every number in a sentence that a noun in the plural follows, whatever the number is."""
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.IfExp | ast.If) and any(isinstance(part, ast.Compare) for part in ast.walk(node.test))
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr) or id(node) in guarded:
            continue
        for number, (value, text) in enumerate(zip(node.values, node.values[1:], strict=False)):
            if not isinstance(value, ast.FormattedValue) or not isinstance(text, ast.Constant):
                continue
            before = node.values[number - 1] if number else None
            is_size = isinstance(before, ast.Constant) and str(before.value).endswith(("×", "–"))
            what = ast.unparse(value.value)
            is_number = isinstance(value.value, ast.Name | ast.Attribute) or what.startswith(("len(", "int("))
            if (
                is_number
                and not is_size
                and COUNTED.match(str(text.value))
                and not SURELY_SEVERAL.search(what)
                and what not in WORDS
            ):
                yield node.lineno, f"{{{what}}}{text.value}"


def test_that_no_sentence_has_a_plural_after_any_number() -> None:
    texts = {file: file.read_text("utf-8") for file in sorted(ROOT.rglob("*.py"))}
    found = [
        f"{file.relative_to(ROOT)}:{line}: {words}"
        for file, text in texts.items()
        if any(COUNTED.match(text, brace.end()) for brace in re.finditer("}", text))
        for line, words in counts(ast.parse(text))
    ]
    assert not found, "convviz.plurals.counted writes these:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("source", "is_wrong"),
    [
        ('f"{n} images"', True),
        ('f"{len(rows):,} test images are left"', True),
        ("f\"{counted(n, 'image')}\"", False),
        ('f"{n} images" if n > 1 else "one image"', False),
        ('f"at most {MOST} layers"', False),
        ('f"{height}×{width} images"', False),
    ],
)
def test_that_the_search_finds_what_it_is_for(source: str, is_wrong: bool) -> None:
    assert bool(list(counts(ast.parse(source)))) is is_wrong


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (46_900, "46,900 images")]
)
def test_that_one_thing_is_not_written_as_several(number: int, words: str) -> None:
    assert counted(number, "image") == words


def test_that_the_end_of_a_training_is_said_of_one_epoch_too() -> None:
    assert all_done(1) == "the one epoch is done"
    assert all_done(3, "a.h5") == "all 3 epochs of a.h5 are done"

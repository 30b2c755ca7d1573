"""Names, stars and notes of runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.notes import NAME, RunNotes, RunRemarks


def test_that_notes_are_read_again(tmp_path: Path) -> None:
    notes = RunNotes(tmp_path)
    notes.set("one", name=" better ", starred=True)
    notes.set("two", note="odd")
    notes.set("two", note="")
    assert RunNotes(tmp_path).marks == {"one": RunRemarks("better", True)}


@pytest.mark.parametrize("contents", [b"{", b"[]", b'{"version": 2, "runs": {}}', b'{"version": 1, "runs": {"a": 3}}'])
def test_that_notes_that_cannot_be_read_are_not_written_over(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / NAME).write_bytes(contents)
    notes = RunNotes(tmp_path)
    assert "expected" in notes.problem
    with pytest.raises(RecordingError, match="expected"):
        notes.set("one", starred=True)
    assert (tmp_path / NAME).read_bytes() == contents

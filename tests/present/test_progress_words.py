"""How far a run is, and what the window waits for."""

from __future__ import annotations

import pytest

from convviz.present import progress_words
from convviz.present.progress_words import busy_forms, busy_sentence, compiling_sentence, compiling_words, run_forms


def test_that_compiling_is_not_called_the_first_time_where_machine_code_can_not_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress_words, "not_kept", lambda: "")
    assert compiling_words() == "compiling kernels, first time only"
    assert compiling_sentence("5 of 18") == "Kernels are being compiled, the first time only: 5 of 18."
    monkeypatch.setattr(progress_words, "not_kept", lambda: "/x can be written by others")
    assert compiling_words() == "compiling kernels, as at every start"
    assert compiling_sentence("5 of 18") == "Kernels are being compiled, as at every start: 5 of 18."


def test_that_what_is_opened_is_named_with_its_progress() -> None:
    assert busy_forms("Opening the run small of 14:02", 0, 0) == ("Opening the run small of 14:02 …", "Opening …")
    assert busy_forms("Opening the run small of 14:02", 120, 300)[1] == "Opening … 40 %"
    assert busy_sentence("Going back to step 9", 0, 0) == "Going back to step 9 …"
    assert busy_sentence("Going back to step 9", 4, 9) == "Going back to step 9: 40 % of 9 minibatches replayed."
    assert busy_sentence("Going back to step 1", 0, 1) == "Going back to step 1: 0 % of 1 minibatch replayed."


def test_that_a_run_says_less_where_there_is_less_room() -> None:
    forms = run_forms((2, 3), (900, 2346), ["2,100 img/s", "1:20 left"], is_running=True)
    assert forms[0] == "epoch 2/3  step 900/2,346  2,100 img/s  1:20 left"
    assert forms[-1] == "epoch 2/3"
    assert run_forms((2, 3), (900, 2346), ["paused"], is_running=False)[-1] == "epoch 2/3  paused"

"""The settings beside the pictures: those of the run, and those being edited."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.core.design import Design


@dataclass(frozen=True, slots=True)
class SettingsPicture:
    """The settings to show, and which of them can be edited.

    Parameters
    ----------
    run : Design
        Design of the run; shown during a run.
    edited : Design
        The edited design; shown otherwise.
    is_running : bool
        Whether a run goes on; then only settings that apply live can be edited.
    waits : bool
        Whether the edits wait for Train.
    data_name : str
    n_train, n_test : int
        How many images there are.
    """

    run: Design
    edited: Design
    is_running: bool
    waits: bool
    data_name: str
    n_train: int
    n_test: int

    @property
    def caption(self) -> str:
        """When an edit takes effect; empty if that is obvious."""
        if self.waits:
            return "Restart applies the edits" if self.is_running else "Train applies the edits"
        return "Rate and epochs apply live" if self.is_running else ""

"""The settings beside the pictures: what the run has, and what is being edited."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.core.design import Design


@dataclass(frozen=True, slots=True)
class SettingsPicture:
    """Which settings are shown, and which can be edited.

    Parameters
    ----------
    run : Design
        Shown while a run goes on.
    edited : Design
        Shown otherwise; edits are made of this one.
    is_running : bool
        A run goes on: only what applies live can be edited.
    waits : bool
        What was edited waits for Train.
    data_name : str
    n_train, n_test : int
        Images there are.
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
        """When an edit takes effect; empty where that is plain."""
        if self.waits:
            return "Restart applies the edits" if self.is_running else "Train applies the edits"
        return "Rate and epochs apply live" if self.is_running else ""

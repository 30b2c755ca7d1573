"""A look at the run: all that the pictures of Watch are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from convviz.present.history import History
from convviz.present.moment import Moment
from convviz.present.scales import HeldScales
from convviz.present.watch.settings import SettingsPicture
from convviz.present.watched import Watched


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What there is to see, and what of it is chosen.

    Parameters
    ----------
    moment : Moment, optional
        The network on the watched image; None before the first.
    history : History
        The curves so far.
    scales : HeldScales
        Ends of colour scales. They move up when a picture needs it: which moments were shown decides about them.
    watched : Watched
    class_names : tuple of str
        May be fewer than classes: then their numbers are shown.
    images : mapping of str to int
        How many images of each split the run uses.
    enlarged : str
        Array that is shown over the whole page; empty where none is.
    settings : SettingsPicture, optional
    """

    moment: Moment | None = None
    history: History = field(default_factory=History)
    scales: HeldScales = field(default_factory=HeldScales)
    watched: Watched = field(default_factory=Watched)
    class_names: tuple[str, ...] = ()
    images: Mapping[str, int] = field(default_factory=dict)
    enlarged: str = ""
    settings: SettingsPicture | None = None

    def class_name(self, label: int) -> str:
        """What a class is called."""
        return self.class_names[label] if label < len(self.class_names) else str(label)

"""A look at the run: everything that the pictures of Watch are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from convviz.present.history import History
from convviz.present.moment import Moment
from convviz.present.scales import HeldScales
from convviz.present.watch.breakpoints import BreakpointsPicture
from convviz.present.watch.data_health import DataHealth
from convviz.present.watch.hold.look import HoldLook
from convviz.present.watch.network_map.choice import MapChoice
from convviz.present.watch.past_look import PastLook
from convviz.present.watch.pins_look import PinsLook
from convviz.present.watch.search import SearchLook
from convviz.present.watch.strip_choice import StripChoice
from convviz.present.watched import Watched

HERE = "the moment that is looked at"
"""Name of the looked-at moment among the events of a curve."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The state of the run, and the user's choices in it.

    Parameters
    ----------
    moment : Moment, optional
        The network on the watched image; None before the first.
    history : History
        The curves so far.
    scales : HeldScales
        Ends of colour scales. They grow when a picture needs it, so they depend on the moments that were shown.
    watched : Watched
    class_names : tuple of str
        May be fewer than the classes; the others are shown by number.
    images : mapping of str to int
        How many images of each split the run uses.
    enlarged : str
        Array that is shown over the whole page; empty for none.
    map : MapChoice
    data : DataHealth, optional
        Facts about the training images that the warnings need.
    dismissed : frozenset of str
        Keys of the warnings that the user has read.
    past : PastLook, optional
        The past moment on show, if any.
    breakpoints : BreakpointsPicture, optional
    hold : HoldLook, optional
        The minibatch that a breakpoint holds before its update, or that of the past hit on show.
    strip : StripChoice
        Which other images are watched, too.
    pins : PinsLook, optional
        The pinned numbers.
    search : SearchLook, optional
        A search back through the run.
    """

    moment: Moment | None = None
    history: History = field(default_factory=History)
    scales: HeldScales = field(default_factory=HeldScales)
    watched: Watched = field(default_factory=Watched)
    class_names: tuple[str, ...] = ()
    images: Mapping[str, int] = field(default_factory=dict)
    enlarged: str = ""
    map: MapChoice = field(default_factory=MapChoice)
    data: DataHealth | None = None
    dismissed: frozenset[str] = frozenset()
    past: PastLook | None = None
    breakpoints: BreakpointsPicture | None = None
    hold: HoldLook | None = None
    strip: StripChoice = field(default_factory=StripChoice)
    pins: PinsLook | None = None
    search: SearchLook | None = None

    def class_name(self, label: int) -> str:
        """Name of a class."""
        return self.class_names[label] if label < len(self.class_names) else str(label)

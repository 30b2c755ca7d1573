"""The fingerprint of the images that were read last, shared by all who need it: reading all images takes a while."""

from __future__ import annotations

from convviz.files.cancel import Cancelled
from convviz.storage.fingerprint import DataFingerprint, fingerprint
from convviz.training.images import Split, are_at

__all__ = ["KnownFingerprint", "fingerprint_of"]


def fingerprint_of(name: str, train: Split, test: Split, cancelled: Cancelled | None = None) -> DataFingerprint:
    """The fingerprint of the images for training and testing; reads all of them.

    Raises
    ------
    LoadCancelledError
        ``cancelled`` said yes.
    """
    return fingerprint(name, (train.images, train.labels), (test.images, test.labels), cancelled)


class KnownFingerprint:
    """Remembers one fingerprint by the memory of its images: a part of a data set is a new object each time.

    Any thread may ask.
    """

    def __init__(self) -> None:
        self._last: tuple[Split, Split, DataFingerprint] | None = None
        """Kept alive, so that no other images can take their memory."""

    def known(self, name: str, train: Split, test: Split) -> DataFingerprint | None:
        """The fingerprint of these images; None if others were read last."""
        last = self._last
        if last is None or last[2].name != name or not are_at(last[:2], (train, test)):
            return None
        return last[2]

    def remember(self, train: Split, test: Split, found: DataFingerprint) -> None:
        """Note the fingerprint of images that were just read."""
        self._last = train, test, found

    def of(self, name: str, train: Split, test: Split, cancelled: Cancelled | None = None) -> DataFingerprint:
        """The fingerprint of these images; reads them unless they were the last ones.

        Raises
        ------
        LoadCancelledError
            ``cancelled`` said yes.
        """
        found = self.known(name, train, test)
        if found is None:
            found = fingerprint_of(name, train, test, cancelled)
            self.remember(train, test, found)
        return found

"""Images on their way to the workers arrive as they were, where reading them is fastest."""

from __future__ import annotations

import pickle

import numpy as np
from small_run import noise_data

from convviz.sweeps.images import ArrivedImages, SentImages


def test_that_images_arrive_as_they_were_and_aligned() -> None:
    data = noise_data()
    buffers: list[pickle.PickleBuffer] = []
    message = pickle.dumps(SentImages(data), protocol=5, buffer_callback=buffers.append)
    # As they come over a connection: in the middle of a larger message.
    moved = [memoryview(b"x" + bytes(one.raw()))[1:] for one in buffers]
    arrived = pickle.loads(message, buffers=moved)
    assert isinstance(arrived, ArrivedImages)
    found = arrived.data
    assert (found.name, found.classes, found.class_names) == (data.name, data.classes, data.class_names)
    for name in ("x_train", "y_train", "x_test", "y_test"):
        got, sent = getattr(found, name), getattr(data, name)
        assert np.array_equal(got, sent)
        assert got.flags.aligned
        assert not got.flags.writeable

"""What a preset brings is said in one sentence, with a word for the way back."""

from __future__ import annotations

from convviz.present.design.brought import Brought, brought


def test_that_images_of_its_own_are_named_with_the_ones_that_they_replace() -> None:
    said = brought("conv-toy", data="mnist.h5", coming="toy images", own=True)
    assert said.sentence == "conv-toy brings its own toy images: they take the place of mnist.h5."
    assert said.undo == "Give mnist.h5 back"


def test_that_beside_a_trained_network_they_come_with_its_training() -> None:
    said = brought("conv-toy", data="mnist.h5", coming="toy images", own=True, trained=True).sentence
    assert said.endswith("they take the place of mnist.h5 once it is trained.")


def test_that_it_is_said_whether_the_data_fit() -> None:
    assert brought("lenet-5", data="mnist.h5") == Brought("lenet-5 is open and fits mnist.h5.")
    said = brought("wide", data="mnist.h5", fault="the network takes 3×32×32 images, mnist.h5 has 1×28×28.")
    assert said.sentence == (
        "wide is open, but can't be trained yet. The network takes 3×32×32 images, mnist.h5 has 1×28×28."
    )
    assert brought("lenet-5", data="toy images", coming="mnist.h5").sentence == (
        "lenet-5 is open, with mnist.h5 in the place of toy images."
    )

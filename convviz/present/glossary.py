"""Words that the window uses, one sentence each."""

from __future__ import annotations

from typing import Final

GLOSSARY: Final[dict[str, str]] = {
    "activation": "What comes out of an activation function, such as ReLU, which keeps positive numbers only.",
    "backward pass": "Goes through the layers from last to first and finds the gradient of every weight.",
    "batch normalisation": "Brings each channel to mean 0 and variance 1 over the minibatch, then to learned ones.",
    "bias": "A number that is added to everything one filter computes.",
    "channel": "One of the planes of an image or a feature map, such as red, or the output of one filter.",
    "col2im": "The way back from im2col: adds every cell of a matrix of windows to the pixel that it was copied from.",
    "convolution": "Slides each filter over the image and sums, at every place, the products of filter and window.",
    "cross-entropy": "The loss of a classifier: minus the logarithm of the probability that it gives the right class.",
    "dilation": "The distance between neighbouring pixels of a window; above 1, pixels between them are left out.",
    "dropout": "Sets a random part of the activations to zero while training, so that none is relied on too much.",
    "epoch": "One training pass through all training images.",
    "feature map": "What one filter computes from an image: one number for each place of its window.",
    "filter": "The weights that a convolution multiplies with a window; also called kernel.",
    "forward pass": "Goes through the layers from first to last, from the images to the loss.",
    "gradient": "How much the loss changes when one number grows a little; training moves weights the other way.",
    "groups": "Parts that the channels are divided into; each filter sees the channels of one group only.",
    "im2col": "Copies every window of an image into a column of a matrix, so that a convolution is one matrix product.",
    "learning rate": "How far a weight moves for a gradient of a given size.",
    "logit": "A class's score before softmax turns the scores into probabilities.",
    "loss": "One number that says how wrong the network is; training makes it smaller.",
    "minibatch": "The images that go through the network together for one update of the weights.",
    "momentum": "Lets an update keep part of the one before, so that steps in one direction add up.",
    "optimiser": "The rule that makes an update of the weights out of their gradients, such as SGD or Adam.",
    "padding": "Pixels, mostly zeros, that are put around an image before the windows are taken.",
    "pooling": "Makes a map smaller by keeping one number for each window: the largest or the mean.",
    "receptive field": "The part of the input image that one number of a layer can depend on.",
    "softmax": "Makes probabilities, which sum to 1, out of the logits.",
    "stride": "How many pixels the window moves on from one place to the next.",
    "update": "One step of training: every weight moves a little, as the optimiser says.",
    "weight": "A number that training changes.",
    "window": "The part of the image under a filter at one place.",
}
"""In alphabetical order."""

"""Keras's order of a model's layers, in which its files of weights number the layers of each class.

A Sequential model keeps the order in which its layers are listed. A functional model sorts them by depth, the length of
the longest path from a layer to the output, and layers of equal depth in the order in which a search back from the
output meets them. Keras's layers without a counterpart in a design, such as the padding before a convolution, count in
these paths too.
"""

from __future__ import annotations

from convviz.core.arrays import MAPS, Role, Shape
from convviz.core.design import Design
from convviz.core.layers import AvgPool2D, Conv2D, ConvTranspose2D, Flatten, MaxPool2D, Multiply, pair
from convviz.core.layers.base import margins
from convviz.core.lower import lower
from convviz.core.ops.window import NO_MARGINS
from convviz.core.program import Builder
from convviz.core.wiring import IMAGES, Wired, is_chain, wired


def keras_order(design: Design) -> list[str]:
    """Names of a design's layers in Keras's order, as the exported code has them."""
    design = design.named()
    names = [layer.name for layer in design.layers]
    if is_chain(design.layers):
        return names
    found = wired(design)
    shapes = {name: spec.shape for name, spec in lower(design, 1, train=False).arrays.items()}
    depth = dict.fromkeys(names, 0)
    for name in reversed(names):  # so that all readers of a layer come before it
        one = found[name]
        around = keras_layers(one, shapes)
        for source in one.reads:
            if source != IMAGES:
                extra = 1 if is_spread(one, source, found, shapes) else 0
                own = depth[source]
                depth[source] = max(own, depth[name] + around + extra + after(found[source]))
    met: dict[str, int] = {}
    ahead = [names[-1]]
    while ahead:
        name = ahead.pop()
        if name in met or name == IMAGES:
            continue
        met[name] = len(met)
        ahead += reversed(found[name].reads)
    return sorted(names, key=lambda name: (-depth[name], met.get(name, 0)))


def keras_layers(one: Wired, shapes: dict[str, Shape]) -> int:
    """Number of Keras layers from the input of a layer to the one that has its weights, which is included."""
    return 1 + before(one, shapes)


def before(one: Wired, shapes: dict[str, Shape]) -> int:
    """Number of Keras layers that the exported code puts before the layer itself."""
    layer = one.layer
    if isinstance(layer, Flatten):
        return 1  # a Permute, which reorders the axes
    if isinstance(layer, Conv2D):
        sides = margins(layer.padding, layer.window, *shapes[one.inputs[0]][2:])
        return int(any(sides) and not (layer.padding == "same" and layer.window.stride == (1, 1)))
    if not isinstance(layer, MaxPool2D | AvgPool2D):
        return 0
    build = Builder(1, train=False)
    x = build.source(IMAGES, shapes[one.inputs[0]], Role.INPUT, MAPS)
    reach = layer.reach(build, x)
    if isinstance(layer, AvgPool2D) and reach != (layer.padded(build, x) if layer.count_padding else NO_MARGINS):
        return 0  # padding and pooling are one layer
    return int(any(reach))


def after(one: Wired) -> int:
    """Number of Keras layers that the exported code puts after the one with the weights."""
    layer = one.layer
    if isinstance(layer, ConvTranspose2D):
        return int(any(pair(layer.padding)))
    is_sparse = isinstance(layer, Conv2D) and layer.window.stride != (1, 1) and layer.window.dilation != (1, 1)
    return int(is_sparse)


def is_spread(one: Wired, source: str, found: dict[str, Wired], shapes: dict[str, Shape]) -> bool:
    """Whether a product takes one factor per map from this source, which Keras has to reshape first."""
    ranks = {len(shapes[name]) for name in one.inputs}
    return isinstance(one.layer, Multiply) and ranks == {2, 4} and len(shapes[found[source].output]) == 2

"""Turns a program into an equivalent one with fewer, compiled steps.

    pad2d · im2col · matmul · add_bias · relu      →  convolution
    im2col · matmul (filters' gradient)            →  filter_gradient
    matmul (columns' gradient) · col2im · crop2d   →  convolution with the filters turned by 180°
    col2im, with a stride                          →  col2im
    which_max · maxpool2d_grad · relu_grad         →  maxpool2d_grad
    centre · normalise · scale_shift · relu        →  batch_norm, and its gradient in two steps
    matmul · relu_grad (dense, few units)          →  matmul
    add_square · by_root · sgd_update and the like →  descent

Arrays keep their names, roles and memory; arrays that no step reads any more are not computed. Only those needed
afterwards (sums, gradients, new weights, and those that the plan is asked to keep) are sure to exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Generic, TypeVar

from convviz.core.arrays import ArraySpec, Axis, Role, Shape
from convviz.core.fast import batch_norm, fused, updates
from convviz.core.fast import dense as compiled_dense
from convviz.core.fast import loss as compiled_loss
from convviz.core.ops import activation, conv, dense, filter_product, loss, max_pool, norm, reshape, update
from convviz.core.ops.base import Op
from convviz.core.ops.window import Margins, Window
from convviz.core.program import Program, Step

FEWEST_FILTERS = 3
"""With fewer filters in a group, tiles would be mostly empty: depthwise convolutions stay with NumPy."""

WIDEST_STRIDE = 2
"""Largest horizontal stride for which there are vector instructions for a row of windows."""

FEW_TAPS = 64
"""Cells of a filter below which its gradient is computed by dot products."""


OpT = TypeVar("OpT", bound=Op)


@dataclass(frozen=True, slots=True)
class Found(Generic[OpT]):
    """A step whose op is known to be of one type."""

    step: Step
    op: OpT

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the arrays that it reads."""
        return self.step.inputs

    @property
    def output(self) -> str:
        """Name of the array that it makes."""
        return self.step.output


def found(step: Step, kind: type[OpT]) -> Found[OpT] | None:
    """The step, if its op is of this type."""
    return Found(step, step.op) if isinstance(step.op, kind) else None


def rewrite(program: Program, keep: Collection[str] = (), without: tuple[type[Op], ...] = ()) -> Program:
    """The program in compiled steps.

    Parameters
    ----------
    program : Program
    keep : collection of str
        Arrays that have to be computed, besides sums, gradients and new weights.
    without : tuple of type
        Ops that keep their NumPy kernels (to measure what a compiled one earns).
    """
    return Rewriting(program, frozenset(keep), without).done()


class Rewriting:
    """Goes over the steps once and collects their replacements."""

    def __init__(self, program: Program, keep: frozenset[str], without: tuple[type[Op], ...]) -> None:
        self._program = program
        self._without = without
        self._keep = keep
        self._made = {step.output: step for step in program.steps}
        self._readers = Counter(name for step in program.steps for name in step.inputs)
        self._arrays: dict[str, ArraySpec] = dict(program.arrays)
        self._updates = dict(program.updates)
        self._steps: list[Step] = []
        self._replaced: set[str] = set()
        """Outputs of steps that an earlier compiled step has replaced."""

        products = [step for step in program.steps if isinstance(step.op, dense.DenseProduct)]
        weights = [program.arrays[step.inputs[1]].shape for step in products]
        self._narrow = dense.DenseProduct not in without and all(
            o <= compiled_dense.WIDEST and i % compiled_dense.UNIT == 0 for i, o in weights
        )
        """Whether all dense layers are compiled; one by BLAS would make the pass wait for the whole batch."""

    def done(self) -> Program:
        """The new program."""
        for step in self._program.steps:
            if step.output in self._replaced:
                continue
            if isinstance(step.op, self._without):
                self._steps.append(step)
            else:
                self._replace(step)
        wanted = set(self._keep) | set(self._program.gradients.values()) | set(self._updates.values())
        wanted |= {step.output for step in self._program.steps if not self._readers[step.output]}
        needed = []
        for step in reversed(self._steps):
            if step.output in wanted:
                wanted.update(step.inputs)
                needed.append(step)
        steps = tuple(replace(step, index=i) for i, step in enumerate(reversed(needed)))
        there = {*self._program.sources, *(step.output for step in steps)}
        arrays = {name: spec for name, spec in self._arrays.items() if name in there}
        return replace(
            self._program, steps=steps, arrays=MappingProxyType(arrays), updates=MappingProxyType(self._updates)
        )

    # --- queries -----------------------------------------------------------------------------------------------

    def _producer(self, name: str, kind: type[OpT]) -> Found[OpT] | None:
        """The step that computes an array, if its op is of this type."""
        step = self._made.get(name)
        return None if step is None else found(step, kind)

    def _only_reader(self, name: str, kind: type[OpT]) -> Found[OpT] | None:
        """The only step that reads an array, if its op is of this type and the array is not needed afterwards."""
        if self._readers[name] != 1 or name in self._keep:
            return None
        return found(next(step for step in self._program.steps if name in step.inputs), kind)

    # --- replacing ---------------------------------------------------------------------------------------------

    def _replace(self, step: Step) -> None:
        match step.op:
            case filter_product.FilterProduct(groups=groups):
                done = self._forward(step, groups)
            case filter_product.FilterGradient(groups=groups):
                done = self._filter_gradient(step, groups)
            case filter_product.ColumnGradient(groups=groups):
                done = self._image_gradient(step, groups)
            case conv.Col2Im(window=window) if not window.slides and window.stride[1] <= WIDEST_STRIDE:
                done = self._put(step, fused.Col2Im(window), step.inputs)
            case conv.Crop2D(top=top, left=left):
                done = self._put(step, fused.Solid(top, left), step.inputs)
            case max_pool.MaxPool2D(window=window, margins=margins) if window.stride[1] <= WIDEST_STRIDE:
                done = self._put(step, fused.MaxPool(window, margins), step.inputs)
            case max_pool.MaxPool2DGrad(window=window, margins=margins) if window.stride[1] <= WIDEST_STRIDE:
                done = self._pool_gradient(step, window, margins)
            case activation.Relu():
                done = self._put(step, fused.Rectify(), step.inputs)
            case activation.ReluGrad():
                done = self._put(step, fused.RectifyGrad(), step.inputs)
            case dense.DenseProduct():
                done = self._narrow and self._dense(step)
            case dense.DenseInputGradient():
                done = self._narrow and self._dense_input_gradient(step)
            case dense.DenseWeightGradient():
                op = compiled_dense.NarrowWeightGradient() if self._narrow else compiled_dense.OuterProduct()
                done = (self._narrow or self._program.batch == 1) and self._put(step, op, step.inputs)
            case dense.AddUnitBias():
                done = self._put(step, compiled_loss.AddBias(), step.inputs)
            case dense.SumImages():
                done = self._put(step, compiled_loss.SumImages(), step.inputs)
            case loss.Softmax():
                done = self._put(step, compiled_loss.Softmax(), step.inputs)
            case loss.CrossEntropy(smoothing=smoothing):
                done = self._put(step, compiled_loss.CrossEntropy(smoothing), step.inputs)
            case loss.MeanLoss(divisor=divisor):
                done = self._put(step, compiled_loss.MeanLoss(divisor), step.inputs)
            case loss.MeanLossGrad(divisor=divisor):
                done = self._put(step, compiled_loss.MeanLossGrad(divisor), step.inputs)
            case loss.SoftmaxGrad(smoothing=smoothing):
                done = self._put(step, compiled_loss.SoftmaxGrad(smoothing), step.inputs)
            case norm.ChannelMean(divisor=divisor):
                done = self._put(step, batch_norm.ChannelSum(divisor), step.inputs)
            case norm.SumChannels():
                done = self._put(step, batch_norm.ChannelSum(), step.inputs)
            case norm.ChannelVariance(divisor=divisor):
                done = self._variance(step, divisor)
            case norm.ScaleShift():
                done = self._batch_norm(step)
            case norm.SumProduct():
                done = self._scale_gradient(step)
            case norm.NormaliseGrad():
                done = self._batch_norm_gradient(step)
            case filter_product.SumRows():
                done = self._put(step, fused.RowSums(), step.inputs)
            case update.SgdUpdate() | update.AdamUpdate():
                done = self._descent(step)
            case _:
                done = False
        if not done:
            self._steps.append(step)

    def _put(self, at: Step, op: Op, inputs: tuple[str, ...], output: str = "") -> bool:
        """Put a step in the place of ``at``; returns True."""
        output = output or at.output
        self._steps.append(replace(at, op=op, inputs=inputs, output=output, shape=self._arrays[output].shape))
        return True

    def _array(self, name: str, shape: Shape, like: str) -> str:
        """Describe a new array that all images share, in the layer of another one; returns its name."""
        axes = (Axis.PACKED,) * len(shape)
        self._arrays[name] = ArraySpec(name, shape, Role.WEIGHT, axes, self._arrays[like].layer)
        return name

    def _geometry(self, columns: str, filters: int, groups: int) -> tuple[str, fused.Geometry] | None:
        """Images and geometry of the convolution that reads ``columns``; None if it has none or tiles don't pay."""
        im2col = self._producer(columns, conv.Im2Col)
        if im2col is None or filters // groups < FEWEST_FILTERS:
            return None
        source = im2col.inputs[0]
        padded = self._arrays[source].shape[2:]
        top = left = 0
        pad = self._producer(source, conv.Pad2D)
        if pad is not None and pad.op.value == 0:
            source, top, left = pad.inputs[0], pad.op.top, pad.op.left
        _, c, h, w = self._arrays[source].shape
        return source, fused.Geometry(im2col.op.window, groups, (c, h, w), (top, left), (padded[0], padded[1]), filters)

    def _packed(self, at: Step, w_row: str, geometry: fused.Geometry, *, mirrored: bool) -> str:
        """Add the step that packs the filters; returns the name of its output."""
        pack = fused.PackFilters(geometry, mirrored)
        name = self._array(f"{at.output}.packed", pack.shape, w_row)
        self._put(at, pack, (w_row,), name)
        return name

    def _forward(self, step: Step, groups: int) -> bool:
        w_row, x_col = step.inputs
        found = self._geometry(x_col, self._arrays[w_row].shape[0], groups)
        if found is None:
            return False
        source, geometry = found
        inputs: tuple[str, ...] = (source, self._packed(step, w_row, geometry, mirrored=False))
        output, relu = step.output, False
        add = self._only_reader(output, filter_product.AddRowBias)
        if add is not None:
            self._replaced.add(add.output)
            inputs, output = (*inputs, add.inputs[1]), add.output
        fold = self._only_reader(output, reshape.FoldMaps)
        active = self._only_reader(fold.output, activation.Relu) if fold is not None else None
        if fold is not None and active is not None:
            self._replaced |= {fold.output, active.output}
            relu, z_row, output = True, output, f"{active.output}_row"
            self._arrays[output] = replace(self._arrays[z_row], name=output)
            self._put(step, fused.Convolution(geometry, relu), inputs, output)
            return self._put(fold.step, fold.op, (output,), active.output)
        return self._put(step, fused.Convolution(geometry, relu), inputs, output)

    def _filter_gradient(self, step: Step, groups: int) -> bool:
        d_z, x_col = step.inputs
        found = self._geometry(x_col, self._arrays[d_z].shape[0], groups)
        if found is None:
            return False
        source, geometry = found
        kind = fused.FilterDots if geometry.taps < FEW_TAPS else fused.FilterSums
        return self._put(step, kind(geometry), (d_z, source))

    def _image_gradient(self, step: Step, groups: int) -> bool:
        """Replace ColumnGradient, col2im and, where there was padding, the crop."""
        w_row, d_z = step.inputs
        fold = self._only_reader(step.output, conv.Col2Im)
        if fold is None:
            return False
        channels, height, width = fold.op.image
        output, pad, image = fold.output, (0, 0), (channels, height, width)
        crop = self._only_reader(output, conv.Crop2D)
        if crop is not None:
            output, pad = crop.output, (crop.op.top, crop.op.left)
            image = channels, crop.op.height, crop.op.width
        filters = self._arrays[w_row].shape[0]
        if channels // groups < FEWEST_FILTERS:
            return False
        geometry = fused.Geometry(fold.op.window, groups, image, pad, (height, width), filters).mirrored
        if geometry is None:
            return False
        self._replaced |= {fold.output, output}
        packed = self._packed(step, w_row, geometry, mirrored=True)
        return self._put(step, fused.Convolution(geometry), (d_z, packed), output)

    # --- batch normalisation -----------------------------------------------------------------------------------

    def _normalised(self, x_hat: str) -> tuple[tuple[str, ...], float] | None:
        """Maps, mean and variance of normalised maps, and ε."""
        normalise = self._producer(x_hat, norm.Normalise)
        centre = self._producer(normalise.inputs[0], norm.Centre) if normalise is not None else None
        if normalise is None or centre is None:
            return None
        return (*centre.inputs, normalise.inputs[1]), normalise.op.epsilon

    def _variance(self, step: Step, divisor: int) -> bool:
        centre = self._producer(step.inputs[0], norm.Centre)
        return centre is not None and self._put(step, batch_norm.Variance(divisor), centre.inputs)

    def _batch_norm(self, step: Step) -> bool:
        x_hat, scale, shift = step.inputs
        found = self._normalised(x_hat)
        if found is None:
            return False
        inputs, epsilon = (*found[0], scale, shift), found[1]
        active = self._only_reader(step.output, activation.Relu)
        if active is None:
            return self._put(step, batch_norm.BatchNorm(epsilon), inputs)
        self._replaced.add(active.output)
        return self._put(step, batch_norm.BatchNorm(epsilon, relu=True), inputs, active.output)

    def _scale_gradient(self, step: Step) -> bool:
        d_z, x_hat = step.inputs
        found = self._normalised(x_hat)
        return found is not None and self._put(step, batch_norm.ScaleGradient(found[1]), (d_z, *found[0]))

    def _batch_norm_gradient(self, step: Step) -> bool:
        """Replace NormaliseGrad; the gradients of scale and shift give the two means that it needs."""
        d_x_hat, x_hat, _, mean, _ = step.inputs
        found = self._normalised(x_hat)
        scaled, share = self._producer(d_x_hat, norm.ScaleGrad), self._producer(mean, norm.ChannelMean)
        if found is None or scaled is None or share is None:
            return False
        d_z, scale = scaled.inputs
        d_scale = next((s.output for s in self._program.steps if s.inputs == (d_z, x_hat)), None)
        sums = [s for s in self._program.steps if s.inputs == (d_z,) and isinstance(s.op, norm.SumChannels)]
        if d_scale is None or not sums:
            return False
        op = batch_norm.BatchNormGrad(found[1], share.op.divisor)
        return self._put(step, op, (d_z, *found[0], scale, d_scale, sums[0].output))

    # --- dense -------------------------------------------------------------------------------------------------

    def _dense(self, step: Step) -> bool:
        x, weight = step.inputs
        shape = compiled_dense.Transpose.shape(self._arrays[weight].shape)
        transposed = self._array(f"{weight}.transposed", shape, weight)
        self._put(step, compiled_dense.Transpose(), (weight,), transposed)
        return self._put(step, compiled_dense.NarrowProduct(), (x, transposed))

    def _dense_input_gradient(self, step: Step) -> bool:
        d_z, weight = step.inputs
        transposed = f"{weight}.transposed"
        # If the features are maps after a ReLU, the step computes the ReLU's gradient too.
        maps = self._only_reader(step.output, reshape.Reshape)
        grad = self._only_reader(maps.output, activation.ReluGrad) if maps is not None else None
        if maps is not None and grad is not None:
            self._replaced |= {maps.output, grad.output}
            inputs = (d_z, transposed, grad.inputs[1])
            return self._put(step, compiled_dense.NarrowInputGradient(active=True), inputs, grad.output)
        return self._put(step, compiled_dense.NarrowInputGradient(active=False), (d_z, transposed))

    def _pool_gradient(self, step: Step, window: Window, margins: Margins) -> bool:
        d_a, which = step.inputs
        found = self._producer(which, max_pool.WhichMax)
        if found is None:
            return False
        x, a = found.inputs
        # A ReLU before the pooling passes the gradient only where the maximum is positive.
        grad = self._only_reader(step.output, activation.ReluGrad)
        if grad is not None and grad.inputs == (step.output, x):
            self._replaced.add(grad.output)
            return self._put(step, fused.MaxPoolGrad(window, margins, active=True), (d_a, x, a), grad.output)
        return self._put(step, fused.MaxPoolGrad(window, margins), (d_a, x, a))

    # --- updates -----------------------------------------------------------------------------------------------

    def _descent(self, step: Step) -> bool:
        chain = updates.chain_to(self._program, step, self._keep)
        if not chain:
            return False
        made = {one.output for one in chain[:-1]}
        self._steps = [one for one in self._steps if one.output not in made]
        self._updates = {old: new for old, new in self._updates.items() if new not in made}
        return self._put(step, *updates.as_one(chain))

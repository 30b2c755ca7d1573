"""Accuracy of the activations that are computed by series, and of all of them in float32."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine_lone import run_layer

from convviz.core.layers import (
    ELU,
    GELU,
    Clip,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from convviz.core.layers.mish import MishGrad, MishOp
from convviz.core.layers.softplus import SoftplusGrad, SoftplusOp
from convviz.core.ops import clip, hard_swish
from convviz.core.ops.activation import LeakyRelu, Relu
from convviz.core.ops.activation import Sigmoid as SigmoidOp
from convviz.core.ops.activation import Tanh as TanhOp
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import fresh_scratch
from convviz.core.ops.elu import Elu, EluGrad
from convviz.core.ops.gelu import Gelu, GeluGrad, GeluTanh, GeluTanhGrad
from convviz.core.ops.silu import Silu, SiluGrad

LINE = np.concatenate([np.linspace(-12, 12, 4801), [0.0, -0.0, 1e-300, -1e-300, 30.0, -30.0]])


def test_that_gelu_is_as_exact_as_the_error_function() -> None:
    ran = run_layer(GELU(), LINE[None], d_out=np.ones((1, LINE.size)))

    chance = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in LINE])
    density = np.exp(-LINE * LINE / 2) / math.sqrt(2 * math.pi)
    # Relative where the value is large or tiny; NumPy's exponential has the last word in the tail.
    np.testing.assert_allclose(ran.out[0], LINE * chance, rtol=2e-13, atol=1e-300)
    np.testing.assert_allclose(ran.gradients["x"][0], chance + LINE * density, rtol=1e-14, atol=4e-16)


def test_that_gelu_in_float32_is_exact_to_float32() -> None:
    z = LINE.astype(np.float32)
    a, slope = np.empty_like(z), np.empty_like(z)
    Gelu.kernel(*Gelu().prepare([z], a, fresh_scratch))
    GeluGrad.kernel(*GeluGrad().prepare([np.ones_like(z), z], slope, fresh_scratch))

    wide = z.astype(np.float64)
    chance = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in wide])
    np.testing.assert_allclose(a, wide * chance, rtol=2e-6, atol=1e-7)
    np.testing.assert_allclose(slope, chance + wide * np.exp(-wide * wide / 2) / math.sqrt(2 * math.pi), atol=4e-7)


def test_that_gelu_of_a_large_number_is_the_number_or_nothing() -> None:
    ran = run_layer(GELU(), [[1e30, -1e30, 50.0, -50.0]], d_out=[[1, 1, 1, 1]])

    assert ran.out.tolist() == [[1e30, 0, 50, 0]]
    assert ran.gradients["x"].tolist() == [[1, 0, 1, 0]]


@pytest.mark.parametrize(
    "op",
    [
        *(Relu(), LeakyRelu(0.1), SigmoidOp(), TanhOp(), Gelu(), GeluTanh(), Elu(0.7), Silu(), hard_swish.HardSwish()),
        *(SoftplusOp(), MishOp()),
        *(clip.Clip(-1.0, 2.0), clip.HardSigmoid()),
    ],
    ids=lambda o: o.name,
)
def test_that_an_activation_may_write_over_its_input(op: Elementwise) -> None:
    z = LINE.astype(np.float32).reshape(-1, 1).copy()
    apart = np.empty_like(z)
    with np.errstate(over="ignore"):
        type(op).kernel(*op.prepare([z], apart, fresh_scratch))
        type(op).kernel(*op.prepare([z], z, fresh_scratch))

    assert np.array_equal(z, apart)


@pytest.mark.parametrize(
    "op",
    [SigmoidOp(), TanhOp(), Gelu(), GeluTanh(), Elu(0.7), Silu(), SoftplusOp(), MishOp()],
    ids=lambda o: o.name,
)
def test_that_plain_numpy_agrees_where_an_exponential_is_too_large_for_a_number(op: Elementwise) -> None:
    z = np.array([-300, -95, 0.5, 95, 300], np.float32).reshape(-1, 1)
    a = np.empty_like(z)
    with np.errstate(over="ignore"):
        type(op).kernel(*op.prepare([z], a, fresh_scratch))
    plain = op.computed_readably([z])

    np.testing.assert_allclose(plain, a, rtol=1e-6, atol=1e-30)


@pytest.mark.parametrize(
    "op",
    [
        *(GeluGrad(), GeluTanhGrad(), EluGrad(0.7), SiluGrad(), hard_swish.HardSwishGrad()),
        *(SoftplusGrad(), MishGrad()),
        *(clip.ClipGrad(-1.0, 2.0), clip.HardSigmoidGrad()),
    ],
    ids=lambda o: o.name,
)
def test_that_a_slope_may_write_over_the_gradient(op: Elementwise) -> None:
    z = LINE.astype(np.float32)
    gradient, apart = np.full_like(z, 3.0), np.empty_like(z)
    type(op).kernel(*op.prepare([gradient, z], apart, fresh_scratch))
    type(op).kernel(*op.prepare([gradient, z], gradient, fresh_scratch))

    assert np.array_equal(gradient, apart)


@pytest.mark.parametrize(
    "layer",
    [
        ReLU(),
        LeakyReLU(),
        Sigmoid(),
        Tanh(),
        GELU(),
        GELU(approximate="tanh"),
        ELU(),
        SiLU(),
        HardSwish(),
        HardSigmoid(),
        Softplus(),
        Mish(),
        Clip(),
    ],
    ids=lambda la: repr(la)[:30],
)
def test_that_not_a_number_is_not_hidden(layer: ReLU) -> None:
    ran = run_layer(layer, [[float("nan"), 1.0]])

    assert math.isnan(ran.out[0, 0])
    assert math.isfinite(ran.out[0, 1])

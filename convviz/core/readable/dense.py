"""A dense layer and its backward pass."""

from __future__ import annotations

from convviz.core.arrays import Array


def product(x: Array, weight: Array) -> Array:
    return x @ weight


def weight_gradient(x: Array, d_z: Array) -> Array:
    return x.T @ d_z


def input_gradient(d_z: Array, weight: Array) -> Array:
    return d_z @ weight.T


def add_unit_bias(product: Array, bias: Array) -> Array:
    return product + bias


def sum_images(d_z: Array) -> Array:
    return d_z.sum(axis=0)

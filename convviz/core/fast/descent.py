"""Update rules, each in one pass over the memory: optimiser state and weight are updated in place.

The formulas are those of :mod:`convviz.core.ops.update`, with w the weight and g the gradient. Arrays are one row of
cells each, but ``lr`` and ``t`` hold a single number. The arguments are in the order of the steps that a rule replaces:
first the arrays that they read, then their numbers.
"""

from __future__ import annotations

import numpy as np

from convviz.core.fast.jit import compiled


@compiled
def sgd(weight, gradient, lr):
    """w ← w − η g."""
    rate = lr[()]
    for i in range(weight.size):
        weight[i] -= rate * gradient[i]


@compiled
def momentum(velocity, gradient, weight, lr, mu):
    """v ← μ v + g; w ← w − η v."""
    rate, keep = lr[()], weight.dtype.type(mu)
    for i in range(weight.size):
        v = keep * velocity[i] + gradient[i]
        velocity[i] = v
        weight[i] -= rate * v


@compiled
def nesterov(velocity, gradient, weight, lr, mu, ahead):
    """v ← μ v + g; w ← w − η (g + μ v)."""
    rate, keep, further = lr[()], weight.dtype.type(mu), weight.dtype.type(ahead)
    for i in range(weight.size):
        g = gradient[i]
        v = keep * velocity[i] + g
        velocity[i] = v
        weight[i] -= rate * (g + further * v)


@compiled
def adagrad(squares, gradient, weight, lr, epsilon):
    """s ← s + g²; w ← w − η g / (√s + ε)."""
    rate, tiny = lr[()], weight.dtype.type(epsilon)
    for i in range(weight.size):
        g = gradient[i]
        s = squares[i] + g * g
        squares[i] = s
        weight[i] -= rate * (g / (np.sqrt(s) + tiny))


@compiled
def rmsprop(squares, gradient, weight, lr, beta, epsilon):
    """s ← β s + (1 − β) g²; w ← w − η g / (√s + ε)."""
    number = weight.dtype.type
    rate, keep, add, tiny = lr[()], number(beta), number(1.0 - beta), number(epsilon)
    for i in range(weight.size):
        g = gradient[i]
        s = keep * squares[i] + add * (g * g)
        squares[i] = s
        weight[i] -= rate * (g / (np.sqrt(s) + tiny))


@compiled
def rmsprop_momentum(squares, gradient, velocity, weight, lr, beta, epsilon, mu):
    """s ← β s + (1 − β) g²; v ← μ v + g / (√s + ε); w ← w − η v."""
    number = weight.dtype.type
    rate, keep, add, tiny, inert = lr[()], number(beta), number(1.0 - beta), number(epsilon), number(mu)
    for i in range(weight.size):
        g = gradient[i]
        s = keep * squares[i] + add * (g * g)
        squares[i] = s
        v = inert * velocity[i] + g / (np.sqrt(s) + tiny)
        velocity[i] = v
        weight[i] -= rate * v


@compiled
def adadelta(squares, gradient, moved, weight, lr, rho, epsilon, rho_moved):
    """s ← ρ s + (1 − ρ) g²; Δ = g √(u + ε) / √(s + ε); u ← ρ u + (1 − ρ) Δ²; w ← w − η Δ."""
    number = weight.dtype.type
    rate, keep, add, tiny = lr[()], number(rho), number(1.0 - rho), number(epsilon)
    kept_moved, taken_moved = number(rho_moved), number(1.0 - rho_moved)
    for i in range(weight.size):
        g, u = gradient[i], moved[i]
        s = keep * squares[i] + add * (g * g)
        squares[i] = s
        move = g / np.sqrt(s + tiny) * np.sqrt(u + tiny)
        moved[i] = kept_moved * u + taken_moved * (move * move)
        weight[i] -= rate * move


@compiled
def adamw(weight, lr, mean, gradient, squares, t, decay, mean_beta, squares_beta, beta1, beta2, epsilon):
    """m ← β₁ m + (1 − β₁) g; s ← β₂ s + (1 − β₂) g²; w ← (1 − η λ) w − η m̂ / (√ŝ + ε)."""
    number, passes = weight.dtype.type, float(t[()])
    rate, left = number(lr[()] / (1.0 - beta1**passes)), number(1.0 - lr[()] * decay)
    root, tiny = number(1.0 / np.sqrt(1.0 - beta2**passes)), number(epsilon)
    keep, add = number(mean_beta), number(1.0 - mean_beta)
    kept_squares, taken_squares = number(squares_beta), number(1.0 - squares_beta)
    for i in range(weight.size):
        g = gradient[i]
        m = keep * mean[i] + add * g
        s = kept_squares * squares[i] + taken_squares * (g * g)
        mean[i] = m
        squares[i] = s
        weight[i] = left * weight[i] - rate * (m / (np.sqrt(s) * root + tiny))


@compiled
def adam(mean, gradient, squares, weight, lr, t, mean_beta, squares_beta, beta1, beta2, epsilon):
    """:func:`adamw` without weight decay."""
    adamw(weight, lr, mean, gradient, squares, t, 0.0, mean_beta, squares_beta, beta1, beta2, epsilon)

"""The loss of a design, in PyTorch and Keras."""

from __future__ import annotations

from convviz.core.design import Design
from convviz.present.code.common import number

__all__ = ["keras_loss", "torch_accuracy", "torch_loss"]


def torch_loss(design: Design) -> tuple[list[str], str]:
    """Lines that define a loss function, and the expression for it in the training loop."""
    training = design.training
    smoothing = training.label_smoothing
    if training.loss == "cross-entropy" and training.image_weights(design.classes) is None:
        return [], f"nn.CrossEntropyLoss({f'label_smoothing={number(smoothing)}' if smoothing else ''})"
    match training.loss:
        case "hinge":
            # PyTorch divides by the number of classes.
            lines = [f"losses = {design.classes} * functional.multi_margin_loss(scores, labels, reduction='none')"]
        case "mse":
            target = f"functional.one_hot(labels, {design.classes}).to(scores.dtype)"
            if smoothing:
                target += f" * {number(1 - smoothing)} + {number(smoothing / design.classes)}"
            lines = [f"target = {target}", "losses = ((scores - target) ** 2).mean(1)"]
        case _:
            more = f", label_smoothing={number(smoothing)}" if smoothing else ""
            lines = [f"losses = functional.cross_entropy(scores, labels, reduction='none'{more})"]
    weights = training.image_weights(design.classes)
    if weights is None:
        lines.append("return losses.mean()")
    else:
        lines += [
            f"weights = torch.tensor({[float(one) for one in weights]})[labels]",
            "return (weights * losses).sum() / weights.sum().clamp(min=1e-30)",
        ]
    return ["", "def loss_function(scores, labels):", *(f"    {line}" for line in lines), ""], "loss_function"


def torch_accuracy(design: Design) -> list[str]:
    """A line that leaves out the images that don't count."""
    ignored = design.training.ignored_label
    return [] if ignored is None else [f"    x, y = x[y != {ignored}], y[y != {ignored}]"]


def keras_loss(design: Design) -> tuple[list[str], str]:
    """Lines that define a loss function of class numbers and scores, and the expression for it."""
    training, classes = design.training, design.classes
    smoothing, weights = training.label_smoothing, training.image_weights(classes)
    if training.loss == "cross-entropy" and weights is None:
        return [], "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
    lines = [
        'labels = keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32")',
        f"target = keras.ops.one_hot(labels, {classes})",
    ]
    if smoothing:
        lines.append(f"target = target * {number(1 - smoothing)} + {number(smoothing / classes)}")
    match training.loss:
        case "hinge":
            lines += [
                "true = keras.ops.sum(scores * target, axis=-1, keepdims=True)",
                "losses = keras.ops.sum(keras.ops.relu(scores - true + 1) * (1 - target), axis=-1)",
            ]
        case "mse":
            lines.append("losses = keras.ops.mean((scores - target) ** 2, axis=-1)")
        case _:
            lines.append("losses = keras.ops.categorical_crossentropy(target, scores, from_logits=True)")
    if weights is None:
        lines.append("return losses")
    else:
        lines += [
            f"weights = keras.ops.take(keras.ops.convert_to_tensor({[float(one) for one in weights]}), labels)",
            "# Keras takes the mean over the minibatch; here it is by the weights.",
            "return losses * weights / keras.ops.maximum(keras.ops.mean(weights), 1e-30)",
        ]
    return ["", "def loss_function(labels, scores):", *(f"    {line}" for line in lines), ""], "loss_function"

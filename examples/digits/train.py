#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a small convolutional network on handwritten digits and writes it as digits.onnx.

    image [N,1,8,8] -> conv1 3x3, 16 -> relu1 -> conv2 3x3, 32 -> relu2
                    -> pool 2x2 max -> flatten -> dense 10 -> softmax -> probability [N,10]

Plain NumPy, forward and backward, no framework. The seed fixes everything but the order in which
the BLAS library adds, so a retrained file may differ in the last bits between machines. The number
of epochs is fixed beforehand: the held-out digits are looked at once, at the end.

    python examples/digits/train.py [OUTPUT.onnx]
"""

import pathlib
import sys
import time

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from threadpoolctl import threadpool_limits

import data

SEED = 0
EPOCHS = 60
BATCH = 32
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
LEAST_ACCURACY = 0.98
OPSET = 21


class Conv:
    """A 3x3 convolution with padding 1. Weights are [output, input, 3, 3], as in ONNX."""

    def __init__(self, rng, inputs, outputs):
        scale = np.sqrt(2 / (inputs * 9))
        self.params = [
            rng.normal(0, scale, (outputs, inputs, 3, 3)).astype(np.float32),
            np.zeros(outputs, np.float32),
        ]

    def forward(self, x):
        weight, bias = self.params
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = sliding_window_view(padded, (3, 3), (2, 3))  # [N, C, H, W, 3, 3]
        self.shape = x.shape
        # One row per output pixel, one column per weight: the convolution is then one product.
        self.columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, weight[0].size)
        out = self.columns @ weight.reshape(len(weight), -1).T + bias
        return out.reshape(x.shape[0], *x.shape[2:], -1).transpose(0, 3, 1, 2)

    def backward(self, grad):
        weight = self.params[0]
        n, channels, height, width = self.shape
        rows = grad.transpose(0, 2, 3, 1).reshape(-1, len(weight))
        self.grads = [(rows.T @ self.columns).reshape(weight.shape), rows.sum(0)]
        columns = rows @ weight.reshape(len(weight), -1)
        columns = columns.reshape(n, height, width, channels, 3, 3).transpose(0, 3, 1, 2, 4, 5)
        padded = np.zeros((n, channels, height + 2, width + 2), np.float32)
        for i in range(3):
            for j in range(3):
                padded[:, :, i : i + height, j : j + width] += columns[..., i, j]
        return padded[:, :, 1:-1, 1:-1]


class Relu:
    params = ()

    def forward(self, x):
        self.positive = x > 0
        return np.where(self.positive, x, np.float32(0))

    def backward(self, grad):
        return grad * self.positive


class MaxPool:
    """A 2x2 maximum with stride 2."""

    params = ()

    def forward(self, x):
        n, c, h, w = x.shape
        blocks = x.reshape(n, c, h // 2, 2, w // 2, 2)
        out = blocks.max((3, 5), keepdims=True)
        self.shape, self.chosen = x.shape, blocks == out
        return out.reshape(n, c, h // 2, w // 2)

    def backward(self, grad):
        n, c, h, w = grad.shape
        share = self.chosen / self.chosen.sum((3, 5), keepdims=True, dtype=np.float32)
        return (share * grad.reshape(n, c, h, 1, w, 1)).reshape(self.shape)


class Flatten:
    params = ()

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, grad):
        return grad.reshape(self.shape)


class Dense:
    """x @ weight + bias. Weights are [input, output]."""

    def __init__(self, rng, inputs, outputs):
        scale = np.sqrt(1 / inputs)
        self.params = [
            rng.normal(0, scale, (inputs, outputs)).astype(np.float32),
            np.zeros(outputs, np.float32),
        ]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, grad):
        self.grads = [self.x.T @ grad, grad.sum(0)]
        return grad @ self.params[0].T


def build_layers(rng):
    """The network without its softmax, which the loss contains."""
    return {
        "conv1": Conv(rng, 1, 16),
        "relu1": Relu(),
        "conv2": Conv(rng, 16, 32),
        "relu2": Relu(),
        "pool": MaxPool(),
        "flatten": Flatten(),
        "dense": Dense(rng, 32 * 4 * 4, 10),
    }


def forward(layers, x):
    for layer in layers.values():
        x = layer.forward(x)
    return x


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


class AdamW:
    """Adam with decoupled weight decay (Kingma and Ba 2014; Loshchilov and Hutter 2017)."""

    def __init__(self, layers):
        self.layers = [layer for layer in layers.values() if layer.params]
        self.moments = [[(np.zeros_like(p), np.zeros_like(p)) for p in layer.params]
                        for layer in self.layers]
        self.step_count = 0

    def step(self, rate):
        self.step_count += 1
        correct1 = 1 - 0.9**self.step_count
        correct2 = 1 - 0.999**self.step_count
        for layer, moments in zip(self.layers, self.moments):
            for param, grad, (first, second) in zip(layer.params, layer.grads, moments):
                first += 0.1 * (grad - first)
                second += 0.001 * (grad * grad - second)
                if param.ndim > 1:
                    param *= 1 - rate * WEIGHT_DECAY
                param -= rate * (first / correct1) / (np.sqrt(second / correct2) + 1e-8)


def shifted(rng, images):
    """Each image moved by up to one pixel in each direction; what moves in is zero."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, (8, 8), (2, 3))  # [N, 1, 3, 3, 8, 8]
    # Half of the draws are "no shift", so that the net sees the digits as they are most often.
    offsets = rng.choice(3, (2, len(images)), p=(0.25, 0.5, 0.25))
    return windows[np.arange(len(images)), :, offsets[0], offsets[1]]


def train(images, labels):
    rng = np.random.default_rng(SEED)
    layers = build_layers(rng)
    optimizer = AdamW(layers)
    for epoch in range(EPOCHS):
        rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        order = rng.permutation(len(images))
        loss = 0.0
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            probability = softmax(forward(layers, shifted(rng, images[batch])))
            rows = np.arange(len(batch))
            loss -= np.log(probability[rows, labels[batch]] + 1e-12).sum()
            grad = probability
            grad[rows, labels[batch]] -= 1
            grad /= np.float32(len(batch))
            for layer in reversed(layers.values()):
                grad = layer.backward(grad)
            optimizer.step(rate)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1:3}  training loss {loss / len(images):.4f}")
    return layers


def to_onnx(layers):
    """Node and value names are the layers': errors, profiles and kernel tables will show them."""
    attributes = {
        "conv": ("Conv", dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1])),
        "relu": ("Relu", {}),
        "pool": ("MaxPool", dict(kernel_shape=[2, 2], strides=[2, 2])),
        "flatten": ("Flatten", dict(axis=1)),
        "dense": ("Gemm", {}),
    }
    nodes, initializers, value = [], [], "image"
    for name, layer in layers.items():
        op, attrs = attributes[name.rstrip("0123456789")]
        weights = [f"{name}.{suffix}" for suffix in ("weight", "bias")[: len(layer.params)]]
        initializers += [numpy_helper.from_array(p, w) for p, w in zip(layer.params, weights)]
        nodes.append(helper.make_node(op, [value, *weights], [f"{name}.out"], name, **attrs))
        value = f"{name}.out"
    nodes.append(helper.make_node("Softmax", [value], ["probability"], "softmax", axis=1))
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["N", 10])],
        initializers,
        doc_string="8x8 handwritten digits: pixels scaled to 0..1, probabilities of 0 to 9",
    )
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=10,
        producer_name="tg examples/digits/train.py",
    )


def main():
    here = pathlib.Path(__file__).resolve().parent
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "digits.onnx"
    train_images, train_labels, images, labels = data.load()

    begin = time.perf_counter()
    # The products are too small to gain from threads.
    with threadpool_limits(1):
        layers = train(train_images, train_labels)
    print(f"trained on {len(train_images)} digits in {time.perf_counter() - begin:.1f} s")

    probability = softmax(forward(layers, images))
    right = int((probability.argmax(1) == labels).sum())
    print(f"held-out accuracy {right / len(labels):.2%} ({right} of {len(labels)})")
    if right < LEAST_ACCURACY * len(labels):
        sys.exit(f"that is below {LEAST_ACCURACY:.0%}: no file written")

    model = to_onnx(layers)
    onnx.checker.check_model(model, full_check=True)
    reference = ReferenceEvaluator(model).run(None, {"image": images})[0]
    error = float(np.abs(reference - probability).max())
    if error > 1e-5:
        sys.exit(f"the exported model differs from the trained one by {error:.3g}")
    output.write_bytes(model.SerializeToString(deterministic=True))
    print(f"wrote {output} ({output.stat().st_size:,} bytes); "
          f"ONNX reference and NumPy differ by at most {error:.2g}")


if __name__ == "__main__":
    main()

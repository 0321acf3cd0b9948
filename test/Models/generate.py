#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the models of this folder and, for each, a stored input and its expected output.

    mlp.onnx     batch of 4, 16 -> 32 -> 8: MatMul + Add + Relu, then Gemm with a transposed weight.
                 Random seeded weights; every size is static.
    digits.*     the first 8 held-out digits for examples/digits/digits.onnx (batch is symbolic).

Expected outputs come from onnx's reference evaluator, in float32.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

HERE = pathlib.Path(__file__).resolve().parent
DIGITS = HERE.parent.parent / "examples" / "digits"
sys.path.insert(0, str(DIGITS))
import data  # noqa: E402

SEED = 0


def store(name, model, **inputs):
    """Runs the model and stores its one input and its one output beside this script."""
    (value,) = inputs.values()
    (expected,) = ReferenceEvaluator(model).run(None, inputs)
    np.save(HERE / f"{name}.input.npy", value)
    np.save(HERE / f"{name}.expected.npy", expected)


def mlp(rng):
    def weight(name, *shape):
        return numpy_helper.from_array(rng.normal(0, 0.25, shape).astype(np.float32), name)

    nodes = [
        helper.make_node("MatMul", ["x", "dense1.weight"], ["dense1.product"], "dense1"),
        helper.make_node("Add", ["dense1.product", "dense1.bias"], ["dense1.out"], "dense1.add"),
        helper.make_node("Relu", ["dense1.out"], ["relu1.out"], "relu1"),
        helper.make_node("Gemm", ["relu1.out", "dense2.weight", "dense2.bias"], ["y"], "dense2",
                         transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "mlp",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, 16])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4, 8])],
        [weight("dense1.weight", 16, 32), weight("dense1.bias", 32),
         weight("dense2.weight", 8, 32), weight("dense2.bias", 8)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10,
                             producer_name="tg test/Models/generate.py")


def main():
    rng = np.random.default_rng(SEED)
    model = mlp(rng)
    onnx.checker.check_model(model, full_check=True)
    (HERE / "mlp.onnx").write_bytes(model.SerializeToString(deterministic=True))
    store("mlp", model, x=rng.normal(size=(4, 16)).astype(np.float32))

    _, _, images, _ = data.load()
    store("digits", onnx.load(DIGITS / "digits.onnx"), image=images[:8])


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tg.onnx_backend: the interface, and the package's own node tests through it, in one process. (They
run through tg-run too, each in its own: test/Onnx.)"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import onnx.backend.test
import pytest
from onnx import TensorProto, helper

import tg
import tg.onnx_backend as backend
from conftest import DIGITS, ROOT

sys.path.insert(0, str(ROOT / "test/Onnx"))
from backend_tests import read_list, run_test  # noqa: E402


def test_node_tests():
    """On several threads at once."""
    runner = onnx.backend.test.BackendTest(backend.TgBackend, __name__)
    case = runner.test_cases["OnnxBackendNodeModelTest"]
    names = [name.removesuffix("_cpu") for name in dir(case) if name.endswith("_cpu")]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        reasons = dict(zip(names, pool.map(lambda name: run_test(case, f"{name}_cpu"), names)))
    failures = {name: reason for name, reason in reasons.items() if reason}
    print(f"Python node tests: {len(names) - len(failures)} of {len(names)} passed")
    expected = read_list().keys() & set(names)
    assert {name: failures[name] for name in failures.keys() - expected} == {}
    assert expected - failures.keys() == set(), "take them off test/Onnx/expected_failures.txt"


def relu(shape):
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"], name="clip")], "g",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)])
    return helper.make_model(graph)


def test_prepare_and_run():
    rep = backend.prepare(relu(["N"]))
    for x in ([-1, 2], [3, -4, 5]):
        [y] = rep.run([np.array(x, np.float32)])
        assert (y == np.maximum(x, 0)).all()
    [y] = backend.run_model(relu([2]), [np.array([-1, 2], np.float32)], threads=1)
    assert (y == [0, 2]).all()


def test_run_node():
    node = helper.make_node("Add", ["a", "b"], ["c"])
    [c] = backend.run_node(node, [np.ones(3, np.float32), np.arange(3, dtype=np.float32)])
    assert (c == [1, 2, 3]).all()


def test_shape_input():
    """A model is compiled again where another value of an input gives another shape."""
    node = helper.make_node("Reshape", ["x", "shape"], ["y"])
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [6]),
                      helper.make_tensor_value_info("shape", TensorProto.INT64, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    rep = backend.prepare(helper.make_model(graph))
    x = np.arange(6, dtype=np.float32)
    for shape in ([2, 3], [3, 2], [2, 3]):
        [y] = rep.run([x, np.array(shape)])
        assert y.shape == tuple(shape) and (y.ravel() == x).all()


def test_devices():
    assert backend.supports_device("CPU") and backend.supports_device("CPU:0")
    assert not backend.supports_device("CUDA") and not backend.supports_device("abacus")
    with pytest.raises(tg.Error, match="unknown device 'CUDA'"):
        backend.prepare(relu([2]), "CUDA")


def test_errors():
    model = onnx.load(DIGITS)
    model.graph.node[0].op_type = "Nonsense"
    with pytest.raises(tg.Error, match="Nonsense"):
        backend.prepare(model)
    with pytest.raises(tg.Error, match="got 2 inputs, expected 1"):
        backend.run_model(relu([2]), [np.zeros(2, np.float32)] * 2)


def test_a_batch_of_none():
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]> '
                                    "g (float[N,3] x) => (float[N,3] y) { y = Neg (x) }")
    rep = backend.prepare(model)
    assert rep.run([np.ones((0, 3), np.float32)])[0].shape == (0, 3)
    assert rep.run([np.ones((2, 3), np.float32)])[0].shape == (2, 3)

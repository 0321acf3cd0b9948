# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes models whose weights lie in a file beside them: external.py FOLDER"""

import pathlib
import sys

import numpy as np
from onnx import TensorProto, helper

folder = pathlib.Path(sys.argv[1])
(folder / "inside").mkdir(parents=True, exist_ok=True)
weights = np.arange(256, dtype=np.float32)
(folder / "inside" / "weights.bin").write_bytes(b"\0" * 4096 + weights.tobytes())
(folder / "outside.bin").write_bytes(weights.tobytes())
(folder / "inside" / "link.bin").unlink(missing_ok=True)
(folder / "inside" / "link.bin").symlink_to(folder / "outside.bin")


def write(name, location, offset=0, shape=(256,)):
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=shape,
                         data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", str(offset))):
        tensor.external_data.add(key=key, value=value)
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"], "sum")], name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)], [tensor])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    (folder / "inside" / f"{name}.onnx").write_bytes(model.SerializeToString())


write("good", "weights.bin", 4096)
write("parent", "../outside.bin")
write("absolute", str((folder / "outside.bin").resolve()))
write("linked", "link.bin")
write("missing", "nowhere.bin")
write("short", "weights.bin", 4100)
write("absurd", "weights.bin", 0, (1 << 40, 1 << 20))

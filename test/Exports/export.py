# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes the models and expected outputs in this folder, with PyTorch's own exporter.

    pip install torch onnx onnxscript          # 2.15, 1.21 and 0.7.2 made what is committed
    python test/Exports/export.py [NAME...]
    python test/Exports/export.py --compare [NAME...]

For each model of models.py: NAME.onnx, with random weights, and NAME.npz with the inputs and
outputs of two runs ("0/input/x", "0/output/y"), of different sizes. With --compare no file is
written: models of this exporter and of the older one (TorchScript) are run with tg, which must be
installed.
"""

import inspect
import io
import pathlib
import sys

import numpy as np
import onnx
import torch

from models import MODELS

FOLDER = pathlib.Path(__file__).resolve().parent


def randomize_statistics(module):
    """Fresh batch norms would do nothing."""
    for norm in module.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(norm.running_mean, std=0.1)
            torch.nn.init.uniform_(norm.running_var, 0.5, 1.5)
            torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
            torch.nn.init.normal_(norm.bias, std=0.1)


def strip_metadata(proto):
    """Drops what the exporter notes of the machine that it ran on (source paths)."""
    for message in [proto, proto.graph, *proto.graph.node, *proto.graph.input, *proto.graph.output,
                    *proto.graph.value_info, *proto.graph.initializer]:
        del message.metadata_props[:]
        message.doc_string = ""
    for function in proto.functions:
        del function.metadata_props[:]
        for node in function.node:
            del node.metadata_props[:]
            node.doc_string = ""


def export(name, is_legacy=False):
    """The model, and the arrays of its runs by name."""
    torch.manual_seed(1)
    module, runs, dynamic = MODELS[name]()
    module.eval()
    randomize_statistics(module)
    names = list(dynamic) or list(inspect.signature(module.forward).parameters)
    # With sizes of 1 the exporter would take them for constants: it sees the larger run.
    largest = max(runs, key=lambda run: run[0].numel())
    with torch.no_grad():
        outputs = [module(*run) for run in runs]
    outputs = [out if isinstance(out, tuple) else (out,) for out in outputs]
    output_names = [f"y{i}" for i in range(len(outputs[0]))]
    if is_legacy:
        file = io.BytesIO()
        torch.onnx.export(module, largest, file, input_names=names, output_names=output_names,
                          dynamic_axes=dynamic, dynamo=False)
        proto = onnx.load_from_string(file.getvalue())
    else:
        dims = {}
        shapes = [{axis: dims.setdefault(dim, torch.export.Dim(dim, min=1, max=64))
                   for axis, dim in dynamic.get(input, {}).items()} for input in names]
        proto = torch.onnx.export(
            module, largest, input_names=names, output_names=output_names,
            dynamic_shapes=tuple(shapes), dynamo=True, external_data=False).model_proto
    strip_metadata(proto)
    onnx.checker.check_model(proto)
    arrays = {}
    for i, (run, result) in enumerate(zip(runs, outputs)):
        arrays |= {f"{i}/input/{key}": value.numpy() for key, value in zip(names, run)}
        arrays |= {f"{i}/output/{key}": value.numpy() for key, value in zip(output_names, result)}
    return proto, arrays


def write(name):
    proto, arrays = export(name)
    path = FOLDER / f"{name}.onnx"
    onnx.save(proto, path)
    np.savez_compressed(path.with_suffix(".npz"), **arrays)
    print(f"{name}: opset {proto.opset_import[0].version}, {len(proto.graph.node)} nodes, "
          f"{path.stat().st_size} bytes")


def compare(name):
    """Prints the largest error of each exporter's model; fails above the tests' tolerance."""
    import tg
    from test_exports import check_run

    errors = []
    for is_legacy in (False, True):
        proto, arrays = export(name, is_legacy)
        compiled = tg.compile(proto)
        errors.append(max(check_run(compiled, arrays, run) for run in (0, 1)))
    print(f"{name}: largest relative error {errors[0]:.1e}, older exporter {errors[1]:.1e}")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    work = compare if "--compare" in arguments else write
    for model_name in [name for name in arguments if name != "--compare"] or MODELS:
        work(model_name)

# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Imports models that are well-formed files but wrong: mutate.py FOLDER COUNT SEED [OPTION...]

Takes models from onnx's node tests and changes attributes, shapes, types, inputs and constants at
random. Each must import, or end with one error and exit 1. With --contrib the models are those of
ONNX Runtime's operators instead (test/Onnx/contrib_*_ops.py). With --run they are also compiled and
run; with --keep-going all failures are listed.
"""

import pathlib
import random
import subprocess
import sys

import onnx

folder, count, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
rng = random.Random(seed)


def write_contrib_models():
    """The cases in the form of onnx's node tests."""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Onnx"))
    import contrib_attention_ops
    import contrib_cases
    import contrib_float_ops
    import contrib_other_ops
    import contrib_quantized_ops

    for suite, make in contrib_cases.get_suites(True).items():
        for index, case in enumerate(make()):
            target = folder / "models" / f"{suite}-{index}"
            (target / "test_data_set_0").mkdir(parents=True, exist_ok=True)
            onnx.save(case.tg_model or case.model, target / "model.onnx")
            feeds = case.feeds if case.tg_feeds is None else case.tg_feeds
            for number, value in enumerate((case.tg_model or case.model).graph.input):
                tensor = onnx.numpy_helper.from_array(feeds[value.name])
                path = target / "test_data_set_0" / f"input_{number}.pb"
                path.write_bytes(tensor.SerializeToString())
    return folder / "models"


data = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data" / "node"
models = sorted((write_contrib_models() if "--contrib" in sys.argv else data).iterdir())
INTS = [0, 1, -1, 2, 3, 7, -2, 64, 1000, 2**31 - 1, -2**31, 2**40, 2**62, 2**63 - 1, -2**63]
FLOATS = [0.0, -1.0, 1e30, -1e-30, float("nan"), float("inf")]
TYPES = [1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 22, 0, 99]


def mutate_attribute(attribute):
    kind = attribute.type
    if kind == onnx.AttributeProto.INT:
        attribute.i = rng.choice(INTS)
    elif kind == onnx.AttributeProto.INTS and attribute.ints and rng.random() < 0.7:
        attribute.ints[rng.randrange(len(attribute.ints))] = rng.choice(INTS)
    elif kind == onnx.AttributeProto.INTS:
        del attribute.ints[rng.randint(0, len(attribute.ints)):]
    elif kind == onnx.AttributeProto.FLOAT:
        attribute.f = rng.choice(FLOATS)
    elif kind == onnx.AttributeProto.FLOATS:
        del attribute.floats[rng.randint(0, len(attribute.floats)):]
    elif kind == onnx.AttributeProto.STRING:
        attribute.s = b"other"
    elif kind == onnx.AttributeProto.TENSOR:
        mutate_tensor(attribute.t)
    elif kind == onnx.AttributeProto.GRAPH:
        mutate(attribute.g)


def mutate_tensor(tensor):
    choice = rng.randrange(3)
    if choice == 0 and tensor.dims:
        tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice(INTS)
    elif choice == 1:
        tensor.data_type = rng.choice(TYPES)
    else:
        tensor.raw_data = tensor.raw_data[:rng.randint(0, len(tensor.raw_data))]


def mutate_value(value):
    tensor = value.type.tensor_type
    choice = rng.randrange(3)
    if choice == 0 and tensor.shape.dim:
        tensor.shape.dim[rng.randrange(len(tensor.shape.dim))].dim_value = rng.choice(INTS)
    elif choice == 1 and tensor.shape.dim:
        tensor.shape.dim.pop()
    elif choice == 2:
        tensor.elem_type = rng.choice(TYPES)


def mutate(graph):
    node = rng.choice(graph.node)
    choice = rng.randrange(7)
    if choice < 3 and node.attribute:
        mutate_attribute(rng.choice(node.attribute))
    elif choice == 3 and node.attribute:
        node.attribute.pop(rng.randrange(len(node.attribute)))
    elif choice == 4 and node.input:
        # Another input, none, or fewer.
        at = rng.randrange(len(node.input))
        node.input[at] = rng.choice([*node.input, "", node.output[0] if node.output else ""])
        if rng.random() < 0.3:
            del node.input[at:]
    elif choice == 5 and graph.initializer:
        mutate_tensor(rng.choice(graph.initializer))
    elif graph.input:
        mutate_value(rng.choice(graph.input))


refused = 0
for index in range(count):
    source = rng.choice(models)
    model = onnx.load(source / "model.onnx")
    for _ in range(rng.randint(1, 3)):
        mutate(model.graph)
    path = folder / "mutated.onnx"
    path.write_bytes(model.SerializeToString())
    if "--run" in sys.argv:
        command = ["tg-run", path, "--random-inputs=1", "--cache=none", "--threads=1"]
    else:
        command = ["tg-translate", "--import-onnx", path, "-o", "/dev/null"]
    # Inputs that shapes depend on are constants.
    for number, value in enumerate(model.graph.input):
        given = source / "test_data_set_0" / f"input_{number}.pb"
        if given.exists() and given.stat().st_size < 200 and rng.random() < 0.5:
            option = "--input" if "--run" in sys.argv else "--onnx-constant"
            command.append(f"{option}={value.name}={given}")
    try:
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60,
                             check=False)
        problem = f"exit {run.returncode}\n{run.stderr[-2000:]}"
        isFine = run.returncode == 0 or (run.returncode == 1 and run.stderr.count("error: ") == 1)
        refused += run.returncode == 1
    except subprocess.TimeoutExpired:
        isFine, problem = False, "does not end"
    if not isFine:
        kept = folder / f"bad-{seed}-{index}.onnx"
        kept.write_bytes(path.read_bytes())
        print(f"{source.name}: {kept}: {' '.join(map(str, command[2:]))} {problem}")
        if "--keep-going" not in sys.argv:
            sys.exit(1)
print(f"{refused} of {count} mutated models refused")

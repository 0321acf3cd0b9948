# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What tg.compile and tg.module take, what they say, and what can be read of the result."""

import io
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnx.parser
import pytest

import tg
from conftest import DIGITS, ROOT, TWICE, unary

X = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture(scope="module")
def digits():
    image = np.load(ROOT / "test/Models/digits.input.npy")
    return image, np.load(ROOT / "test/Models/digits.expected.npy")


@pytest.mark.parametrize("model", [str(DIGITS), DIGITS, DIGITS.read_bytes(), onnx.load(DIGITS)],
                         ids=["str", "path", "bytes", "proto"])
def test_onnx(model, digits):
    image, expected = digits
    compiled = tg.compile(model)
    np.testing.assert_allclose(compiled(image), expected, rtol=1e-5, atol=1e-6)


def test_mlir(tmp_path):
    path = tmp_path / "twice.mlir"
    path.write_text(TWICE)
    for model in (TWICE, path, str(path), tg.module(TWICE)):
        assert (tg.compile(model)(X) == 2 * X).all()


def test_signature(twice):
    assert [(p.name, p.dtype, p.shape, p.type) for p in twice.inputs] == [
        ("x", "f32", ("N", 3), "tensor<Nx3xf32>")]
    assert [p.name for p in twice.outputs] == ["y"]
    assert [(v.name, v.min, v.max) for v in twice.vars] == [("N", 1, 64)]
    assert repr(twice) == "tg.Model((x: tensor<Nx3xf32>) -> (y: tensor<Nx3xf32>))"


def test_dims():
    compiled = tg.compile(DIGITS, dims={"N": 2})
    assert compiled.inputs[0].shape[0] == 2 and compiled.vars == []


def test_defaults():
    """An input with an initializer takes another value only where the model is compiled for it."""
    model = onnx.parser.parse_model("""<ir_version: 10, opset_import: ["" : 21]>
        g (float[2] x, float[2] b) => (float[2] y) <float[2] b = {1, 2}> { y = Mul (x, b) }""")
    x, b = np.array([1, 2], np.float32), np.array([5, 7], np.float32)
    np.testing.assert_array_equal(tg.compile(model)(x), [1, 4])
    given = tg.compile(tg.module(model, given_types={"b": ("f32", [2])}))
    np.testing.assert_array_equal(given(x, b), [5, 14])


def test_ir_and_kernels():
    compiled = tg.compile(TWICE, keep_ir=True)
    assert list(compiled.ir) == [
        "import", "graph", "fusion", "order", "memory", "codegen"]
    assert "uop.add" in compiled.ir["import"] and "uop.kernel" in compiled.ir["memory"]
    assert "llvm.func" in compiled.ir["codegen"]
    [kernel] = compiled.kernels
    assert kernel.operations == ["const", "expand", "mul"] and kernel.launches == 1 and not kernel.from_cache
    assert list(compiled.stages) == [
        "import", "graph", "fusion", "order", "memory", "program", "codegen"]
    assert tg.compile(TWICE).ir == {}


def test_module():
    module = tg.module(TWICE)
    assert "uop.add" in str(module)
    module.run_pipeline("builtin.module(tg-graph,tg-engine)")
    assert "uop.kernel" in module.text()
    assert 'loc("<model>":4:8)' in module.text(locations=True)
    assert (tg.module(TWICE).interpret([tg.array(X)])[0].numpy() == 2 * X).all()


def test_large_constants_are_left_out():
    module = tg.module(DIGITS)
    assert len(str(module)) < len(module.text()) / 2
    assert (tg.compile(module.text())(np.zeros((1, 1, 8, 8), np.float32)).shape == (1, 10))


def test_save_and_load(tmp_path, twice):
    path = tmp_path / "twice.tgp"
    twice.save(path)
    for program in (path, str(path), twice.to_bytes()):
        loaded = tg.load(program)
        assert (loaded(X) == 2 * X).all() and loaded.kernels == []
    assert path.read_bytes() == twice.to_bytes()


def test_running_needs_no_compiler(tmp_path, twice):
    """A process that only runs loads neither LLVM nor MLIR, nor the compiler's module."""
    twice.save(tmp_path / "twice.tgp")
    script = """
import sys, numpy as np, tg
assert (tg.load(sys.argv[1])(np.ones((2, 3), np.float32)) == 2).all()
assert "tg._compiler" not in sys.modules
maps = open("/proc/self/maps").read()
assert "tg/_runtime" in maps and "libLLVM" not in maps and "libMLIR" not in maps
"""
    subprocess.run([sys.executable, "-c", script, tmp_path / "twice.tgp"], check=True)


MISTAKES = {
    "syntax": ("func.func @main(%x: tensor<4xf32>) -> {", ["<model>:1:38: error: "]),
    "two functions": ("func.func @a() { return }\nfunc.func @b() { return }",
                      ["<model>:2:1: error: expected one public function or 'main'"]),
    "not ONNX": (b"\x00\x01", ["<model>", "is not a valid ONNX model"]),
    "no file": ("missing.onnx", ["missing.onnx: cannot open: No such file or directory"]),
    "no path": ("missing.mlir", ["missing.mlir: cannot open: No such file or directory"]),
    "compiled": ("model.tgp", ["model.tgp is compiled already; use tg.load"]),
    "number": (7, ["cannot compile a int: expected a path"]),
}


@pytest.mark.parametrize("model, parts", MISTAKES.values(), ids=MISTAKES)
def test_mistakes(model, parts):
    with pytest.raises(tg.Error) as failure:
        tg.compile(model)
    for part in parts:
        assert part in str(failure.value)


def test_same_message_as_the_tool(tmp_path):
    tool = ROOT / "build/release/bin/tg-run"
    if not tool.exists():
        pytest.skip("no tg-run in this tree")
    path = tmp_path / "bad.mlir"
    path.write_text(unary("add", "f32"))
    with pytest.raises(tg.Error) as failure:
        tg.compile(path)
    run = subprocess.run([tool, path, "--random-inputs=1"], capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr.rstrip() == str(failure.value)


@pytest.mark.parametrize("options, part", [
    ({"fusion": "wild"}, "wild"), ({"entry": "f"}, "no function 'f'"),
    ({"target_cpu": "abacus"}, "abacus"), ({"memory_planner": "tetris"}, "tetris")])
def test_bad_options(options, part):
    with pytest.raises(tg.Error, match=part):
        tg.compile(TWICE, **options)


def test_code_for_another_processor_is_saved_not_run(tmp_path):
    # No processor of today has fma4.
    model = tg.compile(TWICE, target_cpu="bdver1")
    with pytest.raises(tg.Error, match="the code is for processors with .*fma4.*this one lacks"):
        model(X)
    model.save(tmp_path / "other.tgp")
    with pytest.raises(tg.Error, match="fma4"):
        tg.load(tmp_path / "other.tgp")


def test_bad_pipeline():
    module = tg.module(TWICE)
    for pipeline in ("builtin.module(no-such-pass)", "func.func(canonicalize)", "builtin.module("):
        with pytest.raises(tg.Error):
            module.run_pipeline(pipeline)
    assert (tg.compile(module)(X) == 2 * X).all()


def test_bad_programs(tmp_path, twice):
    data = bytearray(twice.to_bytes())
    data[len(data) // 2] ^= 1
    for program in (bytes(data), bytes(data[:100]), b"", os.fspath(tmp_path / "missing.tgp")):
        with pytest.raises(tg.Error):
            tg.load(program)


def test_profile(tmp_path):
    model = tg.compile(TWICE, profile=True, threads=1)
    for _ in range(3):
        model(X)
    [kernel] = model.profile.kernels
    assert kernel.count == 3 == model.profile.runs and kernel.milliseconds > 0
    assert kernel.name == model.kernels[0].name
    model.profile.save(os.fspath(tmp_path / "trace.json"))
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert sum(event.get("name") == kernel.name for event in events) == 3
    model.reset_profile()
    assert model.profile.runs == 0
    assert model.statistics.arena_bytes >= model.statistics.arena_lower_bound


def test_negative_size():
    with pytest.raises(tg.Error, match="dims: expected a size of 0 or more, got N=-1"):
        tg.compile(DIGITS, dims={"N": -1})


def text_model(body):
    return onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]> ' + body)


def test_values_and_sizes_of_a_run():
    """What the importer must know is taken from the arrays, and again when it changes."""
    model = tg.compile(text_model("g (float[N,3] x, int64[1] a) => (float[A,B,C] y) "
                                  "{ y = Unsqueeze (x, a) }"))
    for axis, shape in ((0, (1, 2, 3)), (2, (2, 3, 1)), (0, (1, 2, 3))):
        assert model(X, [axis]).shape == shape
    with pytest.raises(tg.Error, match="'a' must be known"):
        _ = model.program
    model = tg.compile(text_model("g (float[N,3] x, float[M,3] z) => (float[N,3] y) "
                                  "{ y = Add (x, z) }"))
    for n, m in ((2, 2), (1, 4), (0, 0), (0, 1), (3, 3), (1 << 21, 1)):
        x, z = np.ones((n, 3), np.float32), np.full((m, 3), 2, np.float32)
        np.testing.assert_array_equal(model(x, z), x + z)
    with pytest.raises(tg.Error, match=r"\(Add\): shapes \[2, 3\] and \[4, 3\] do not broadcast"):
        model(X, np.ones((4, 3), np.float32))
    with pytest.raises(tg.Error, match="input 'z': expected tensor<2x3xf32>"):
        model(X, np.ones((2, 4), np.float32))


def test_a_variant_is_compiled_once():
    model = tg.compile(text_model("g (float[N,3] x, int64 a) => (float[N,3] y) "
                                  "{ y = CumSum (x, a) }"))
    for axis in (0, 1, 0, 1):
        np.testing.assert_array_equal(model(X, axis), X.cumsum(axis))
    assert len(model._variants._kept) == 2


def test_merged_decoder():
    """Branches of different size, and a past of length 0."""
    model = tg.compile(text_model("""g (float[s,2] x, float[past,2] p, bool c) => (float[t,2] y) {
        y = If (c) <then_branch = a () => (float[A,2] q) { q = Concat <axis = 0> (p, x) },
                    else_branch = b () => (float[B,2] r) { r = Identity (x) }> }"""))
    x, past = np.ones((3, 2), np.float32), np.full((2, 2), 5, np.float32)
    for rows in (2, 0, 1):
        np.testing.assert_array_equal(model(x, past[:rows], True), np.concatenate([past[:rows], x]))
        np.testing.assert_array_equal(model(x, past[:rows], False), x)


def test_options():
    """Every compile option is a keyword; tg.options() is the table that tg-run has."""
    assert tg.options()["fusion"] == (
        "default", "how kernels are formed: none, conservative, default, aggressive")
    assert tg.options()["in_place"][0] is True and tg.options()["donate"][0] == ()
    defaults = {name: value for name, (value, _) in tg.options().items()}
    assert (tg.compile(TWICE, **defaults)(X) == 2 * X).all()
    assert (tg.compile(TWICE, order="program", in_place=False, opt_level=0)(X) == 2 * X).all()
    with pytest.raises(TypeError, match="unexpected keyword argument 'fussion'"):
        tg.compile(TWICE, fussion="none")
    with pytest.raises(tg.Error, match="unknown order strategy 'any'; there are: memory, program"):
        tg.compile(TWICE, order="any")
    with pytest.raises(tg.Error, match="opt-level: expected an integer from 0 to 1, got '7'"):
        tg.compile(TWICE, opt_level=7)


def test_session(tmp_path):
    """Models of a session share the code of kernels; an error in one leaves the session as it was."""
    session = tg.Session(parallel=False)
    for expected in (False, True):
        model = tg.compile(TWICE, session=session, cache=tmp_path)
        assert [kernel.from_cache for kernel in model.kernels] == [expected]
        for file in tmp_path.rglob("*"):  # The second one comes from memory.
            if file.is_file():
                file.unlink()
        with pytest.raises(tg.Error, match="expected"):
            tg.compile("func.func @main(\n", session=session)
        assert (model(X) == 2 * X).all()

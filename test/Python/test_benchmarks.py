# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The models that the scripts of benchmarks/ run."""

import pathlib
import sys

import pytest

onnx = pytest.importorskip("onnx")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benchmarks"))
import kernel_counts  # noqa: E402
import whole_models  # noqa: E402


@pytest.mark.parametrize("name", ["digits", "mlp", "bert", "detector", "llama", "squeezenet"])
def test_sizes_are_fixed(name, tmp_path):
    path = whole_models.write(name, tmp_path)
    model = onnx.load(path)
    onnx.checker.check_model(model)
    arrays = whole_models.inputs(path)
    assert arrays.keys() == {value.name for value in model.graph.input}
    for value in model.graph.input:
        dims = value.type.tensor_type.shape.dim
        assert all(dim.dim_value > 0 and not dim.dim_param for dim in dims)
        assert arrays[value.name].shape == tuple(dim.dim_value for dim in dims)


def test_llama_sizes(tmp_path):
    shapes = {name: array.shape for name, array in whole_models.inputs(
        whole_models.write("llama", tmp_path)).items()}
    assert shapes["tokens"] == (1, 6) and shapes["past_key_0"] == (1, 2, 3, 8)


def test_light_model_keeps_its_outputs(tmp_path):
    original = onnx.load(whole_models.light_models.LIGHT / "light_squeezenet.onnx")
    written = onnx.load(whole_models.write("squeezenet", tmp_path))
    assert [v.name for v in written.graph.output] == [v.name for v in original.graph.output]
    assert not any(node.op_type == "ConstantOfShape" for node in written.graph.node)


def test_unknown_model(tmp_path):
    with pytest.raises(SystemExit, match="no model 'nonesuch'; there are digits, mlp"):
        whole_models.write("nonesuch", tmp_path)


def test_table_of_kernel_counts(tmp_path):
    strategies = ["default", "conservative"]
    table = kernel_counts.read_table(
        pathlib.Path(__file__).resolve().parents[2] / "docs" / "kernel-counts.md", strategies)
    assert list(table) == whole_models.names()
    assert all(count[s] > 0 for count in table.values() for s in strategies)
    (tmp_path / "none.md").write_text("## Others\n\n| model | default |\n| --- | --- |\n| a | 1 |\n")
    with pytest.raises(SystemExit, match="no table"):
        kernel_counts.read_table(tmp_path / "none.md", strategies)
    (tmp_path / "bad.md").write_text(
        "# Counts\n\n## Whole models\n\n| model | default |\n| --- | --- |\n| a | 1 |\n")
    with pytest.raises(SystemExit, match="the row of a has no count"):
        kernel_counts.read_table(tmp_path / "bad.md", strategies)

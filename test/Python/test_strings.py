# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Strings and maps at the edges of models, as ONNX Runtime takes and gives them."""

import math

import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest
from onnx import TensorProto, helper

import tg
import tg.onnx_backend

ML = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 4)]


def parse(text):
    return onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 21, "ai.onnx.ml" : 4]>\n' + text)


def make(nodes, inputs, outputs, initializers=()):
    """Inputs and outputs are names with types and shapes; a type of None leaves the type open."""
    def info(name, kind, shape):
        if kind is None:
            return helper.make_empty_tensor_value_info(name)
        return helper.make_tensor_value_info(name, kind, shape)
    graph = helper.make_graph(nodes, "g", [info(*i) for i in inputs], [info(*o) for o in outputs],
                              list(initializers))
    return helper.make_model(graph, opset_imports=ML, ir_version=10)


def assert_same(actual, expected):
    if isinstance(expected, list):  # Of a ZipMap.
        assert isinstance(actual, list) and len(actual) == len(expected)
        for one, other in zip(actual, expected):
            assert one.keys() == other.keys()
            assert [type(key) for key in one] == [type(key) for key in sorted(other)]
            for key, value in other.items():
                assert isinstance(one[key], float)
                assert math.isclose(one[key], value, rel_tol=1e-5, abs_tol=1e-6), key
        return
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    if expected.dtype.kind == "f":
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)
    else:
        assert actual.tolist() == expected.tolist()


def compare(model, inputs):
    """tg, compiled, saved and loaded, against ONNX Runtime; the outputs by name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    expected = session.run(None, inputs)
    compiled = tg.compile(model)
    for each in compiled, tg.load(compiled.to_bytes()):
        actual = each.run(inputs)
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected):
            assert_same(one, other)
    return dict(zip((port.name for port in compiled.outputs), actual))


def texts(*rows):
    return np.array(rows, dtype=object)


def tree_attributes(labels):
    """A tree over 5 features: the first three are hot categories, then two numbers."""
    return dict(
        nodes_treeids=[0] * 5, nodes_nodeids=[0, 1, 2, 3, 4], nodes_featureids=[1, 4, 0, 0, 0],
        nodes_modes=["BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF"],
        nodes_values=[0.5, 1.5, 0.0, 0.0, 0.0], nodes_truenodeids=[1, 3, 0, 0, 0],
        nodes_falsenodeids=[2, 4, 0, 0, 0], class_treeids=[0] * 9,
        class_nodeids=[2, 2, 2, 3, 3, 3, 4, 4, 4], class_ids=[0, 1, 2] * 3,
        class_weights=[0.1, 0.7, 0.2, 0.6, 0.3, 0.1, 0.05, 0.15, 0.8],
        post_transform="NONE", classlabels_strings=labels)


def pipeline(zips=True):
    """What skl2onnx makes of a ColumnTransformer of OneHotEncoder and pass-through, then a forest:
    its categories are strings, its labels too."""
    labels = ["setosa", "versicolor", "virg\u00efnica"]
    nodes = [
        helper.make_node("Concat", ["pet", "other"], ["pets"], axis=1),
        helper.make_node("ArrayFeatureExtractor", ["pets", "column"], ["chosen"],
                         domain="ai.onnx.ml"),
        helper.make_node("OneHotEncoder", ["chosen"], ["hot"], domain="ai.onnx.ml",
                         cats_strings=["bird", "cat", "dog"], zeros=1),
        helper.make_node("Reshape", ["hot", "shape"], ["flat"]),
        helper.make_node("Concat", ["flat", "numbers"], ["features"], axis=1),
        helper.make_node("TreeEnsembleClassifier", ["features"], ["label", "scores"],
                         domain="ai.onnx.ml", **tree_attributes(labels)),
        helper.make_node("ZipMap", ["scores"], ["maps"], domain="ai.onnx.ml",
                         classlabels_strings=labels),
    ]
    outputs = [("label", TensorProto.STRING, ["N"])]
    outputs += [("maps", None, None)] if zips else [("scores", TensorProto.FLOAT, ["N", 3])]
    return make(nodes if zips else nodes[:-1],
                [("pet", TensorProto.STRING, ["N", 1]), ("other", TensorProto.STRING, ["N", 1]),
                 ("numbers", TensorProto.FLOAT, ["N", 2])], outputs,
                [onnx.numpy_helper.from_array(np.int64([0]), "column"),
                 onnx.numpy_helper.from_array(np.int64([-1, 3]), "shape")])


@pytest.mark.parametrize("zips", [True, False])
def test_pipeline_of_categories_trees_and_labels(zips):
    inputs = {"pet": texts(["dog"], ["cat"], ["bird"], ["unicorn"], [""]),
              "other": texts(["a"], ["b"], ["c"], ["d"], ["e"]),
              "numbers": np.float32([[0, 1], [2, 3], [0, 2], [0, 1.5], [1, 9]])}
    results = compare(pipeline(zips), inputs)
    assert results["label"].tolist() == ["setosa", "versicolor", "virg\u00efnica", "setosa",
                                         "virg\u00efnica"]
    if zips:
        assert list(results["maps"][1]) == ["setosa", "versicolor", "virg\u00efnica"]


@pytest.mark.parametrize("attributes, x", [
    (dict(keys_strings=["a", "b", "c"], values_int64s=[3, 1, 2], default_int64=42), "s"),
    (dict(keys_strings=["a", "b", "c"], values_floats=[3.5, -0.0, 2.25]), "s"),
    (dict(keys_strings=["a", "b"], values_strings=["b", "a"], default_string="?"), "s"),
    (dict(keys_strings=["b"], values_strings=["x"]), "s"),
    (dict(keys_int64s=[4, -7, 9], values_strings=["four", "minus", ""]), "i"),
    (dict(keys_floats=[1.5, float("nan")], values_strings=["x", "nan"], default_string="-"), "f"),
    (dict(keys_tensor=helper.make_tensor("k", TensorProto.STRING, [2], [b"a", b"c"]),
          values_tensor=helper.make_tensor("v", TensorProto.INT16, [2], [5, 6]),
          default_tensor=helper.make_tensor("d", TensorProto.INT16, [1], [-5])), "s"),
    (dict(keys_int64s=[4, 9], values_int64s=[1, 2]), "i"),
])
def test_label_encoder(attributes, x):
    kinds = {"s": (TensorProto.STRING, texts(["a", "b"], ["c", "zebra"], ["", "a"])),
             "i": (TensorProto.INT64, np.int64([[4, -7], [9, 0], [1, 4]])),
             "f": (TensorProto.FLOAT, np.float32([[1.5, np.nan], [2, 0], [1, 1.5]]))}
    kind, values = kinds[x]
    names = [name for name in attributes if name.startswith("values")]
    to = {"values_int64s": TensorProto.INT64, "values_floats": TensorProto.FLOAT,
          "values_strings": TensorProto.STRING, "values_tensor": TensorProto.INT16}[names[0]]
    node = helper.make_node("LabelEncoder", ["x"], ["y"], domain="ai.onnx.ml", **attributes)
    compare(make([node], [("x", kind, ["N", 2])], [("y", to, ["N", 2])]), {"x": values})


def test_tables_of_far_apart_ids():
    """Keys whose numbers lie far apart are compared one by one: the same result."""
    many = [f"word{i}" for i in range(3000)]
    nodes = [helper.make_node("LabelEncoder", ["x"], ["all"], domain="ai.onnx.ml",
                              keys_strings=many, values_int64s=list(range(3000))),
             helper.make_node("LabelEncoder", ["x"], ["few"], domain="ai.onnx.ml",
                              keys_strings=[many[0], many[-1]], values_int64s=[1, 2])]
    compare(make(nodes, [("x", TensorProto.STRING, ["N"])],
                 [("all", TensorProto.INT64, ["N"]), ("few", TensorProto.INT64, ["N"])]),
            {"x": texts("word0", "word2999", "word7", "none", "")})


def test_category_mapper_and_first_label_encoder():
    model = parse("""g (string[N] s, int64[N] i) => (int64[N] a, string[N] b) {
      a = ai.onnx.ml.CategoryMapper <cats_strings = ["x", "y"], cats_int64s = [10, 20]> (s)
      b = ai.onnx.ml.CategoryMapper <cats_strings = ["x", "y"], cats_int64s = [10, 20],
                                     default_string = "neither"> (i)
    }""")
    compare(model, {"s": texts("y", "x", "z"), "i": np.int64([10, 11, 20])})
    model = onnx.parser.parse_model("""<ir_version: 4, opset_import: ["" : 9, "ai.onnx.ml" : 1]>
    g (string[N] s, int64[N] i) => (int64[N] a, string[N] b) {
      a = ai.onnx.ml.LabelEncoder <classes_strings = ["x", "y"], default_int64 = -3> (s)
      b = ai.onnx.ml.LabelEncoder <classes_strings = ["x", "y"], default_string = "?"> (i)
    }""")
    compare(model, {"s": texts("y", "x", "z"), "i": np.int64([0, 7, 1])})


def test_operators_that_move_strings():
    model = parse("""g (string[2,3] x, bool[2,3] c, int64[2] i) =>
        (string[2,3] identity, string[3,2] transposed, string[n,3] joined, string[2,2] columns,
         string[2,3] chosen, bool[2,3] same, string[m] unique, int64[m] first, string[6] flat,
         string[2,1] part, string[2,2] rest, string[4,3] tiled, int64[2] shape) {
      known = Constant <value_strings = ["alpha", "", "gamma"]> ()
      row = Constant <value = string[1,3] {"x", "beta", "z"}> ()
      identity = Identity (x)
      transposed = Transpose (x)
      joined = Concat <axis = 0> (x, row, x)
      columns = Gather <axis = 1> (x, i)
      chosen = Where (c, x, known)
      same = Equal (x, known)
      minus = Constant <value_ints = [-1]> ()
      flat = Reshape (x, minus)
      unique, first = Unique <sorted = 0> (flat)
      sizes = Constant <value_ints = [1, 2]> ()
      part, rest = Split <axis = 1> (x, sizes)
      two = Constant <value_ints = [2, 1]> ()
      tiled = Tile (x, two)
      shape = Shape (x)
    }""")
    compare(model, {"x": texts(["alpha", "\u00fc", "gamma"], ["beta", "", "\u00fc"]),
                    "c": np.array([[True, False, True], [False, True, False]]),
                    "i": np.int64([2, 0])})


def test_classifiers_with_string_labels():
    model = parse("""g (float[N,2] x) =>
        (string[N] two, float[N,2] p, string[N] three, float[N,3] q) {
      two, p = ai.onnx.ml.LinearClassifier <classlabels_strings = ["no", "yes"],
        coefficients = [-1.0, -2.0, 1.0, 2.0], intercepts = [-0.5, 0.5],
        post_transform = "LOGISTIC"> (x)
      three, q = ai.onnx.ml.LinearClassifier <classlabels_strings = ["b", "a", "c"],
        coefficients = [1.0, 0.0, 0.0, 1.0, -1.0, -1.0], intercepts = [0.0, 0.0, 0.0],
        post_transform = "SOFTMAX"> (x)
    }""")
    compare(model, {"x": np.float32([[1, 2], [-3, 0.5], [0, -4], [2, -1]])})


def test_maps_with_integers_as_keys():
    model = parse("""g (float[N,2] x) => (seq(map(int64, float)) m, float[N,2] p) {
      p = Softmax (x)
      m = ai.onnx.ml.ZipMap <classlabels_int64s = [7, 12]> (p)
    }""")
    compare(model, {"x": np.float32([[1, 2], [-3, 0.5]])})
    result = tg.compile(model)(np.float32([[0, 0]]))[0]
    assert result == [{7: 0.5, 12: 0.5}]


def test_n_grams_of_strings():
    model = parse("""g (string[N,4] x) => (float[N,3] y) {
      y = TfIdfVectorizer <mode = "TF", min_gram_length = 1, max_gram_length = 2,
        max_skip_count = 0, ngram_counts = [0, 2], ngram_indexes = [0, 1, 2],
        pool_strings = ["a", "b", "a", "b"]> (x)
    }""")
    compare(model, {"x": texts(["a", "b", "c", "a"], ["b", "b", "a", "b"])})


def test_what_counts_as_strings():
    model = tg.compile(parse("g (string[N] x) => (string[N] y) { y = Identity (x) }"))
    assert model.inputs[0].dtype == model.outputs[0].dtype == "string"
    assert model.inputs[0].type == "tensor<Nxstring>"
    # Types of NumPy's, lists, bytes, other orders; bytes that are no text come back as they were.
    for x in (["a", "b"], np.array(["a", "b"]), np.array([b"a", b"b"]), [b"a", b"b"],
              texts("a", "b"), np.array(["b", "a"])[::-1], np.array(["a", "b"], dtype=">U3")):
        assert model(x).tolist() == ["a", "b"]
    for text in ("", "\u00e4\u20ac\U0001f600", "a\0b", "\udcff", " "):
        assert model([text]).tolist() == [text]
    assert model(np.array([], dtype=object)[:0]).shape == (0,) if model.vars[0].min == 0 else True
    assert model.run({"x": ["a"]}, arrays=True)[0].tolist() == ["a"]


def test_what_does_not():
    model = tg.compile(parse("g (string[N] x) => (string[N] y) { y = Identity (x) }"))
    with pytest.raises(tg.Error, match="input 'x': expected strings, got an array of float32"):
        model(np.float32([1]))
    with pytest.raises(tg.Error, match="input 'x': expected strings, element 1 is a NoneType"):
        model(["a", None])
    with pytest.raises(tg.Error, match="input 'x': cannot make an array of a list"):
        model([["a"], ["b", "c"]])
    with pytest.raises(tg.Error, match="input 'x': element 0 is no text that UTF-8 can hold"):
        model(["\ud800"])
    with pytest.raises(tg.Error, match="output 'y': strings cannot be written to given memory"):
        model.run([["a"]], outputs=[np.array(["x"])])
    with pytest.raises(tg.Error, match="expected tensor<Nxi64>, got tensor<1x1xi64>"):
        model([["a"]])
    numbers = tg.compile(parse("g (float[N] x) => (float[N] y) { y = Neg (x) }"))
    with pytest.raises(tg.Error, match="input 'x': "):
        numbers(np.array(["1"]))


def test_runs_do_not_share_new_strings():
    model = tg.compile(parse("g (string[N] x) => (string[N] y) { y = Identity (x) }"))
    for i in range(100):
        assert model([f"run{i}", "same"]).tolist() == [f"run{i}", "same"]
    strings = tg._runtime.Strings(model.program)
    assert strings.decode(strings.encode(["new", b"new", "other"], [3])) == ["new", "new", "other"]
    with pytest.raises(tg.Error, match="which is no string's id"):
        strings.decode(tg.array(np.int64([5])))


def test_onnx_backend():
    rep = tg.onnx_backend.prepare(pipeline())
    label, maps = rep.run([np.array([["cat"]]), np.array([["a"]]), np.float32([[0, 1]])])
    assert label.tolist() == ["versicolor"]
    assert maps[0]["versicolor"] == pytest.approx(0.7)
    node = helper.make_node("Equal", ["a", "b"], ["c"])
    result = tg.onnx_backend.run_node(node, [np.array(["x", "y"]), np.array(["x", "z"])])
    assert result[0].tolist() == [True, False]

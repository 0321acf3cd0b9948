# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operators that onnx tests little or not at all, against its reference implementation.

    against_reference.py TEST_FOLDER DEVICE

The models are in ONNX's text syntax; their inputs are random, or as given.
"""

import json
import pathlib
import sys

import numpy as np
import onnx.parser
from onnx.reference import ReferenceEvaluator

sys.path.insert(0, str(pathlib.Path(sys.argv[1]) / "Onnx"))
from backend import make_backend  # noqa: E402

random = np.random.default_rng(7)


def floats(*shape):
    return random.standard_normal(shape, dtype=np.float32)


def rounded(*shape):
    """Few values, so that many are equal."""
    return random.integers(-2, 3, shape).astype(np.float32)


def stump(leaves, **more):
    """The attributes of a tree that asks for x <= 0, whose leaves have (class, weight)."""
    votes = [(node, *vote) for node, leaf in enumerate(leaves, 1) for vote in leaf]
    nodes, classes, weights = zip(*votes)
    return more | {
        "nodes_treeids": [0] * 3, "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0] * 3,
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"], "nodes_values": [0.0] * 3,
        "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0],
        "class_treeids": [0] * len(votes), "class_nodeids": nodes, "class_ids": classes,
        "class_weights": weights}


def forest(prefix, targets):
    """The attributes of a tree of three levels with all comparisons, and of a leaf."""
    leaves = [*((0, leaf) for leaf in range(7, 15)), (1, 0)]
    votes = [(*leaf, target) for leaf in leaves for target in range(targets)]
    trees, nodes, ids = zip(*votes)
    return {
        "nodes_treeids": [0] * 15 + [1], "nodes_nodeids": [*range(15), 0],
        "nodes_featureids": [n % 2 for n in range(16)],
        "nodes_modes": [f"BRANCH_{mode}" for mode in "LEQ LT GTE GT EQ NEQ LEQ".split()] +
                       ["LEAF"] * 9,
        "nodes_values": [0.0, 1.0, -1.0, 0.5, -1.0, 1.0, 1.0] + [0.0] * 9,
        "nodes_truenodeids": [2 * n + 1 if n < 7 else 0 for n in range(16)],
        "nodes_falsenodeids": [2 * n + 2 if n < 7 else 0 for n in range(16)],
        "nodes_missing_value_tracks_true": [n % 2 for n in range(16)],
        f"{prefix}_treeids": trees, f"{prefix}_nodeids": nodes, f"{prefix}_ids": ids,
        f"{prefix}_weights": [(7 * i % 16 + 1) / 4 for i in range(len(votes))]}


def classify(types, **attributes):
    """A TreeEnsembleClassifier."""
    text = ", ".join(f"{name} = {json.dumps(value)}" for name, value in attributes.items())
    return (f"g ({types[0]} x) => (int64[N] label, float[N,{types[1]}] p) "
            f"{{ label, p = ai.onnx.ml.TreeEnsembleClassifier <{text}> (x) }}")


def regress(aggregate):
    """A TreeEnsembleRegressor."""
    attributes = forest("target", 2) | {"aggregate_function": aggregate, "n_targets": 2,
                                        "base_values": [0.5, -0.25]}
    text = ", ".join(f"{name} = {json.dumps(value)}" for name, value in attributes.items())
    return (f"g (float[N,2] x) => (float[N,2] y) "
            f"{{ y = ai.onnx.ml.TreeEnsembleRegressor <{text}> (x) }}")


def chain():
    """A tree with a leaf on every level, whose thresholds are doubles that no float is."""
    count = 50
    thresholds = [(i + 0.1) / count for i in range(count)]
    numbers = {"nodes_values_as_tensor": thresholds + [0] * (count + 1),
               "target_weights_as_tensor": list(range(count + 1))}
    attributes = {
        "nodes_treeids": [0] * (2 * count + 1), "nodes_nodeids": list(range(2 * count + 1)),
        "nodes_featureids": [0] * (2 * count + 1),
        "nodes_modes": ["BRANCH_LEQ"] * count + ["LEAF"] * (count + 1),
        "nodes_truenodeids": [count + i for i in range(count)] + [0] * (count + 1),
        "nodes_falsenodeids": [*range(1, count), 2 * count] + [0] * (count + 1),
        "target_treeids": [0] * (count + 1), "target_ids": [0] * (count + 1),
        "target_nodeids": [count + i for i in range(count + 1)]}
    text = [f"{name} = {json.dumps(value)}" for name, value in attributes.items()]
    for name, values in numbers.items():
        text.append(f"{name} = double[{len(values)}] {{{', '.join(map(str, map(float, values)))}}}")
    return (f"g (double[N,1] x) => (float[N,1] y) "
            f"{{ y = ai.onnx.ml.TreeEnsembleRegressor <{', '.join(text)}> (x) }}")


def missing(*shape):
    """Few values, and NaN."""
    return np.where(random.random(shape) < 0.2, np.nan, rounded(*shape)).astype(np.float32)


HEADER = '<ir_version: 10, opset_import: ["" : 22, "ai.onnx.ml" : 3]>\n'
CASES = {
    # Sizes that depend on data, and what is computed from such tensors.
    "nonzero": ("g (float[3,4,5] x) => (int64[3,k] y) { y = NonZero (x) }", [rounded(3, 4, 5)]),
    "nonzero_none": ("g (float[2,3] x) => (int64[2,k] y) { y = NonZero (x) }",
                     [np.zeros((2, 3), np.float32)]),
    "nonzero_then": ("""g (float[6,7] x) => (float y) {
        i = NonZero (x)
        t = Transpose (i)
        v = GatherND (x, t)
        e = Exp (v)
        y = ReduceSum <keepdims = 0> (e)
      }""", [rounded(6, 7)]),
    "compress_axis": ("""g (float[4,6] x, bool[5] c) => (float[4,k] y) {
        y = Compress <axis = 1> (x, c)
      }""", [floats(4, 6), np.array([1, 0, 1, 1, 0], bool)]),
    "unique": ("""g (float[4,5] x) => (float[k] y, int64[k] i, int64[20] v, int64[k] c) {
        y, i, v, c = Unique (x)
      }""", [rounded(4, 5)]),
    "unique_unsorted": ("""g (int64[24] x) => (int64[k] y, int64[k] i, int64[24] v, int64[k] c) {
        y, i, v, c = Unique <sorted = 0> (x)
      }""", [random.integers(-3, 9, 24)]),
    "unique_rows": ("""g (float[9,2,2] x) => (float[k,2,2] y, int64[k] i, int64[9] v, int64[k] c) {
        y, i, v, c = Unique <axis = 0> (x)
      }""", [random.integers(0, 2, (9, 2, 2)).astype(np.float32)]),
    "nms": ("""g (float[2,30,4] b, float[2,3,30] s) => (int64[k,3] y) {
        n = Constant <value_ints = [7]> ()
        o = Constant <value_floats = [0.3]> ()
        t = Constant <value_floats = [0.2]> ()
        y = NonMaxSuppression (b, s, n, o, t)
      }""", [random.random((2, 30, 4), np.float32), random.random((2, 3, 30), np.float32)]),
    "roi_align": ("""g (float[2,3,16,12] x, float[4,4] r, int64[4] b) => (float[4,3,5,3] y) {
        y = RoiAlign <output_height = 5, output_width = 3, spatial_scale = 0.5> (x, r, b)
      }""", [floats(2, 3, 16, 12),
             np.array([[0, 0, 20, 30], [3, 4, 11, 9], [5, 5, 6, 7], [-4, -2, 40, 40]], np.float32),
             np.array([0, 1, 1, 0])]),
    "max_roi_pool": ("""g (float[2,3,12,10] x, float[4,5] r) => (float[4,3,3,2] y) {
        y = MaxRoiPool <pooled_shape = [3, 2], spatial_scale = 0.5> (x, r)
      }""", [floats(2, 3, 12, 10),
             np.array([[0, 0, 0, 18, 22], [1, 3, 5, 11, 13], [1, 4, 4, 4, 4], [0, 30, 2, 40, 9]],
                      np.float32)]),
    # Composite, prime and odd lengths; complex and real.
    "dft_120": ("g (float[2,120,2] x) => (float[2,120,2] y) { y = DFT (x) }", [floats(2, 120, 2)]),
    "dft_97": ("g (float[2,97,1] x) => (float[2,49,2] y) { y = DFT <onesided = 1> (x) }",
               [floats(2, 97, 1)]),
    "dft_inverse": ("g (float[1,1000,2] x) => (float[1,1000,2] y) { y = DFT <inverse = 1> (x) }",
                    [floats(1, 1000, 2)]),
    "dft_padded": ("""g (float[1,50,3,1] x) => (float[1,64,3,2] y) {
        n = Constant <value_int = 64> ()
        a = Constant <value_int = 1> ()
        y = DFT (x, n, a)
      }""", [floats(1, 50, 3, 1)]),
    "det": ("g (float[3,5,5] x) => (float[3] y) { y = Det (x) }", [floats(3, 5, 5)]),
    "det_singular": ("g (float[2,3,3] x) => (float[2] y) { y = Det (x) }",
                     [np.stack([np.zeros((3, 3)), np.eye(3)[::-1]]).astype(np.float32)]),
    "top_k_9": ("""<ir_version: 4, opset_import: ["" : 9]>
      g (float[3,5] x) => (float[3,2] y, int64[3,2] i) { y, i = TopK <k = 2> (x) }""",
                [floats(3, 5)]),
    "reduce_ints": ("""g (int32[3,4] x) => (int32[3,1] y, int32[3,1] z) <int64[1] axis = {1}> {
        y = ReduceLogSum (x, axis)
        z = ReduceLogSumExp (x, axis)
      }""", [random.integers(1, 40, (3, 4), dtype=np.int32)]),
    "power_of_ints": ("g (int32[2] x, float[2] e) => (int32[2] y) { y = Pow (x, e) }",
                      [np.int32([40001, 3]), np.float32([2, 19])]),
    "per_element_norm": ("""<ir_version: 4, opset_import: ["" : 7]>
      g (float[4,2,2] x, float[2,2] s, float[2,2] b, float[2,2] m, float[2,2] v)
          => (float[4,2,2] y) { y = BatchNormalization <spatial = 0> (x, s, b, m, v) }""",
                         [floats(4, 2, 2), *(abs(floats(2, 2)) for _ in range(4))]),
    "layer_norm_stash": ("""g (double[3,4] x, double[4] s) => (double[3,4] y, float[3,1] m,
                                                               float[3,1] d) {
        y, m, d = LayerNormalization (x, s)
      }""", [random.standard_normal((3, 4)), random.standard_normal(4)]),
    "quantize_blocked_vector": ("""g (float[7] x, float[3] s) => (float[7] y) {
        q = QuantizeLinear <axis = 0, block_size = 3, output_dtype = 3> (x, s)
        y = DequantizeLinear <axis = 0, block_size = 3> (q, s)
      }""", [20 * floats(7), np.float32([0.5, 0.25, 1])]),
    # Halfway between two pixels, outside.
    "grid_sample_halfway": ("""g (float[1,1,4,4] x, float[1,1,4,2] g) => (float[1,1,1,4] y) {
        y = GridSample <mode = "nearest", padding_mode = "reflection"> (x, g)
      }""", [floats(1, 1, 4, 4),
             np.float32([[1.5, 0], [0, 1.5], [-1.5, -1.5], [1.25, 0.25]]).reshape(1, 1, 4, 2)]),
    # Classical machine learning.
    "label_encoder": ("""g (int64[5] x) => (float[5] y) {
        y = ai.onnx.ml.LabelEncoder <keys_int64s = [3, 1, 7], values_floats = [0.5, 1.5, 2.5],
                                     default_float = -1.0> (x)
      }""", [np.array([1, 2, 3, 7, -1])]),
    "linear_regressor": ("""g (float[4,3] x) => (float[4,2] y) {
        y = ai.onnx.ml.LinearRegressor <coefficients = [1.0, 2.0, 3.0, -1.0, 0.5, 0.0],
                                        intercepts = [0.25, -0.5], targets = 2> (x)
      }""", [floats(4, 3)]),
    "normalizer": ("""g (float[4,3] x) => (float[4,3] y) {
        y = ai.onnx.ml.Normalizer <norm = "L2"> (x)
      }""", [floats(4, 3)]),
    "scaler": ("""g (float[4,2] x) => (float[4,2] y) {
        y = ai.onnx.ml.Scaler <offset = [1.0, -1.0], scale = [2.0, 0.5]> (x)
      }""", [floats(4, 2)]),
    "imputer": ("""g (float[3,2] x) => (float[3,2] y) {
        y = ai.onnx.ml.Imputer <imputed_value_floats = [9.0, 8.0], replaced_value_float = 1.0> (x)
      }""", [np.array([[1, 2], [3, 1], [1, 1]], np.float32)]),
    "one_hot": ("""g (int64[2,2] x) => (float[2,2,3] y) {
        y = ai.onnx.ml.OneHotEncoder <cats_int64s = [2, 5, 9]> (x)
      }""", [np.array([[2, 9], [5, 4]])]),
    "trees": ("""g (float[6,2] x) => (float[6,1] y) {
        y = ai.onnx.ml.TreeEnsembleRegressor <
          nodes_treeids = [0, 0, 0, 0, 0, 1, 1, 1], nodes_nodeids = [0, 1, 2, 3, 4, 0, 1, 2],
          nodes_featureids = [0, 1, 0, 0, 0, 1, 0, 0],
          nodes_modes = ["BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF", "BRANCH_GT", "LEAF",
                         "LEAF"],
          nodes_values = [0.0, 0.5, 0.0, 0.0, 0.0, -0.25, 0.0, 0.0],
          nodes_truenodeids = [1, 2, 0, 0, 0, 1, 0, 0],
          nodes_falsenodeids = [4, 3, 0, 0, 0, 2, 0, 0],
          target_treeids = [0, 0, 0, 1, 1], target_nodeids = [2, 3, 4, 1, 2],
          target_ids = [0, 0, 0, 0, 0], target_weights = [1.0, 2.0, 4.0, 8.0, 16.0],
          base_values = [0.5], n_targets = 1> (x)
      }""", [floats(6, 2)]),
    **{f"linear_{transform}": ("""g (float[N,3] x) => (int64[N] label, float[N,3] p) {
        label, p = ai.onnx.ml.LinearClassifier <classlabels_ints = [4, -1, 9],
          coefficients = [1.0, 2.0, 3.0, -1.0, 0.5, 0.0, 2.0, -1.0, 1.0],
          intercepts = [0.25, 0.0, -0.5], post_transform = "TRANSFORM"> (x)
      }""".replace("TRANSFORM", transform), [rounded(7, 3)])
       for transform in ("NONE", "SOFTMAX", "LOGISTIC")},
    "linear_probit": ("""g (double[2] x) => (int64[1] label, float[1,2] p) {
        label, p = ai.onnx.ml.LinearClassifier <classlabels_ints = [0, 1],
          coefficients = [0.5, 0.0, 0.0, 0.5], intercepts = [0.25, 0.25],
          post_transform = "PROBIT"> (x)
      }""", [np.array([0.25, 1.0])]),
    **{f"linear_pair_{transform}": ("""g (int32[N,2] x) => (int64[N] label, float[N,2] p) {
        label, p = ai.onnx.ml.LinearClassifier <classlabels_ints = [5, 7],
          coefficients = [1.0, -0.5], intercepts = [0.25], post_transform = "TRANSFORM"> (x)
      }""".replace("TRANSFORM", transform), [random.integers(-2, 3, (8, 2), np.int32)])
       for transform in ("NONE", "LOGISTIC")},
    **{f"svm_{kernel}": ("""g (float[5,2] x) => (float[5,1] y, float[5,1] z) {
        y = ai.onnx.ml.SVMRegressor <kernel_type = "KERNEL", kernel_params = [0.5, 0.25, 3.0],
          n_supports = 3, support_vectors = [1.0, 2.0, -1.0, 0.5, 0.0, -2.0],
          coefficients = [1.0, -0.5, 0.25], rho = [0.125]> (x)
        z = ai.onnx.ml.SVMRegressor <kernel_type = "KERNEL", kernel_params = [0.5, 0.25, 4.0],
          n_supports = 2, support_vectors = [1.0, 2.0, -1.0, 0.5], coefficients = [1.0, -0.5],
          rho = [-0.5], one_class = 1> (x)
      }""".replace("KERNEL", kernel), [floats(5, 2)])
       for kernel in ("LINEAR", "POLY", "RBF", "SIGMOID")},
    "svm_none": ("""g (float[5,2] x) => (float[5,1] y) {
        y = ai.onnx.ml.SVMRegressor <coefficients = [1.0, -0.5], rho = [0.125], n_supports = 0> (x)
      }""", [floats(5, 2)]),
    **{f"svc_{name}": ("""g (float[N,2] x) => (int64[N] label, float[N,3] p) {
        label, p = ai.onnx.ml.SVMClassifier <kernel_type = "RBF", kernel_params = [0.5, 0.0, 0.0],
          classlabels_ints = [4, -1, 9], vectors_per_class = [2, 1, 1],
          support_vectors = [1.0, 2.0, -1.0, 0.5, 0.0, -2.0, 1.0, 1.0],
          coefficients = [1.0, 0.5, -1.0, -0.5, 0.75, 1.0, 0.25, -1.0],
          PROB rho = [0.125, -0.25, 0.0625], post_transform = "TRANSFORM"> (x)
      }""".replace("PROB", prob).replace("TRANSFORM", transform),
                       [np.array([[0.5, -1], [1, 2], [-1.5, 0.25]], np.float32)])
       for name, prob, transform in [
           ("votes", "", "NONE"), ("softmax_zero", "", "SOFTMAX_ZERO"),
           ("coupled", "prob_a = [-2.0, -1.0, -3.0], prob_b = [0.5, 0.0, -0.25],", "NONE")]},
    **{f"svc_pair_{transform}": ("""g (float[N,1] x) => (int64[N] label, float[N,2] p) {
        label, p = ai.onnx.ml.SVMClassifier <classlabels_ints = [5, 7], vectors_per_class = [1, 1],
          support_vectors = [1.0, -0.5], coefficients = [1.0, -0.5], rho = [0.125],
          post_transform = "TRANSFORM"> (x)
      }""".replace("TRANSFORM", transform), [np.array([[2], [-1], [0], [7]], np.float32)])
       for transform in ("NONE", "LOGISTIC")},
    "svc_none": ("""g (float[9,2] x) => (int64[9] label, float[9,3] p) {
        label, p = ai.onnx.ml.SVMClassifier <classlabels_ints = [4, -1, 9], rho = [0.5],
          coefficients = [1.0, 0.5, -1.0, -0.5, 0.75, 1.0]> (x)
      }""", [floats(9, 2)]),
    **{f"trees_{aggregate}": (regress(aggregate), [missing(40, 2)])
       for aggregate in ("SUM", "AVERAGE", "MIN", "MAX")},
    "tree_chain": (chain(), [np.arange(60.0).reshape(60, 1) / 50 + 0.002]),
    **{f"tree_classes_{transform}": (
        classify(("float[N,2]", 3), classlabels_int64s=[4, -1, 9], post_transform=transform,
                 base_values=[0.5, -0.25, 1.0], **forest("class", 3)), [missing(40, 2)])
       for transform in ("NONE", "SOFTMAX", "LOGISTIC")},
    # The second class has no vote.
    "tree_votes": (classify(("int64[N,1]", 3), classlabels_int64s=[4, -1, 9],
                            **stump([[(0, -0.5), (2, -0.25)], [(0, -0.5), (2, -0.75)]])),
                   [np.array([[0], [1], [-1]])]),
    # Only one of two classes has weights.
    **{f"tree_pair_{transform}_{sign}": (
        classify(("int32[N,1]", 2), classlabels_int64s=[5, 7], post_transform=transform,
                 **stump([[(0, 0.75)], [(0, sign * 0.25)]])),
        [np.array([[0], [1], [-1]], np.int32)])
       for transform in ("NONE", "LOGISTIC") for sign in (1, -1)},
    # A condition and a count that are computed, but from constants.
    "computed_count": ("""g (float[3] x) => (float[3] y) {
        f = Constant <value_float = 2.5> ()
        c = Ceil (f)
        n = Cast <to = 7> (c)
        one = Constant <value_int = 1> ()
        t = Cast <to = 9> (one)
        y = Loop (n, t, x) <body = b (int64 i, bool c, float[3] v) => (bool d, float[3] w) {
          d = Identity (c)
          w = Add (v, v)
        }>
      }""", [floats(3)]),
    # Bounds past a dynamic axis are clamped.
    **{f"slice_{n}": ("""g (float[N,3] x) => (float[a,3] a, float[b,3] b, float[c,3] c, float[d,3] d,
                                             float[e,3] e) <int64[1] two = {2}, int64[1] five = {5},
          int64[1] minus = {-3}, int64[1] far = {9223372036854775807}, int64[1] axis = {0},
          int64[1] back = {-2}, int64[1] first = {-9223372036854775807}> {
        a = Slice (x, two, five)
        b = Slice (x, minus, far)
        c = Slice (x, two, minus)
        d = Slice (x, five, first, axis, back)
        e = Slice (x, minus, far, axis, two)
      }""", [floats(n, 3)]) for n in (1, 2, 3, 4, 5, 8)},
    # Places in column-major order, in one and in three dimensions.
    "pool_places": ("""g (float[2,2,6] x, float[1,2,4,3,5] z) => (float[2,2,c] y, int64[2,2,d] i,
                       float[1,2,e,f,g] w, int64[1,2,h,k,l] j) {
        y, i = MaxPool <kernel_shape = [2], strides = [2], storage_order = 1> (x)
        w, j = MaxPool <kernel_shape = [2,2,3], strides = [2,1,1], storage_order = 1> (z)
      }""", [floats(2, 2, 6), floats(1, 2, 4, 3, 5)]),
    # A search among what was found, of which there may be nothing; sizes that are the smaller of a
    # count and a number, which is known only below the largest count.
    **{f"found_{n}": ("""g (float[9] x) => (int64[k] y, float[l] z, int64[1] count)
          <int64[1] start = {0}, int64[1] three = {3}, int64[1] first = {0}, int64 none = {0}> {
        i = NonZero (x)
        shape = Shape (i)
        size = ReduceProd <keepdims = 0> (shape)
        isNone = Equal (size, none)
        t = Transpose (i)
        found = GatherND (x, t)
        y = If (isNone) <then_branch = a () => (int64[m] y) {
          y = Constant <value = int64[0] {}> ()
        }, else_branch = b () => (int64[o] y) {
          largest = ReduceMax <keepdims = 0> (found)
          isLargest = Equal (found, largest)
          j = NonZero (isLargest)
          y = Squeeze (j, first)
        }>
        few = Slice (found, start, three)
        count = Shape (few)
        z = Slice (found, start, count)
      }""", [np.array([value] * n + [0] * (9 - n), np.float32)])
       for n, value in [(0, 0), (2, 3), (3, -1), (9, 2)]},
    # Many parts of sizes from data; sums of the same sizes are the same size.
    "found_many": ("g (float[2,6] x, float[10] limits) => (float[k] y)"
                   " <int64[1] first = {0}, int64[1] second = {1}, int64[1] none = {0}> {"
                   + "".join(f"""
        at{i} = Constant <value_int = {i}> ()
        limit{i} = Gather (limits, at{i})
        is{i} = Greater (x, limit{i})
        i{i} = NonZero (is{i})
        t{i} = Transpose (i{i})
        v{i} = GatherND (x, t{i})
        n{i} = Neg (v{i})""" for i in range(10)) + f"""
        a = Concat <axis = 0> ({", ".join(f"v{i}" for i in range(10))})
        b = Concat <axis = 0> ({", ".join(f"n{i}" for i in range(9, -1, -1))})
        c = Concat <axis = 0> ({", ".join(f"n{i}" for i in range(10))})
        d = Sub (a, c)
        e = Concat <axis = 0> (b, d)
        y = Abs (e)
      }}""", [floats(2, 6), np.linspace(-2, 3, 10, dtype=np.float32)]),
    # Images of a size that only the inputs tell.
    **{f"resize_{height}x{width}": ("""g (float[1,2,H,W] x, float[P,Q] y)
          => (float[a,b,c,d] a, float[e,f,g,h] b, float[i,j,k,l] c, float[m,n,o,p] d,
              float[q,r,s,t] e, float[u,v,w,z] f)
          <float[4] larger = {1, 1, 2, 3}, float[4] smaller = {1, 1, 0.75, 0.5},
           float[2] half = {0.5, 0.5}, int64[2] fixed = {5, 3}> {
        a = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric",
                    nearest_mode = "floor"> (x, , larger)
        b = Resize <mode = "linear"> (x, , smaller)
        c = Resize <mode = "linear", antialias = 1, axes = [2, 3]> (x, , half)
        d = Resize <mode = "cubic", axes = [2, 3], exclude_outside = 1> (x, , , fixed)
        sizes = Shape (y)
        e = Resize <mode = "linear", axes = [2, 3],
                    coordinate_transformation_mode = "align_corners"> (x, , , sizes)
        f = Resize <mode = "nearest", axes = [2, 3],
                    coordinate_transformation_mode = "half_pixel_symmetric"> (x, , , sizes)
      }""", [floats(1, 2, height, width), floats(width, height)])
       for height, width in [(4, 4), (7, 2), (5, 9)]},
    **{f"pool_{height}x{width}": ("""g (float[1,2,H,W] x) => (float[1,2,c,d] a, float[1,2,g,h] b) {
        a = MaxPool <kernel_shape = [3, 2], strides = [2, 2], pads = [1, 0, 1, 1],
                     ceil_mode = 1> (x)
        b = AveragePool <kernel_shape = [2, 3], strides = [3, 2], ceil_mode = 1> (x)
      }""", [floats(1, 2, height, width)])
       for height, width in [(4, 5), (5, 4), (6, 6), (7, 9)]},
    **{f"same_{height}x{width}": ("""g (float[1,2,H,W] x, float[3,2,3,3] w)
          => (float[1,3,c,d] a, float[1,3,g,h] b) {
        a = Conv <auto_pad = "SAME_UPPER", strides = [2, 3]> (x, w)
        b = Conv <auto_pad = "SAME_LOWER", strides = [2, 3]> (x, w)
      }""", [floats(1, 2, height, width), floats(3, 2, 3, 3)])
       for height, width in [(4, 5), (5, 4), (6, 6), (7, 9)]},
    # Arithmetic on known integers: quotients of negative numbers, signs of remainders, what does
    # not fit in a type, reductions over no axis.
    "known_ints": ("""g (float[N] x) => (int64[1] a, int64[1] b, int64[1] c, bool[1] d, int64[1] e,
                                          int64[2] f, int64[1] h, int64[1] i, int64[2] k)
          <int64[1] minus = {-8}, int64[1] three = {3}, uint8[1] most = {200},
           int32[2] wide = {65536, 65536}, int64[0] none = {}> {
        n = Shape (x)
        a = Div (minus, n)
        b = Mod <fmod = 1> (minus, three)
        twice = Add (most, most)
        c = Cast <to = 7> (twice)
        less = Sub (n, three)
        minus_one = Div (minus, minus)
        one = Neg (minus_one)
        d = Equal (less, one)
        unsigned = Cast <to = 12> (minus)
        e = Cast <to = 7> (unsigned)
        both = Concat <axis = 0> (n, n)
        f = ReduceSum <noop_with_empty_axes = 1> (both)
        k = ReduceSum <noop_with_empty_axes = 1> (both, none)
        product = ReduceProd (wide)
        h = Cast <to = 7> (product)
        i = Mod <fmod = 1> (minus, n)
      }""", [floats(3)]),
    # Scan outputs of many, of as many as a size says, and of no steps.
    **{f"scan_{n}": ("""g (float[2] s0, float[K,2] x, float[3,K] z)
          => (float[2] s, float[K,2] ys, float[3,K] zs) {
        s, ys, zs = Scan <num_scan_inputs = 2, scan_input_axes = [0, 1],
            scan_input_directions = [1, 0], scan_output_axes = [0, 1],
            scan_output_directions = [1, 0],
            body = b (float[2] s, float[2] v, float[3] w) => (float[2] t, float[2] y, float[3] u) {
              t = Add (s, v)
              y = Neg (t)
              u = Add (w, w)
            }> (s0, x, z)
      }""".replace("K", size), [floats(2), floats(n, 2), floats(3, n)])
       for n, size in [(1, "K"), (5, "K"), (300, "300")]},
    **{f"loop_{n}": ("""g (float[N,3] x) => (float[3] s, float[N,3] ys, int64[N] i)
          <float[3] s0 = {0, 0, 0}> {
        shape = Shape <end = 1> (x)
        n = Squeeze (shape)
        s, ys, is = Loop (n, , s0) <body = b (int64 i, bool c, float[3] s)
            => (bool d, float[3] t, float[3] y, int64 j) {
          row = Gather (x, i)
          t = Add (s, row)
          y = Identity (t)
          j = Identity (i)
          d = Identity (c)
        }>
        i = Neg (is)
      }""", [floats(n, 3)]) for n in (1, 6)},
    # Scan outputs of as many steps as it takes: none, some, all that are allowed.
    **{f"loop_until_{n}": ("""g (float[2] x, float limit, bool c)
          => (float[2] s, float[K,2] ys, int64[K] i) <int64 n = {6}> {
        s, ys, is = Loop (n, c, x) <body = b (int64 i, bool c, float[2] v)
            => (bool d, float[2] w, float[2] y, int64 j) {
          w = Add (v, x)
          y = Neg (w)
          j = Identity (i)
          sum = ReduceSum <keepdims = 0> (w)
          d = Less (sum, limit)
        }>
        i = Neg (is)
      }""", [np.array([1, 2], np.float32), np.array(limit, np.float32), np.array(n > 0)])
       for n, limit in [(0, 4), (1, 4), (3, 9), (6, 99)]},
    "scan_nested": ("""g (float[N,M,2] x, bool c) => (float[N,M,2] ys, float[2] s)
          <float[2] s0 = {0, 0}> {
        s, ys = Scan <num_scan_inputs = 1,
            body = o (float[2] s, float[M,2] r) => (float[2] t, float[M,2] y) {
              t, y = Scan <num_scan_inputs = 1,
                  body = i (float[2] p, float[2] v) => (float[2] q, float[2] w) {
                    q = Add (p, v)
                    w = If (c) <then_branch = a () => (float[2] e) { e = Neg (q) },
                                else_branch = b () => (float[2] f) { f = Identity (q) }>
                  }> (s, r)
            }> (s0, x)
      }""", [floats(3, 4, 2), np.array(True)]),
    "loop_none": ("""g (float[3] x) => (float[3] s, float[K,3] ys) <int64 n = {0}> {
        s, ys = Loop (n, , x) <body = b (int64 i, bool c, float[3] v)
            => (bool d, float[3] w, float[3] y) {
          w = Add (v, v)
          y = Neg (v)
          d = Identity (c)
        }>
      }""", [floats(3)]),
    "map": ("""g (seq(float[2]) x) => (seq(float[2]) y) {
        y = SequenceMap (x) <body = b (float[2] v) => (float[2] w) { w = Neg (v) }>
      }""", [[floats(2), floats(2), floats(2)]]),
}

def max_roi_pool(x, rois, shape=(3, 2), scale=0.5):
    """MaxRoiPool, which the reference implementation lacks."""
    result = np.zeros((len(rois), x.shape[1], *shape), np.float32)
    for r, (sample, left, top, right, bottom) in enumerate(rois):
        starts = np.floor(np.array([top, left]) * scale + 0.5)
        ends = np.floor(np.array([bottom, right]) * scale + 0.5)
        cells = np.maximum(ends - starts + 1, 1) / shape
        for cell in np.ndindex(*shape):
            low = np.clip(np.floor(cell * cells) + starts, 0, x.shape[2:]).astype(int)
            high = np.clip(np.ceil((np.array(cell) + 1) * cells) + starts, 0,
                           x.shape[2:]).astype(int)
            part = x[int(sample), :, low[0]:high[0], low[1]:high[1]]
            if part.size:
                result[(r, slice(None), *cell)] = part.max(axis=(1, 2))
    return [result]


def scan(start, x, z):
    """The model of the cases, backward over x; the reference implementation lacks directions."""
    sums = start + np.cumsum(x[::-1], axis=0)
    return [sums[-1], -sums[::-1], z + z]


def loop(x):
    """The same for Loop, which the reference implementation stacks in its own way."""
    sums = np.cumsum(x, axis=0)
    return [sums[-1], sums, -np.arange(len(x))]


def convolve_same(x, w, strides=(2, 3)):
    """Conv with auto_pad; the reference implementation pads otherwise."""
    sizes = [-(-size // step) for size, step in zip(x.shape[2:], strides)]
    total = [max((count - 1) * step + 3 - size, 0)
             for count, step, size in zip(sizes, strides, x.shape[2:])]
    results = []
    for before in ([amount // 2 for amount in total], [-(-amount // 2) for amount in total]):
        padded = np.pad(x, [(0, 0), (0, 0), *((low, 9) for low in before)])
        result = np.zeros((1, 3, *sizes), np.float32)
        for i, j in np.ndindex(*sizes):
            window = padded[0, :, i * strides[0]:, j * strides[1]:][:, :3, :3]
            result[0, :, i, j] = np.tensordot(w, window, 3)
        results.append(result)
    return results


def loop_until(x, limit, condition):
    """The same, with a condition."""
    n = 0
    while condition and n < 6:
        n += 1
        condition = (x * (n + 1)).sum() < limit
    steps = np.arange(n)
    return [x * (n + 1), -x * (steps[:, None] + 2).astype(np.float32), -steps]


def known_ints(x):
    """The reference implementation computes some of them in other types."""
    return [np.array(value).reshape(-1) for value in
            (-2, -2, 144, False, 2 ** 32 - 8, [3, 3], 0, -2, [3, 3])]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def pair(score, threshold, low, high):
    """Two classes with one score, as ONNX Runtime has it: the specification is silent."""
    labels = np.where(score > threshold, 7, 5)
    return [labels, np.stack([low(score), high(score)], 1).astype(np.float32)]


def linear_pair(x, transform):
    score = x @ [1, -0.5] + 0.25
    if transform == "LOGISTIC":
        return pair(score, 0, lambda s: sigmoid(-s), sigmoid)
    return pair(score, 0, lambda s: 1 - s, lambda s: s)


def svc_none(x):
    """Which the reference implementation takes for two classes, as it has one rho."""
    scores = x @ np.float32([[1, 0.5], [-1, -0.5], [0.75, 1]]).T + np.float32(0.5)
    return [np.array([4, -1, 9])[scores.argmax(1)], scores]


def tree_pair(x, transform, sign):
    score = np.where(x[:, 0] <= 0, 0.75, sign * 0.25)
    threshold = 0.5 if sign > 0 else 0
    if transform == "LOGISTIC":
        return pair(score, threshold, lambda s: sigmoid(-s), sigmoid)
    return pair(score, threshold, lambda s: 1 - s if sign > 0 else -s, lambda s: s)


REFERENCES = {"known_ints": known_ints,
              "reduce_ints": lambda x: [np.log(v.sum(axis=1, keepdims=True)).astype(np.int32)
                                        for v in (x, np.exp(x * 1.0))],
              "per_element_norm": lambda x, s, b, m, v: [(x - m) / np.sqrt(v + 1e-5) * s + b],
              "layer_norm_stash": lambda x, s: [
                  (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) * s,
                  x.mean(1, keepdims=True).astype(np.float32),
                  (1 / np.sqrt(x.var(1, keepdims=True) + 1e-5)).astype(np.float32)],
              **{f"linear_pair_{transform}": lambda x, t=transform: linear_pair(x, t)
                 for transform in ("NONE", "LOGISTIC")},
              **{f"tree_pair_{transform}_{sign}": lambda x, t=transform, s=sign: tree_pair(x, t, s)
                 for transform in ("NONE", "LOGISTIC") for sign in (1, -1)},
              # By ONNX Runtime; the reference implementation couples probabilities wrongly.
              "svc_coupled": lambda x: [np.array([-1, 4, 4]), np.array(
                  [[0.187096, 0.520724, 0.292180], [0.510319, 0.092172, 0.397509],
                   [0.473558, 0.290567, 0.235875]], np.float32)],
              "svc_none": svc_none,
              "tree_votes": lambda x: [np.where(x[:, 0] <= 0, 9, 4), np.where(
                  x <= 0, np.float32([-0.5, 0, -0.25]), np.float32([-0.5, 0, -0.75]))],
              "tree_chain": lambda x: [np.searchsorted(
                  (np.arange(50) + 0.1) / 50, x).astype(np.float32)],
              # One row, which the reference implementation lacks; the approximation is ONNX Runtime's.
              "linear_probit": lambda x: [np.array([1]), np.array([[-0.31865, 0.674574]],
                                                                  np.float32)],
              "max_roi_pool": max_roi_pool, "scan_1": scan, "scan_5": scan, "scan_300": scan,
              "loop_1": loop, "loop_6": loop,
              **{name: loop_until for name in CASES if name.startswith("loop_until_")},
              **{name: convolve_same for name in CASES if name.startswith("same_")},
              "scan_nested": lambda x, c: [
                  -np.cumsum(x.reshape(-1, 2), axis=0).reshape(x.shape), x.sum(axis=(0, 1))],
              "loop_none": lambda x: [x, np.zeros((0, 3), np.float32)]}


def check(expected, got, name):
    if isinstance(expected, list):
        assert isinstance(got, list) and len(expected) == len(got), name
        for one, other in zip(expected, got):
            check(one, other, name)
        return
    assert expected.shape == got.shape, (name, expected.shape, got.shape)
    assert expected.dtype == got.dtype, (name, expected.dtype, got.dtype)
    if expected.dtype.kind != "f":
        np.testing.assert_array_equal(got, expected, err_msg=name)
        return
    atol = 2e-5 * max(1, abs(expected).max(initial=0))
    np.testing.assert_allclose(got, expected, rtol=2e-5, atol=atol, err_msg=name)


backend = make_backend("tg-run", [f"--device={sys.argv[2]}", "--cache=none", "--threads=1"])
for name, (text, inputs) in CASES.items():
    model = onnx.parser.parse_model(text if text.startswith("<") else HEADER + text)
    names = [value.name for value in model.graph.input]
    if name in REFERENCES:
        expected = REFERENCES[name](*inputs)
    else:
        expected = ReferenceEvaluator(model).run(None, dict(zip(names, inputs)))
    for one, other in zip(expected, backend.prepare(model).run(inputs)):
        check(one, other, name)
print(f"{len(CASES)} models agree with the reference")

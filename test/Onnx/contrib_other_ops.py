# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Single operators of ONNX Runtime."""

import itertools

import numpy as np

from contrib_cases import label, suite


@suite
def odds(m):
    for size in (1, 2, 5):
        matrices = m.floats(3, size, size)
        m.add(f"Inverse,{size}", "Inverse", [matrices], dims={0: ["N"]}, tolerance=1e-4)
    swapped = np.array([[0, 2, 1], [1, 0, 0], [3, 0, 1]], np.float32)  # Needs other pivots.
    m.add("Inverse,pivots", "Inverse", [swapped])
    for metric in ("euclidean", "sqeuclidean"):
        m.add(f"CDist,{metric}", "CDist", [m.floats(3, 4), m.floats(2, 4)],
              attributes={"metric": metric}, dims={0: ["N"], 1: ["M"]})
    for axis in (0, 1, -1):
        m.add(f"ExpandDims,{axis}", "ExpandDims", [m.floats(2, 3), np.array(axis, np.int32)],
              constants={1})
    ids = np.array([[1, 2, 3, 1, 2], [4, 4, 4, 4, 4], [0, 1, 2, 3, 4]], np.int64)
    for size in (1, 2, 3, 6):
        m.add(f"NGramRepeatBlock,{size}", "NGramRepeatBlock", [ids, m.floats(3, 6)],
              attributes={"ngram_size": size})
    m.add("NGramRepeatBlock,dynamic", "NGramRepeatBlock", [ids, m.floats(3, 6)],
          attributes={"ngram_size": 2}, dims={0: ["B", "S"], 1: ["B", None]})
    boxes = np.array([[0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], [-0.2, 0, 0.5, 1.3],
                      [0.8, 0.7, 0.2, 0.1]], np.float32)
    for mode, size in itertools.product(("bilinear", "nearest"), ([3, 4], [1, 1], [7, 2])):
        m.add(f"CropAndResize,{mode},{size}", "CropAndResize",
              [m.floats(2, 3, 5, 6), boxes, np.array([0, 1, 0, 1], np.int32),
               np.array(size, np.int32)], constants={3}, dims={0: ["N", None, "H", "W"]},
              attributes={"mode": mode, "extrapolation_value": 9.0})
    m.add("UnfoldTensor", "UnfoldTensor", [m.floats(3, 10)], attributes={"size": 4, "step": 3})
    m.add("UnfoldTensor,dim", "UnfoldTensor", [m.floats(9, 2)],
          attributes={"dim": 0, "size": 4, "step": 2})
    m.add("SampleOp", "SampleOp", [m.floats(3)])
    for k, upper in itertools.product((None, -1, 1), (0, 1)):
        m.add(f"Trilu,{k},{upper}", "Trilu",
              [m.floats(2, 3, 4), None if k is None else np.array(k)],
              attributes={"upper": upper}, constants={1})
    m.add("GatherND", "GatherND", [m.floats(3, 4), np.array([[0, 1], [2, 3]])])
    m.add("Unique", "Unique", [np.array([2, 1, 1, 3, 4, 3], np.float32)], 3)
    m.add("Range,floats", "Range", [np.float32(1), np.float32(5)], constants={0, 1})
    m.add("Range,integers", "Range", [np.array(1), np.array(9), np.array(3)], constants={0, 1, 2})
    for mode in ("constant", "reflect", "edge"):
        m.add(f"Pad,{mode}", "Pad", [m.floats(3, 4), np.array([[0, 1, 2, 0]])],
              attributes={"mode": mode}, constants={1})
    m.add("Pad,value", "Pad", [m.floats(3, 4), np.array([0, 1, -1, 0]), np.float32([5])],
          constants={1})
    m.add("GridSample", "GridSample", [m.floats(1, 2, 4, 4), m.floats(1, 3, 3, 2) / 2])
    m.add("ConvTransposeWithDynamicPads", "ConvTransposeWithDynamicPads",
          [m.floats(1, 2, 4, 4), m.floats(2, 3, 3, 3), np.array([1, 1, 0, 2]), m.floats(3)],
          attributes={"strides": [2, 2], "output_padding": [1, 0]}, constants={2})
    words, positions, segments = [m.bytes(np.uint8, *s) for s in ((10, 8), (6, 8), (2, 8))]
    gamma, beta = m.bytes(np.uint8, 2, 8)
    for mask in (None, m.ints(0, 2, 2, 3)):
        m.add(f"QEmbedLayerNormalization,{mask is not None}", "QEmbedLayerNormalization",
              [m.ints(0, 10, 2, 3), m.ints(0, 2, 2, 3), words, positions, segments, gamma, beta,
               mask, *np.float32([0.02, 0.03, 0.01, 0.02, 0.01]), *m.bytes(np.uint8, 5)], 2,
              dims={0: ["B", "S"], 1: ["B", "S"], 7: ["B", "S"]})
    for op, attributes in [("Crop", {"border": [1, 0, 2, 1]}),
                           ("Crop", {"border": [1, 1, 0, 0], "scale": [2, 3]}),
                           ("ImageScaler", {"scale": 2.0, "bias": [1.0, -1.0]})]:
        case = m.add(op + label(attributes), op, [m.floats(1, 2, 5, 6)], domain="",
                     attributes=attributes)
        case.model.opset_import[0].version = 9

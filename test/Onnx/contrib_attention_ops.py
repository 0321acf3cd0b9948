# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX Runtime's attention, with masks, caches and angles, and its mixture of experts."""

import itertools

import numpy as np
from onnx import helper

from contrib_cases import grid, label, suite


@suite
def attention(m):
    batch, length, width, heads = 2, 3, 5, 2
    x, w, bias = m.floats(batch, length, width), m.floats(width, 24), m.floats(24)

    def add(name, inputs, outputs=1, dims=None, tolerance=2e-5, **attributes):
        m.add(name, "Attention", inputs, outputs, attributes={"num_heads": heads, **attributes},
              dims=dims, tolerance=tolerance, constants={1, 2})


    def name_dims(past, kind):
        """Names for the dimensions; those of a mask are in terms of the others."""
        total = "S" if past is None else "S + P"
        dims = {0: ["B", "S", None], 4: [None, "B", None, "P", None]}
        if kind == "ends and starts":
            dims[0][0] = dims[4][1] = None  # Twice B is no name.
        return dims | {3: {"ends": ["B"], "rank 2": ["B", total], "rank 3": ["B", "S", total]}.get(
            kind, [])}

    for past in (None, 0, 2):
        total = length + (past or 0)
        state = None if past is None else m.floats(2, batch, heads, past, 4)
        outputs = 1 if past is None else 2
        masks = {
            "none": None, "ends": m.ints(1, total + 1, batch),
            "ends and starts": np.array([total, total - 1, 1, 0], np.int32),
            "rank 2": m.ints(0, 2, batch, total), "rank 3": m.ints(0, 2, batch, length, total)}
        for kind, mask in masks.items():
            for a in grid(unidirectional=[0, 1], dynamic=[0, 1]):
                dims = name_dims(past, kind) if a.pop("dynamic") else None
                # Where all is masked, -10000 is added to all scores, which lose bits.
                add(f"past={past},mask {kind},{label(a)},{'dynamic' if dims else 'static'}",
                    [x, w, bias, mask, state], outputs, dims, 2e-3, **a)
                if dims and past == 0:
                    m.cases[-1].options = ("--dim=P=0",)
        if past is None:  # ONNX Runtime takes one of the two.
            more = m.floats(batch, heads, length, total)
            add("bias", [x, w, bias, masks["rank 2"], None, more], tolerance=2e-3)
            add("bias of one", [x, w, bias, None, None, more[:1, :1]], unidirectional=1)
    add("scale", [x, w, bias], scale=0.3)
    add("filter", [x, w, bias, m.ints(0, 2, batch, length)], mask_filter_value=-2.0)
    add("present", [x, w, bias], 2)
    m.add("qkv_hidden_sizes", "Attention", [x, m.floats(width, 28), m.floats(28)],
          attributes={"num_heads": heads, "qkv_hidden_sizes": [8, 8, 12]})
    half = [value.astype(np.float16) for value in (x, w, bias)]
    m.add("float16", "Attention", half, attributes={"num_heads": heads}, tolerance=1e-2)


@suite
def multi_head_attention(m):
    batch, length, keys, heads = 2, 3, 4, 2
    query, key, value = m.floats(batch, length, 8), m.floats(batch, keys, 8), m.floats(
        batch, keys, 8)
    wide = m.floats(batch, keys, 12)

    def add(name, inputs, outputs=1, dims=None, tolerance=2e-5, types=None, **attributes):
        return m.add(name, "MultiHeadAttention", inputs, outputs, dims=dims, types=types,
                     attributes={"num_heads": heads, **attributes}, tolerance=tolerance)

    dynamic = {0: ["B", "S", None], 1: ["B", "L", None], 2: ["B", "L", None]}
    for dims in (None, dynamic):
        name = "dynamic" if dims else "static"
        add(f"plain,{name}", [query, key, wide], dims=dims)
        add(f"bias,{name}", [query, key, wide, m.floats(28)], dims=dims)
        for kind, mask, names in [("ends", m.ints(1, keys + 1, batch), ["B"]),
                                  ("rank 2", m.ints(0, 2, batch, keys), ["B", "L"]),
                                  ("rank 3", m.ints(0, 2, batch, length, keys), ["B", "S", "L"])]:
            add(f"mask {kind},{name}", [query, key, value, None, mask],
                dims=dims and {**dims, 4: names}, tolerance=2e-3)
            add(f"mask {kind},filter,{name}", [query, key, value, None, mask],
                dims=dims and {**dims, 4: names}, mask_filter_value=-1.0, scale=0.2)
        more = m.floats(batch, heads, length, keys)
        add(f"attention_bias,{name}", [query, key, value, None, None, more],
            dims=dims and {**dims, 5: ["B", None, "S", "L"]})
        add(f"unidirectional,{name}", [query, key, value], dims=dims, unidirectional=1)
    add("attention_bias of one", [query, key, value, None, None, more[:1, :1]])
    add("unidirectional,square", [query, key[:, :length], value[:, :length]], unidirectional=1)
    split = [x.reshape(batch, keys, heads, 4).transpose(0, 2, 1, 3).copy() for x in (key, value)]
    add("other sequence", [query, *split])
    add("other sequence,bias", [query, *split, m.floats(24)])
    for past in (0, 2):
        state = [m.floats(batch, heads, past, 4) for _ in range(2)]
        for dims in (None, {**dynamic, 6: ["B", None, "P", None], 7: ["B", None, "P", None]}):
            name = f"past={past},{'dynamic' if dims else 'static'}"
            options = ("--dim=P=0",) if dims and past == 0 else ()
            add(name, [query, key, value, None, None, None, *state], 3, dims).options = options
            mask = m.ints(0, 2, batch, keys + past)
            add(name + ",mask", [query, key, value, m.floats(24), mask, None, *state], 3,
                dims and {**dims, 4: ["B", "L + P"]}, tolerance=2e-3).options = options
            add(name + ",scores", [query, key, value, None, None, None, *state], 4, dims,
                types=[1] * 4).options = options
    state = [m.floats(batch, heads, 6, 4) for _ in range(2)]
    for position in (0, 2, 5):
        add(f"buffer,{position}",
            [query[:, :1], key[:, :1], value[:, :1], None, None, None, *state,
             np.array([position], np.int32)], 3)
    # ONNX Runtime's CPU takes no packed inputs, but what they stand for.
    same = m.floats(batch, keys, 8)
    packed = np.stack([x.reshape(batch, keys, heads, 4) for x in (same, key, value)], 3)
    case = add("packed", [same, key, value, m.floats(24)])
    use_packed(case, [0], packed)
    case = add("packed keys and values", [query, key, value])
    use_packed(case, [1], packed[:, :, :, 1:].copy())


def use_packed(case, where, packed):
    """Gives tg the packed form of inputs `where` and those that follow up to 2."""
    model = type(case.model)()
    model.CopyFrom(case.model)
    first = where[0]
    node = model.graph.node[0]
    for i in range(first + 1, 3):
        node.input[i] = ""
    kept = [value for value in model.graph.input if value.name in node.input]
    for value in kept:
        if value.name == f"x{first}":
            value.CopyFrom(helper.make_tensor_value_info(value.name, 1, packed.shape))
    del model.graph.input[:]
    model.graph.input.extend(kept)
    case.tg_model, case.tg_feeds = model, {**case.feeds, f"x{first}": packed}


@suite
def group_query_attention(m):
    heads, groups, width = 4, 2, 16
    cosine, sine = m.floats(32, width // 2), m.floats(32, width // 2)

    def tokens(batch, count):
        return [m.floats(batch, count, size * width) for size in (heads, groups, groups)]

    def add(name, inputs, lengths, cache, total, extra=(), dims=None, tolerance=2e-5, constant=True,
            outputs=3, **attributes):
        """`inputs` of any form; only the rows of the caches that count are compared."""
        lengths = np.array(lengths, np.int32)
        batch = len(lengths)
        state = [None, None] if cache is None else [
            m.floats(batch, groups, cache, width, dtype=inputs[0].dtype) for _ in range(2)]

        def view(outputs):
            kept = dict(outputs)
            for key in ("y1", "y2"):
                kept[key] = np.concatenate(
                    [outputs[key][b, :, :end + 1].ravel() for b, end in enumerate(lengths)])
            # After the end of a shorter sequence there is nothing but padding.
            count = inputs[0].shape[1]
            if total == count:
                kept["y0"] = np.concatenate(
                    [outputs["y0"][b, :end + 1].ravel() for b, end in enumerate(lengths)])
            return kept

        given = [*inputs, *state, lengths, np.array(total, np.int32), *extra]
        m.add(name, "GroupQueryAttention", given, outputs, dims=dims, tolerance=tolerance,
              view=view,
              constants={6} if constant else (),
              attributes={"num_heads": heads, "kv_num_heads": groups, **attributes})

    for rotary in (0, 1):
        angles = (cosine, sine) if rotary else ()
        for interleaved in (0, 1) if rotary else (0,):
            a = {"do_rotary": rotary, "rotary_interleaved": interleaved}
            for cache in (None, 0, 8):
                add(f"prompt,cache={cache},{label(a)}", tokens(2, 3), [2, 2], cache, 3, angles, **a)
            add(f"prompt,ragged,{label(a)}", tokens(2, 3), [2, 1], 8, 3, angles, **a)
            add(f"step,buffer,{label(a)}", tokens(2, 1), [4, 2], 8, 5, angles, **a)
            add(f"step,full,{label(a)}", tokens(2, 1), [7, 7], 8, 8, angles, **a)
            add(f"step,growing,{label(a)}", tokens(2, 1), [4, 4], 4, 5, angles, **a)
            add(f"step,growing,ragged,{label(a)}", tokens(2, 1), [4, 2], 4, 5, angles, **a)
            add(f"chunk,{label(a)}", tokens(1, 2), [4], 8, 5, angles, **a)
            packed = [np.concatenate(tokens(2, 1), -1), None, None]
            add(f"step,packed,{label(a)}", packed, [4, 2], 8, 5, angles, **a)
            packed = [np.concatenate(tokens(2, 3), -1), None, None]
            add(f"prompt,packed,{label(a)}", packed, [2, 2], None, 3, angles, **a)
    dims = {**{i: ["B", "S", None] for i in range(3)}, 3: ["B"], 4: ["B"], 5: ["B"]}
    P0 = ("--dim=P=0",)
    for buffer in (0, 1):
        growing = dims if buffer else {**dims, 3: ["B", None, "P"], 4: ["B", None, "P"]}
        cache = 8 if buffer else 4
        name = f"buffer={buffer}"
        add(f"dynamic,step,{name}", tokens(2, 1), [4, 4], cache, 5, (cosine, sine), growing,
            do_rotary=1, constant=False)
        add(f"dynamic,prompt,{name}", tokens(2, 3), [2, 2], cache if buffer else 0, 3,
            (cosine, sine), growing, do_rotary=1, constant=False)
        if not buffer:
            m.cases[-1].options = P0
        add(f"dynamic,chunk,{name}", tokens(1, 2), [5 if not buffer else 3], cache,
            6 if not buffer else 4, (cosine, sine), growing, do_rotary=1, constant=False)
    for a in grid(local_window_size=[-1, 1, 3], softcap=[0.0, 0.7], smooth_softmax=[0, 1]):
        add("step," + label(a), tokens(2, 1), [6, 4], 8, 7, **a)
        add("prompt," + label(a), tokens(2, 5), [4, 3], 8, 5, **a)
    add("causal=0,prompt", tokens(2, 3), [2, 2], 8, 3, causal=0)
    add("causal=0,step", tokens(2, 1), [4, 2], 8, 5, causal=0)
    add("scale", tokens(2, 1), [4, 2], 8, 5, scale=0.4)
    bias = m.floats(2, heads, 3, 3)
    for softcap in (0.0, 0.7):
        add(f"attention_bias,prompt,{softcap}", tokens(2, 3), [2, 2], 8, 3,
            (None, None, None, bias), softcap=softcap)
    add("attention_bias,step", tokens(2, 1), [4, 2], 8, 5, (None, None, None, m.floats(1, 1, 1, 5)))
    sink = m.floats(heads)
    add("head_sink", tokens(2, 1), [4, 2], 8, 5, (None, None, None, None, sink))
    places = np.arange(3)[None].repeat(2, 0) + 4
    add("position_ids,prompt", tokens(2, 3), [2, 2], 8, 3, (cosine, sine, places), do_rotary=1)
    add("position_ids,step", tokens(2, 1), [4, 2], 8, 5, (cosine, sine, np.array([[9], [3]])),
        do_rotary=1)
    for output, softcap in itertools.product((1, 2), (0.0, 0.7)):
        add(f"scores {output},{softcap},prompt", tokens(2, 3), [2, 2], 8, 3, outputs=4,
            softcap=softcap, qk_output=output)
        add(f"scores {output},{softcap},step", tokens(2, 1), [4, 4], 8, 5, outputs=4,
            softcap=softcap, qk_output=output)
    half = [x.astype(np.float16) for x in tokens(2, 1)]
    add("float16", half, [4, 2], 8, 5, tolerance=4e-3)


@suite
def rotary_embedding(m):
    x = m.floats(2, 4, 3, 16)
    flat = x.transpose(0, 2, 1, 3).reshape(2, 3, 64).copy()
    full, part = [m.floats(16, 8) for _ in range(2)], [m.floats(16, 4) for _ in range(2)]
    places = m.ints(0, 16, 2, 3, dtype=np.int64)
    for interleaved in (0, 1):
        for kind, positions in [("first", np.array([2])), ("each", places)]:
            a = {"interleaved": interleaved}
            for dims in (None, {0: ["B", None, "S", None], 1: ["B", "S"]}):
                if dims and kind == "first":
                    dims = {0: dims[0]}
                name = f"{kind},{interleaved},{'dynamic' if dims else 'static'}"
                m.add(f"rank 4,{name}", "RotaryEmbedding", [x, positions, *full], attributes=a,
                      dims=dims)
                m.add(f"rank 4,part,{name}", "RotaryEmbedding", [x, positions, *part], dims=dims,
                      attributes={**a, "num_heads": 4, "rotary_embedding_dim": 8})
                flat_dims = dims and {**dims, 0: ["B", "S", None]}
                m.add(f"rank 3,{name}", "RotaryEmbedding", [flat, positions, *full], attributes=a,
                      dims=flat_dims)
                m.add(f"rank 3,part,{name}", "RotaryEmbedding", [flat, positions, *part],
                      attributes={**a, "num_heads": 4, "rotary_embedding_dim": 8}, dims=flat_dims)


@suite
def mixture_of_experts(m):
    def add(name, tokens, weights, activation, k=2, **attributes):
        m.add(f"{activation},{name},k={k}", "MoE", [tokens, m.floats(6, 4), *weights],
              attributes={"k": k, "activation_type": activation, **attributes}, tolerance=2e-5)

    x, dense = m.floats(6, 8), m.floats(2, 3, 8)
    fc1, bias1 = m.floats(4, 16, 8), m.floats(4, 16)
    fc2, bias2 = m.floats(4, 8, 16), m.floats(4, 8)
    for activation in ("relu", "silu", "identity"):
        add("packed", x, [fc1, bias1, fc2, bias2], activation)
        add("dense,no bias", dense, [fc1, None, fc2], activation, 1)
    add("normalized", x, [fc1, bias1, fc2, bias2], "relu", normalize_routing_weights=1)
    half = m.floats(4, 8, 8)
    for _ in range(3):
        add("interleaved", x, [fc1, bias1, half, bias2], "swiglu", swiglu_fusion=1,
            activation_alpha=1.7, activation_beta=1.0, swiglu_limit=0.8)
    # ONNX Runtime's CPU takes the two halves in turn only; the other forms stand for the same.
    case = m.cases[-2]
    case.tg_model = use_attribute(case.model, "swiglu_fusion", 2)
    case.tg_feeds = {**case.feeds, "x2": np.concatenate([fc1[:, 0::2], fc1[:, 1::2]], 1),
                     "x3": np.concatenate([bias1[:, 0::2], bias1[:, 1::2]], 1)}
    case.name += ",halves"
    case = m.cases[-1]
    case.tg_model = use_attribute(case.model, "swiglu_fusion", 0)
    case.tg_feeds = {**case.feeds, "x2": fc1[:, 0::2].copy(), "x3": bias1[:, 0::2].copy(),
                     "x6": fc1[:, 1::2].copy(), "x7": bias1[:, 1::2].copy()}
    case.tg_model.graph.node[0].input.extend(["x6", "x7"])
    case.tg_model.graph.input.extend([
        helper.make_tensor_value_info("x6", 1, [4, 8, 8]),
        helper.make_tensor_value_info("x7", 1, [4, 8])])
    for value, shape in [(2, [4, 8, 8]), (3, [4, 8])]:
        case.tg_model.graph.input[value].CopyFrom(
            helper.make_tensor_value_info(f"x{value}", 1, shape))
    case.name += ",apart"


def use_attribute(model, name, value):
    """The same model with another integer for an attribute of its node."""
    result = type(model)()
    result.CopyFrom(model)
    for attribute in result.graph.node[0].attribute:
        if attribute.name == name:
            attribute.i = value
    return result

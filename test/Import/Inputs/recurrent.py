# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""RNN, GRU and LSTM against NumPy: recurrent.py TEST_FOLDER DEVICE

Activations with parameters, directions, lengths, initial states, peepholes, layouts.
"""

import pathlib
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(sys.argv[1]) / "Onnx"))
from backend import make_backend  # noqa: E402

random = np.random.default_rng(3)
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
STANDARD = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}
# Which parameters an activation has, and their values where none are given.
PARAMETERS = {"Affine": (1, 0), "Elu": (1,), "HardSigmoid": (0.2, 0.5), "LeakyRelu": (0.01,),
              "ScaledTanh": (None, None), "ThresholdedRelu": (1,)}
FUNCTIONS = {
    "Affine": lambda x, a, b: a * x + b,
    "Elu": lambda x, a: np.where(x < 0, a * np.expm1(x), x),
    "HardSigmoid": lambda x, a, b: np.clip(a * x + b, 0, 1),
    "LeakyRelu": lambda x, a: np.where(x < 0, a * x, x),
    "Relu": lambda x: np.maximum(x, 0),
    "ScaledTanh": lambda x, a, b: a * np.tanh(b * x),
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Softplus": lambda x: np.log1p(np.exp(x)),
    "Softsign": lambda x: x / (1 + abs(x)),
    "Tanh": np.tanh,
    "ThresholdedRelu": lambda x, a: np.where(x > a, x, 0),
}


def make_activations(kind, directions, attributes):
    """Functions, of which each takes its parameters from the front of the lists."""
    names = attributes.get("activations", STANDARD[kind] * directions)
    given = [list(attributes.get(f"activation_{p}", [])) for p in ("alpha", "beta")]
    clip = attributes.get("clip", np.inf)
    result = []
    for name in names:
        values = [rest.pop(0) if rest else standard
                  for standard, rest in zip(PARAMETERS.get(name, ()), given)]
        result.append(lambda x, f=FUNCTIONS[name], v=values: f(np.clip(x, -clip, clip), *v))
    return result


def step(kind, acts, attributes, x, states, r, rb, peep):
    """x: the gates' input products with their bias."""
    hidden = r.shape[1]
    h = states[0]

    def gate(values, i):
        return values[..., i * hidden:(i + 1) * hidden]

    if kind == "RNN":
        return [acts[0](x + h @ r.T + rb)]
    if kind == "GRU":
        z, reset = (acts[0](gate(x, i) + h @ r[i * hidden:(i + 1) * hidden].T + gate(rb, i))
                    for i in (0, 1))
        last = r[2 * hidden:].T
        if attributes.get("linear_before_reset"):
            candidate = reset * (h @ last + gate(rb, 2))
        else:
            candidate = (reset * h) @ last + gate(rb, 2)
        return [(1 - z) * acts[1](gate(x, 2) + candidate) + z * h]
    c = states[1]
    total = x + h @ r.T + rb
    i = acts[0](gate(total, 0) + gate(peep, 0) * c)
    f = 1 - i if attributes.get("input_forget") else acts[0](gate(total, 2) + gate(peep, 2) * c)
    new = f * c + i * acts[1](gate(total, 3))
    o = acts[0](gate(total, 1) + gate(peep, 1) * new)
    return [o * acts[2](new), new]


def recur(kind, attributes, x, w, r, b, lengths, initial, peep):
    """Y [S, D, B, H] and the last states [D, B, H]."""
    directions, hidden = len(w), r.shape[2]
    gates = GATES[kind] * hidden
    acts = make_activations(kind, directions, attributes)
    per = len(STANDARD[kind])
    y = np.zeros((len(x), directions, x.shape[1], hidden))
    last = [state.astype(np.float64).copy() for state in initial]
    for d in range(directions):
        order = range(len(x))
        if d == 1 or attributes.get("direction") == "reverse":
            order = reversed(order)
        for t in order:
            new = step(kind, acts[d * per:(d + 1) * per], attributes,
                       x[t] @ w[d].T + b[d][:gates], [state[d] for state in last], r[d],
                       b[d][gates:], peep[d])
            runs = (t < lengths)[:, None]
            y[t, d] = np.where(runs, new[0], 0)
            for state, value in zip(last, new):
                state[d] = np.where(runs, value, state[d])
    return y, last


def floats(*shape):
    return random.standard_normal(shape).astype(np.float32)


def run(backend, kind, steps, batch=3, size=4, hidden=5, bias=True, lengths=None, initial=False,
        peepholes=False, dynamic=False, dtype=np.float32, tolerance=2e-5, **attributes):
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    gates, states = GATES[kind] * hidden, 2 if kind == "LSTM" else 1
    x = floats(steps, batch, size)
    w, r = floats(directions, gates, size) / 2, floats(directions, gates, hidden) / 2
    b = floats(directions, 2 * gates)
    start = [floats(directions, batch, hidden) for _ in range(states)]
    peep = floats(directions, 3 * hidden)
    zeros = [np.zeros_like(state) for state in start]
    y, last = recur(kind, attributes, x, w, r, b if bias else 0 * b,
                    np.asarray(lengths or [steps] * batch),
                    start if initial else zeros, peep if peepholes else 0 * peep)
    if attributes.get("layout"):
        x, y = x.transpose(1, 0, 2), y.transpose(2, 0, 1, 3)
        start, last = ([s.transpose(1, 0, 2) for s in values] for values in (start, last))
    given = {"x": x, "w": w, "r": r}
    names = ["x", "w", "r"]
    for name, value, isGiven in [("b", b, bias), ("l", np.int32(lengths or 0), lengths is not None),
                                 ("h", start[0], initial), ("c", start[-1], initial and states > 1),
                                 ("p", peep, peepholes)]:
        names.append(name if isGiven else "")
        if isGiven:
            given[name] = value
    given = {name: value if value.dtype == np.int32 else value.astype(dtype)
             for name, value in given.items()}
    node = helper.make_node(kind, names[:8 if states > 1 else 6],
                            ["y", "yh", "yc"][:1 + states], hidden_size=hidden, **attributes)
    fed = ["x"] + [name for name in ("l", "h", "c") if name in given]

    def shape(name):
        dims = list(given[name].shape)
        if dynamic and name == "x":
            dims[attributes.get("layout", 0)] = "S"
        return dims

    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(given[name].dtype), shape(name))
         for name in fed],
        [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)),
                                       None) for name in node.output],
        [numpy_helper.from_array(value, name) for name, value in given.items()
         if name not in fed])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    got = backend.prepare(model).run([given[name] for name in fed])
    for expected, value in zip([y, *last], got):
        np.testing.assert_equal(value.shape, expected.shape)
        np.testing.assert_allclose(value, expected, rtol=tolerance, atol=tolerance,
                                   err_msg=f"{kind} {steps} {attributes}")


CASES = [dict(kind="RNN", steps=3, activations=[name], clip=2.5) for name in FUNCTIONS
         if name != "ScaledTanh"]
CASES += [
    dict(kind="RNN", steps=3, activations=["ScaledTanh"], activation_alpha=[1.7],
         activation_beta=[0.6]),
    # The values go to the activations that have a parameter, in turn.
    dict(kind="GRU", steps=4, activations=["Sigmoid", "LeakyRelu"], activation_alpha=[0.3]),
    dict(kind="GRU", steps=4, activations=["HardSigmoid", "Elu"], activation_alpha=[0.3, 0.7],
         activation_beta=[0.4]),
    dict(kind="LSTM", steps=4, direction="bidirectional",
         activations=["Sigmoid", "Affine", "Softsign", "HardSigmoid", "Tanh", "ThresholdedRelu"],
         activation_alpha=[0.5, 0.1, 0.25], activation_beta=[0.125, 0.75]),
]
# Few steps are unrolled; many, or a number that is not known, are a loop.
for loop in (dict(steps=6), dict(steps=20), dict(steps=6, dynamic=True)):
    CASES += [
        dict(kind="RNN", **loop),
        dict(kind="RNN", direction="reverse", lengths=[6, 2, 4], **loop),
        dict(kind="GRU", direction="bidirectional", lengths=[3, 6, 1], initial=True, **loop),
        dict(kind="GRU", linear_before_reset=1, initial=True, layout=1, **loop),
        dict(kind="LSTM", direction="bidirectional", lengths=[5, 1, 6], initial=True,
             peepholes=True, **loop),
        dict(kind="LSTM", direction="reverse", layout=1, initial=True, bias=False, clip=0.5, **loop),
        dict(kind="LSTM", input_forget=1, lengths=[0, 6, 3], **loop),
    ]
CASES += [dict(kind="GRU", steps=1, dynamic=True, initial=True),
          dict(kind="LSTM", steps=0, initial=True, direction="bidirectional"),
          dict(kind="RNN", steps=300, dtype=np.float64)]

backend = make_backend("tg-run", [f"--device={sys.argv[2]}", "--cache=none", "--threads=1"])
for case in CASES:
    run(backend, **case)
print(f"{len(CASES)} recurrent networks agree with NumPy")

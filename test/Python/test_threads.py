# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Several Python threads compile and run, and the interpreter goes on meanwhile."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import tg
from conftest import DIGITS, TWICE

# A chain of products that takes a while, of which the result is easily told.
SLOW = """func.func @main(%a: tensor<512x512xf32>) -> tensor<512x512xf32> {
""" + "".join(f"""
  %l{i} = uop.reshape {x} : tensor<512x512xf32> -> tensor<512x1x512xf32>
  %m{i} = uop.expand %l{i} : tensor<512x1x512xf32> -> tensor<512x512x512xf32>
  %r{i} = uop.reshape %a : tensor<512x512xf32> -> tensor<1x512x512xf32>
  %s{i} = uop.expand %r{i} : tensor<1x512x512xf32> -> tensor<512x512x512xf32>
  %p{i} = uop.mul %m{i}, %s{i} : tensor<512x512x512xf32>
  %x{i} = uop.reduce add %p{i} axes [2] : (tensor<512x512x512xf32>) -> tensor<512x512xf32>
""" for i, x in enumerate(["%a", "%x0", "%x1", "%x2"])) + "  return %x3 : tensor<512x512xf32>\n}"


def ticks_during(work):
    """How often another thread got to run, each time after a millisecond of sleep."""
    count, done = 0, threading.Event()

    def tick():
        nonlocal count
        while not done.wait(0.001):
            count += 1

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    before = count
    done.set()
    thread.join()
    return before, seconds


def test_lock_is_released_while_running():
    model = tg.compile(SLOW, threads=1)
    x = np.eye(512, dtype=np.float32)
    ticks, seconds = ticks_during(lambda: [model(x) for _ in range(10)])
    assert (model(x) == x).all()
    # Were the lock held, the other thread would run about once between two runs.
    assert ticks > 20, f"{ticks} in {seconds} s"


def test_lock_is_released_while_compiling():
    ticks, seconds = ticks_during(lambda: tg.compile(DIGITS, cache="none"))
    assert ticks > 10, f"{ticks} in {seconds} s"


def test_one_model_in_many_threads():
    model = tg.compile(TWICE, threads=2)

    def work(seed):
        random = np.random.default_rng(seed)
        for _ in range(100):
            x = random.standard_normal((random.integers(1, 65), 3), np.float32)
            if not (model(x) == x + x).all():
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_compiling_in_many_threads():
    module = tg.module(TWICE)
    x = np.ones((1, 3), np.float32)

    def work(i):
        source = module if i % 2 else TWICE
        return (tg.compile(source, cache="none", parallel=i % 3 == 0)(x) == 2).all()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(12)))

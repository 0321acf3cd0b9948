#===- chains.py - Functions of 20,000 operations for tg-simplify ----------===//
#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
"""Prints functions in which a rule could do a quadratic amount of work."""

COUNT = 20000
T = "tensor<16xi32>"
S = "tensor<1xi32>"


def function(name, arguments, first, step, last, result):
    print(f"func.func @{name}({arguments}) -> {result} {{")
    for line in first:
        print(line)
    for i in range(COUNT):
        print(f"%a{i + 1} = {step(i)}")
    for line in last:
        print(line)
    print("}")


three = f"%c = uop.const dense<3> : {T}"
start = f"%a0 = uop.mul %x, %y : {T}"
end = f"return %a{COUNT} : {T}"
function("constants_outward", f"%x: {T}, %y: {T}", [three, start],
         lambda i: f"uop.add %a{i}, %{'yc'[i % 2]} : {T}", [end], T)
function("slice_up", f"%x: {T}, %y: {T}", [start],
         lambda i: f"uop.{['sub', 'xor'][i % 2]} %a{i}, %{'yxx'[i % 3]} : {T}",
         [f"%s = uop.shrink %a{COUNT} offsets [3] sizes [1] : {T} -> {S}", f"return %s : {S}"], S)
function("expand_down", f"%x: {S}, %y: {S}",
         [f"%a0 = uop.expand %x : {S} -> {T}", f"%b = uop.expand %y : {S} -> {T}"],
         lambda i: f"uop.{['sub', 'xor'][i % 2]} %a{i}, %b : {T}", [end], T)
function("cancel", f"%x: {T}, %y: {T}", [start],
         lambda i: f"uop.{['not', 'neg', 'neg'][i % 3]} %a{i} : {T}", [end], T)

# Prints a module that nests `count` deep: branches within branches, or functions that each call the
# next one twice.
import sys

kind, count = sys.argv[1], int(sys.argv[2])
if kind == "calls":
    for i in range(count):
        head = "@main" if i == 0 else f"private @f{i}"
        print(f"func.func {head}(%x: tensor<f32>) -> tensor<f32> {{")
        print(f"  %a = func.call @f{i + 1}(%x) : (tensor<f32>) -> tensor<f32>")
        print(f"  %b = func.call @f{i + 1}(%a) : (tensor<f32>) -> tensor<f32>")
        print("  return %b : tensor<f32>\n}")
    print(f"func.func private @f{count}(%x: tensor<f32>) -> tensor<f32> {{")
    print("  %0 = uop.neg %x : tensor<f32>\n  return %0 : tensor<f32>\n}")
else:
    print("func.func @main(%c: tensor<i1>, %x: tensor<f32>) -> tensor<f32> {")
    print("%p = tensor.extract %c[] : tensor<i1>")
    for i in range(count):
        print(f"%r{i} = scf.if %p -> tensor<f32> {{")
    print("%y = uop.neg %x : tensor<f32>\nscf.yield %y : tensor<f32>")
    for i in reversed(range(count)):
        print("} else {\nscf.yield %x : tensor<f32>\n}")
        print(f"scf.yield %r{i} : tensor<f32>" if i else "return %r0 : tensor<f32>\n}")

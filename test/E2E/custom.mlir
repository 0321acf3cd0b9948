// A custom operation runs its reference on the interpreter and on devices without a body of their
// own, and the device's body where there is one; the verification takes the reference.

// RUN: rm -rf %t && split-file %s %t
// RUN: tg-run %t/own.mlir --device=cpu --input=x=3 --verify --print-kernels \
// RUN:   | FileCheck %s --check-prefixes=VALUE,OWN
// RUN: tg-run %t/own.mlir --device=interp --input=x=3 | FileCheck %s --check-prefix=VALUE
// RUN: tg-run %t/other.mlir --device=cpu --input=x=3 --verify --print-kernels \
// RUN:   | FileCheck %s --check-prefixes=VALUE,OTHER
// RUN: tg-run %t/other.mlir --device=interp --input=x=3 | FileCheck %s --check-prefix=VALUE
// OWN-NOT: xor
// OWN: const or and sub
// OTHER: const xor
// VALUE: y: tensor<4xi32> = [10, 10, 10, 10]

// A body that computes something else is caught.
// RUN: not tg-run %t/wrong.mlir --input=x=3 --verify 2>&1 | FileCheck %s --check-prefix=WRONG
// WRONG: error: output 'y' differs from the interpreter: 4 elements are wrong; element 0 is 9, expected 6

// A body of other operations is refused, with the place of both.
// RUN: %python %S/../Tools/Inputs/fails.py tg-run %t/upstream.mlir --input=x=3 \
// RUN:   | FileCheck %s --check-prefix=UPSTREAM
// UPSTREAM: upstream.mlir:6:8: error: 'arith.addi' op on tensors is not uop; expected uop operations
// UPSTREAM: upstream.mlir:10:8: note: called from

//--- own.mlir
func.func private @reference(%x: tensor<4xi32>) -> tensor<4xi32> {
  %c = uop.const dense<9> : tensor<4xi32>
  %0 = uop.xor %x, %c : tensor<4xi32>
  return %0 : tensor<4xi32>
}
func.func private @fast(%x: tensor<4xi32>) -> tensor<4xi32> {
  %c = uop.const dense<9> : tensor<4xi32>
  %0 = uop.or %x, %c : tensor<4xi32>
  %1 = uop.and %x, %c : tensor<4xi32>
  %2 = uop.sub %0, %1 : tensor<4xi32>
  return %2 : tensor<4xi32>
}
func.func @main(%x: tensor<4xi32> {tg.name = "x"}) -> (tensor<4xi32> {tg.name = "y"}) {
  %0 = uop.custom @reference(%x) bodies {cpu = @fast} : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

//--- other.mlir
func.func private @reference(%x: tensor<4xi32>) -> tensor<4xi32> {
  %c = uop.const dense<9> : tensor<4xi32>
  %0 = uop.xor %x, %c : tensor<4xi32>
  return %0 : tensor<4xi32>
}
func.func private @fast(%x: tensor<4xi32>) -> tensor<4xi32> {
  %c = uop.const dense<9> : tensor<4xi32>
  %0 = uop.or %x, %c : tensor<4xi32>
  %1 = uop.and %x, %c : tensor<4xi32>
  %2 = uop.sub %0, %1 : tensor<4xi32>
  return %2 : tensor<4xi32>
}
func.func @main(%x: tensor<4xi32> {tg.name = "x"}) -> (tensor<4xi32> {tg.name = "y"}) {
  %0 = uop.custom @reference(%x) bodies {cuda = @fast} : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

//--- wrong.mlir
func.func private @reference(%x: tensor<4xi32>) -> tensor<4xi32> {
  %0 = uop.add %x, %x : tensor<4xi32>
  return %0 : tensor<4xi32>
}
func.func private @fast(%x: tensor<4xi32>) -> tensor<4xi32> {
  %0 = uop.mul %x, %x : tensor<4xi32>
  return %0 : tensor<4xi32>
}
func.func @main(%x: tensor<4xi32> {tg.name = "x"}) -> (tensor<4xi32> {tg.name = "y"}) {
  %0 = uop.custom @reference(%x) bodies {cpu = @fast} : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

//--- upstream.mlir
func.func private @reference(%x: tensor<4xi32>) -> tensor<4xi32> {
  %0 = uop.add %x, %x : tensor<4xi32>
  return %0 : tensor<4xi32>
}
func.func private @fast(%x: tensor<4xi32>) -> tensor<4xi32> {
  %0 = arith.addi %x, %x : tensor<4xi32>
  return %0 : tensor<4xi32>
}
func.func @main(%x: tensor<4xi32> {tg.name = "x"}) -> (tensor<4xi32> {tg.name = "y"}) {
  %0 = uop.custom @reference(%x) bodies {cpu = @fast} : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

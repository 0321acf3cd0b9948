// RUN: tg-opt %s --tg-cpu-kernel-abi | FileCheck %s

// Buffers in order, variables by their position in the program's table.

// CHECK-LABEL: func.func @k(
// CHECK-SAME: %[[ARGS:.*]]: !llvm.ptr, %[[WS:.*]]: !llvm.ptr, %[[B:.*]]: i64, %[[E:.*]]: i64)
// CHECK: llvm.getelementptr %[[ARGS]][8]
// CHECK: %[[BUFFERS:.*]] = llvm.load
// CHECK: llvm.load %[[BUFFERS]]
// CHECK: llvm.getelementptr %[[BUFFERS]][8]
// CHECK: llvm.getelementptr %[[ARGS]][16]
// CHECK: %[[VARS:.*]] = llvm.load
// CHECK: llvm.getelementptr %[[VARS]][8]
// CHECK: arith.index_cast %[[B]] : i64 to index
// CHECK-NOT: uop.var
module attributes {tg.vars = ["M", "N"]} {
  uop.var @M in [1, 4]
  uop.var @N in [1, 4]
  func.func @k(%a: memref<?xf32>, %r: memref<?xf32>, %n: index {tg.var = "N"},
               %b: index {tg.begin}, %e: index {tg.end}) attributes {tg.kernel} {
    %x = memref.load %a[%n] : memref<?xf32>
    memref.store %x, %r[%b] : memref<?xf32>
    memref.store %x, %r[%e] : memref<?xf32>
    return
  }
}

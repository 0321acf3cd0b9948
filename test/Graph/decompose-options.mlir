// RUN: tg-opt %s -tg-decompose=keep=exp,round | FileCheck %s --check-prefix=KEEP
// RUN: tg-opt %s '-tg-decompose=core=true keep=sin' | FileCheck %s --check-prefix=CORE
// RUN: not tg-opt %s -tg-decompose=keep=foo 2>&1 | FileCheck %s --check-prefix=BAD

// BAD: error: tg-decompose: `keep` names no uop operation: 'foo'

// KEEP: uop.exp %
// KEEP: uop.trunc
// KEEP: uop.round
// KEEP: uop.sin
// CORE-NOT: uop.exp %
// CORE-NOT: uop.round
// CORE: uop.sin
// CORE-NOT: uop.log2
func.func @options(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.exp %x : tensor<4xf32>
  %1 = uop.floor %0 : tensor<4xf32>
  %2 = uop.round %1 : tensor<4xf32>
  %3 = uop.sin %2 : tensor<4xf32>
  %4 = uop.log2 %3 : tensor<4xf32>
  return %4 : tensor<4xf32>
}

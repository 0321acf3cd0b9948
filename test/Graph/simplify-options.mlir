// RUN: tg-opt %s -tg-simplify | FileCheck %s --check-prefixes=CHECK,EXACT
// RUN: tg-opt %s -tg-simplify=fast-math=true | FileCheck %s --check-prefixes=CHECK,FAST
// RUN: tg-opt %s '-tg-simplify=disable=neg-neg' | FileCheck %s --check-prefix=DISABLED
// RUN: tg-opt %s --tg-graph=fast-math=true | FileCheck %s --check-prefixes=CHECK,FAST
// RUN: not tg-opt %s -tg-simplify=disable=no-such-rule 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: error: tg-simplify has no rule 'no-such-rule'

// CHECK-LABEL: @add_zero
// EXACT: uop.add
// FAST-NOT: uop.add
func.func @add_zero(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = uop.const dense<0.0> : tensor<4xf32>
  %0 = uop.add %x, %c : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @neg_neg
// CHECK-NEXT: return
// DISABLED-LABEL: @neg_neg
// DISABLED-COUNT-2: uop.neg
func.func @neg_neg(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.neg %x : tensor<4xf32>
  %1 = uop.neg %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}

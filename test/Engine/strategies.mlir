// RUN: tg-opt %s --tg-form-kernels=strategy=none | FileCheck %s --check-prefix=NONE
// RUN: tg-opt %s --tg-form-kernels=strategy=conservative | FileCheck %s --check-prefix=CONSERVATIVE
// RUN: tg-opt %s --tg-form-kernels | FileCheck %s --check-prefix=DEFAULT
// RUN: tg-opt %s --tg-form-kernels=strategy=aggressive | FileCheck %s --check-prefix=AGGRESSIVE
// RUN: not tg-opt %s --tg-form-kernels=strategy=wild 2>&1 | FileCheck %s --check-prefix=WILD

// WILD: unknown fusion strategy 'wild'; there are: aggressive, conservative, default, none

// NONE-COUNT-5: uop.kernel
// NONE-NOT: uop.kernel

// The exponential has two readers, the reduction is no elementwise operation.
// CONSERVATIVE-COUNT-3: uop.kernel
// CONSERVATIVE-NOT: uop.kernel

// DEFAULT-COUNT-2: uop.kernel
// DEFAULT-NOT: uop.kernel

// AGGRESSIVE-COUNT-1: uop.kernel
// AGGRESSIVE-NOT: uop.kernel
func.func @main(%x: tensor<2x65536xf32>) -> tensor<2x65536xf32> {
  %0 = uop.neg %x : tensor<2x65536xf32>
  %1 = uop.exp2 %0 : tensor<2x65536xf32>
  %2 = uop.reduce add %1 axes [1] : (tensor<2x65536xf32>) -> tensor<2xf32>
  %3 = uop.reshape %2 : tensor<2xf32> -> tensor<2x1xf32>
  %4 = uop.expand %3 : tensor<2x1xf32> -> tensor<2x65536xf32>
  %5 = uop.add %4, %4 : tensor<2x65536xf32>
  %6 = uop.fdiv %1, %5 : tensor<2x65536xf32>
  return %6 : tensor<2x65536xf32>
}

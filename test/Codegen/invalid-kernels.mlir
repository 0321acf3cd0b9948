// RUN: tg-opt %s --tg-codegen -split-input-file -verify-diagnostics

func.func @f(%a: tensor<4xf32>) -> tensor<4xf32> attributes {tg.kernel} {
  // expected-error @below {{'uop.sort' op cannot be computed inside of another operation's kernel}}
  %0 = uop.sort %a axis 0 : (tensor<4xf32>) -> tensor<4xf32>
  %1 = uop.neg %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// What has loops already has no tensors.
// expected-error @below {{'func.func' op must be on tensors of known sizes to become loops, as a kernel is that has none yet}}
func.func @structured(%a: memref<?xf32>) attributes {tg.kernel} {
  return
}

// RUN: tg-opt %s --pass-pipeline='builtin.module(func.func(tg-apply-schedule))' -split-input-file -verify-diagnostics

// Loops that anything else has made.
func.func @steps_of_two(%a: memref<?xf32>) attributes {tg.kernel,
    tg.schedule = #uop.schedule<[]>} {
  %0 = arith.constant 0.0 : f32
  // expected-error @below {{must run from 0 in steps of 1, as tg-kernel-to-loops makes loops}}
  affine.for %i = 0 to 10 step 2 {
    memref.store %0, %a[%i] : memref<?xf32>
  } {tg.axis = "d0", tg.parallel}
  return
}

// -----

// expected-error @below {{must have one block to be a kernel}}
func.func private @declaration(memref<?xf32>) attributes {tg.kernel, tg.schedule = #uop.schedule<[]>}

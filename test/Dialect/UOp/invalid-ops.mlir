// RUN: tg-opt %s -verify-diagnostics -split-input-file

func.func @no_operands() {
  // expected-error @+2 {{expected at least one operand}}
  // expected-error @+1 {{'uop.sort' op failed to infer returned types}}
  "uop.sort"() <{axis = 0 : i64}> : () -> ()
  return
}

// -----

func.func @kind_of_two(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.reduce' op with a kind takes one operand, got 2}}
  %0:2 = uop.reduce add %x, %x axes [0] : (tensor<4xf32>, tensor<4xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

func.func @kind_with_identity(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.reduce' op has a kind; expected neither a combiner region nor identities}}
  %0 = uop.reduce add %x axes [0] identities [0.0 : f32] : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @add_of_bool(%x: tensor<4xi1>) {
  // expected-error @+1 {{'uop.reduce' op combines i1 with max (or) and min (and) only}}
  %0 = uop.reduce add %x axes [0] : (tensor<4xi1>) -> tensor<i1>
  return
}

// -----

func.func @no_kind(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.reduce' op expected a kind (add, mul, max, min) or a combiner region}}
  %0 = uop.reduce %x axes [0] : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @identity_count(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.reduce' op expected 1 identities, got 0}}
  %0 = uop.reduce %x axes [0] : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<f32>, %e: tensor<f32>):
    uop.yield %a : tensor<f32>
  }
  return
}

// -----

func.func @identity_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.reduce' op identity 0 must be a scalar of type 'f32'}}
  %0 = uop.reduce %x axes [0] identities [0 : i32] : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<f32>, %e: tensor<f32>):
    uop.yield %a : tensor<f32>
  }
  return
}

// -----

func.func @shapes(%x: tensor<4xf32>, %y: tensor<5xf32>) {
  // expected-error @+2 {{operands must have one shape, got 'tensor<4xf32>' and 'tensor<5xf32>'}}
  // expected-error @+1 {{'uop.scan' op failed to infer returned types}}
  %0:2 = uop.scan %x, %y axis 0 identities [0.0 : f32, 0.0 : f32]
       : (tensor<4xf32>, tensor<5xf32>) -> (tensor<4xf32>, tensor<5xf32>) {
  ^bb0(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<f32>, %d: tensor<f32>):
    uop.yield %a, %b : tensor<f32>, tensor<f32>
  }
  return
}

// -----

func.func @reduce_axis(%x: tensor<4xf32>) {
  // expected-error @+2 {{axis 1 is out of range for rank 1}}
  // expected-error @+1 {{'uop.reduce' op failed to infer returned types}}
  %0 = uop.reduce add %x axes [1] : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_axes(%x: tensor<4x4xf32>) {
  // expected-error @+2 {{axes must be strictly increasing}}
  // expected-error @+1 {{'uop.reduce' op failed to infer returned types}}
  %0 = uop.reduce add %x axes [1, 0] : (tensor<4x4xf32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_result(%x: tensor<4x4xf32>) {
  // expected-error @+2 {{'uop.reduce' op inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<f32>'}}
  // expected-error @+1 {{'uop.reduce' op failed to infer returned types}}
  %0 = uop.reduce add %x axes [1] : (tensor<4x4xf32>) -> tensor<f32>
  return
}

// -----

func.func @combiner_arguments(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.reduce' op combiner must take the accumulators and elements at rank 0: ('tensor<f32>', 'tensor<f32>'), got ('tensor<f32>')}}
  %0 = uop.reduce %x axes [0] identities [0.0 : f32] : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<f32>):
    uop.yield %a : tensor<f32>
  }
  return
}

// -----

func.func @combiner_result(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.reduce' op combiner must yield the accumulators: ('tensor<f32>')}}
  %0 = uop.reduce %x axes [0] identities [0.0 : f32] : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<f32>, %e: tensor<f32>):
    uop.yield
  }
  return
}

// -----

func.func @combiner_blocks(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.reduce' op combiner must be one block}}
  %0 = uop.reduce %x axes [0] identities [0.0 : f32] : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<f32>, %e: tensor<f32>):
    uop.yield %a : tensor<f32>
  ^bb1:
    uop.yield
  }
  return
}

// -----

func.func @combiner_empty(%x: tensor<4xf32>) {
  // expected-error @+1 {{empty block: expect at least a terminator}}
  %0 = "uop.reduce"(%x) <{axes = array<i64: 0>, identities = [0.0 : f32]}> ({
  ^bb0(%a: tensor<f32>, %e: tensor<f32>):
  }) : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @combiner_outside(%x: tensor<4xf32>, %s: tensor<f32>) {
  // expected-note @+1 {{required by region isolation constraints}}
  %0 = uop.reduce %x axes [0] identities [0.0 : f32] : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<f32>, %e: tensor<f32>):
    // expected-error @+1 {{'uop.add' op using value defined outside the region}}
    %1 = uop.add %a, %s : tensor<f32>
    uop.yield %1 : tensor<f32>
  }
  return
}

// -----

func.func @combiner_yields_outside(%x: tensor<4xf32>, %s: tensor<f32>) {
  // expected-note @+1 {{required by region isolation constraints}}
  %0 = uop.reduce %x axes [0] identities [0.0 : f32] : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<f32>, %e: tensor<f32>):
    // expected-error @+1 {{'uop.yield' op using value defined outside the region}}
    uop.yield %s : tensor<f32>
  }
  return
}

// -----

func.func @combiner_op(%x: tensor<4xf32>) {
  %0 = uop.reduce %x axes [0] identities [0.0 : f32] : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<f32>, %e: tensor<f32>):
    // expected-error @+1 {{'uop.reshape' op does not stand in a combiner; elementwise operations do}}
    %1 = uop.reshape %a : tensor<f32> -> tensor<f32>
    uop.yield %1 : tensor<f32>
  }
  return
}

// -----

func.func @scan_axis(%x: tensor<4xf32>) {
  // expected-error @+2 {{axis 1 is out of range for rank 1}}
  // expected-error @+1 {{'uop.scan' op failed to infer returned types}}
  %0 = uop.scan add %x axis 1 : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @scan_bool(%x: tensor<4xi1>) {
  // expected-error @+1 {{'uop.scan' op combines i1 with max (or) and min (and) only}}
  %0 = uop.scan mul %x axis 0 : (tensor<4xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @sort_shapes(%x: tensor<4xf32>, %y: tensor<5xi64>) {
  // expected-error @+2 {{operands must have one shape}}
  // expected-error @+1 {{'uop.sort' op failed to infer returned types}}
  %0:2 = uop.sort %x, %y axis 0 : (tensor<4xf32>, tensor<5xi64>) -> (tensor<4xf32>, tensor<5xi64>)
  return
}

// -----

func.func @sort_axis(%x: tensor<f32>) {
  // expected-error @+2 {{axis 0 is out of range for rank 0}}
  // expected-error @+1 {{'uop.sort' op failed to infer returned types}}
  %0 = uop.sort %x axis 0 : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @gather_axis(%x: tensor<4xf32>, %i: tensor<2xi64>) {
  // expected-error @+2 {{axis 1 is out of range for rank 1}}
  // expected-error @+1 {{'uop.gather' op failed to infer returned types}}
  %0 = uop.gather %x, %i axis 1 : (tensor<4xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @gather_index_type(%x: tensor<4xf32>, %i: tensor<2xi8>) {
  // expected-error @+1 {{operand #1 must be ranked tensor of i32 or i64, but got 'tensor<2xi8>'}}
  %0 = uop.gather %x, %i axis 0 : (tensor<4xf32>, tensor<2xi8>) -> tensor<2xf32>
  return
}

// -----

func.func @gather_batch(%x: tensor<4x4xf32>, %i: tensor<i64>) {
  // expected-error @+2 {{batch must be between 0 and the smaller of axis 1 and the rank of the indices 0, got 1}}
  // expected-error @+1 {{'uop.gather' op failed to infer returned types}}
  %0 = uop.gather %x, %i axis 1 batch 1 : (tensor<4x4xf32>, tensor<i64>) -> tensor<4xf32>
  return
}

// -----

func.func @gather_batch_size(%x: tensor<4x4xf32>, %i: tensor<3x2xi64>) {
  // expected-error @+2 {{batch axis 0 disagrees: 'tensor<4x4xf32>' and 'tensor<3x2xi64>'}}
  // expected-error @+1 {{'uop.gather' op failed to infer returned types}}
  %0 = uop.gather %x, %i axis 1 batch 1 : (tensor<4x4xf32>, tensor<3x2xi64>) -> tensor<4x2xf32>
  return
}

// -----

func.func @scatter_updates(%x: tensor<4xf32>, %i: tensor<2xi64>, %u: tensor<3xf32>) {
  // expected-error @+1 {{'uop.scatter' op expected updates of type 'tensor<2xf32>', got 'tensor<3xf32>'}}
  %0 = uop.scatter add %x, %i, %u axis 0 : (tensor<4xf32>, tensor<2xi64>, tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @scatter_bool(%x: tensor<4xi1>, %i: tensor<2xi64>, %u: tensor<2xi1>) {
  // expected-error @+1 {{'uop.scatter' op combines i1 with max (or), min (and) and set only}}
  %0 = uop.scatter add %x, %i, %u axis 0 : (tensor<4xi1>, tensor<2xi64>, tensor<2xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @compact_rank(%m: tensor<2x2xi1>) {
  // expected-error @+2 {{expected a mask of rank 1, got 'tensor<2x2xi1>'}}
  // expected-error @+1 {{'uop.compact' op failed to infer returned types}}
  %i, %n = uop.compact %m : tensor<2x2xi1> -> tensor<2x2xi64>, tensor<i64>
  return
}

// -----

func.func @const_vector() {
  // expected-error @+1 {{expected a value of ranked tensor type, got 'vector<2xf32>'}}
  %0 = uop.const dense<1.0> : vector<2xf32>
  return
}

// -----

func.func @const_type() {
  // expected-error @+1 {{expected a value of ranked tensor type, got 'tensor<2xindex>'}}
  %0 = uop.const dense<1> : tensor<2xindex>
  return
}

// -----

func.func @iota_axis() {
  // expected-error @+1 {{'uop.iota' op axis 1 is out of range for rank 1}}
  %0 = uop.iota axis 1 : tensor<4xi64>
  return
}

// -----

func.func @assign_rank(%x: tensor<4xf32>, %s: tensor<f32>) {
  // expected-error @+1 {{'uop.assign' op expected a source of the destination's rank and element type, got 'tensor<f32>' for 'tensor<4xf32>'}}
  %0 = uop.assign %x, %s : tensor<4xf32>, tensor<f32>
  return
}

// -----

func.func @assign_offsets(%x: tensor<4xf32>, %s: tensor<2xf32>) {
  // expected-error @+1 {{'uop.assign' op expected 1 offsets, got 2}}
  %0 = uop.assign %x, %s offsets [0, 0] : tensor<4xf32>, tensor<2xf32>
  return
}

// -----

func.func @assign_negative(%x: tensor<4xf32>, %s: tensor<2xf32>) {
  // expected-error @+1 {{'uop.assign' op offset must not be negative, got -1}}
  %0 = uop.assign %x, %s offsets [-1] : tensor<4xf32>, tensor<2xf32>
  return
}

// -----

func.func @assign_outside(%x: tensor<4xf32>, %s: tensor<2xf32>) {
  // expected-error @+1 {{'uop.assign' op source leaves axis 0 of 'tensor<4xf32>' by 1}}
  %0 = uop.assign %x, %s offsets [3] : tensor<4xf32>, tensor<2xf32>
  return
}

// -----

func.func @assign_overflow(%x: tensor<4xf32>, %s: tensor<2xf32>) {
  // expected-error @+1 {{'uop.assign' op offset overflows 64 bits}}
  %0 = uop.assign %x, %s offsets [9223372036854775807] : tensor<4xf32>, tensor<2xf32>
  return
}

// -----

func.func @custom_reference(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.custom' op refers to @nothing, which is not a function of this module}}
  %0 = uop.custom @nothing(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func private @reference(tensor<5xf32>) -> tensor<4xf32>
func.func @custom_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.custom' op expected @reference to have the type of this operation, got '(tensor<5xf32>) -> tensor<4xf32>'}}
  %0 = uop.custom @reference(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func private @reference(tensor<4xf32>) -> tensor<4xf32>
func.func @custom_body(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.custom' op body for 'cpu' must be a symbol}}
  %0 = uop.custom @reference(%x) bodies {cpu = 3} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// expected-error @+1 {{'uop.var' op expected bounds 0 <= min <= max, got [3, 2]}}
uop.var @N in [3, 2]

// -----

// expected-error @+1 {{'uop.var' op expected bounds 0 <= min <= max, got [-1, 2]}}
uop.var @N in [-1, 2]

// -----

func.func @size_rank() {
  // expected-error @+1 {{'uop.size' op expected a result of type tensor<i64>, got 'tensor<1xi64>'}}
  %0 = uop.size [N] : tensor<1xi64>
  return
}

// -----

func.func @bind_type(%x: tensor<i32>) {
  // expected-error @+1 {{'uop.bind' op expected a scalar i64, got 'tensor<i32>'}}
  uop.bind @N = %x : tensor<i32>
  return
}

// -----

func.func @kernel_results(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.kernel' op expected results on tensors, or outs on memrefs}}
  uop.kernel ins(%x : tensor<4xf32>) {
  ^bb0(%e: tensor<4xf32>):
    uop.yield
  }
  return
}

// -----

func.func @kernel_outs(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.kernel' op expected outs of memref type, got 'tensor<4xf32>'}}
  uop.kernel outs(%x : tensor<4xf32>) {
    uop.yield
  }
  return
}

// -----

func.func @kernel_mixed(%x: memref<4xf32>) {
  // expected-error @+1 {{'uop.kernel' op mixes tensors and memrefs}}
  %0 = uop.kernel ins(%x : memref<4xf32>) -> tensor<4xf32> {
  ^bb0(%e: tensor<4xf32>):
    uop.yield %e : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_arguments(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.kernel' op body must take one argument per input, got 0}}
  %0 = uop.kernel ins(%x : tensor<4xf32>) -> tensor<4xf32> {
    %c = uop.const dense<1.0> : tensor<4xf32>
    uop.yield %c : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_argument_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.kernel' op body argument of type 'tensor<5xf32>' does not fit the input of type 'tensor<4xf32>'}}
  %0 = uop.kernel ins(%x : tensor<4xf32>) -> tensor<5xf32> {
  ^bb0(%e: tensor<5xf32>):
    uop.yield %e : tensor<5xf32>
  }
  return
}

// -----

func.func @kernel_yield_count(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.kernel' op body must yield 1 values}}
  %0 = uop.kernel ins(%x : tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%e: tensor<4xf32>):
    uop.yield
  }
  return
}

// -----

func.func @kernel_yield_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.kernel' op body yields 'tensor<4xf32>' for a result of type 'tensor<5xf32>'}}
  %0 = uop.kernel ins(%x : tensor<4xf32>) -> tensor<5xf32> {
  ^bb0(%e: tensor<4xf32>):
    uop.yield %e : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_uses_outside(%x: tensor<4xf32>) {
  // expected-note @+1 {{required by region isolation constraints}}
  %0 = uop.kernel -> tensor<4xf32> {
    // expected-error @+1 {{'uop.neg' op using value defined outside the region}}
    %1 = uop.neg %x : tensor<4xf32>
    uop.yield %1 : tensor<4xf32>
  }
  return
}

// -----

func.func @yield_parent(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.yield' op expects parent op to be one of 'uop.kernel, uop.reduce, uop.scan'}}
  uop.yield %x : tensor<4xf32>
}

// -----

func.func @buffer_shape() {
  // expected-error @+1 {{'uop.buffer' op dimensions do not fit 'memref<3xf32>'}}
  %0 = uop.buffer [2] : memref<3xf32>
  return
}

// -----

func.func @buffer_value() {
  // expected-error @+1 {{'uop.buffer' op value of type 'tensor<2xi32>' does not fit 'memref<2xf32>'}}
  %0 = uop.buffer [2] = dense<1> : tensor<2xi32> : memref<2xf32>
  return
}

// -----

func.func @contiguous_rows(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{'uop.contiguous' op expected strictly increasing rows below the rank 2}}
  %0 = uop.contiguous %x rows [1, 0] : tensor<2x3xf32>
  return
}

// RUN: tg-opt %s -verify-diagnostics -split-input-file

func.func @unranked(%x: tensor<*xf32>) {
  // expected-error @+1 {{invalid kind of type specified: expected builtin.tensor, but found 'tensor<*xf32>'}}
  %0 = uop.exp2 %x : tensor<*xf32>
  return
}

// -----

func.func @vector(%x: vector<4xf32>) {
  // expected-error @+1 {{invalid kind of type specified: expected builtin.tensor, but found 'vector<4xf32>'}}
  %0 = uop.neg %x : vector<4xf32>
  return
}

// -----

func.func @signed_type(%x: tensor<4xsi32>) {
  // expected-error @+1 {{must be ranked tensor of an integer wider than i1 or a float, but got 'tensor<4xsi32>'}}
  %0 = uop.neg %x : tensor<4xsi32>
  return
}

// -----

func.func @index_type(%x: tensor<4xindex>) {
  // expected-error @+1 {{must be ranked tensor of a uop element type, but got 'tensor<4xindex>'}}
  %0 = uop.flip %x [0] : tensor<4xindex> -> tensor<4xindex>
  return
}

// -----

func.func @odd_width(%x: tensor<4xi7>) {
  // expected-error @+1 {{must be ranked tensor of i1 or an integer type, but got 'tensor<4xi7>'}}
  %0 = uop.not %x : tensor<4xi7>
  return
}

// -----

func.func @arithmetic_on_storage_type(%x: tensor<4xui4>) {
  // expected-error @+1 {{must be ranked tensor of an integer wider than i1 or a float, but got 'tensor<4xui4>'}}
  %0 = uop.add %x, %x : tensor<4xui4>
  return
}

// -----

func.func @add_of_i1(%x: tensor<4xi1>) {
  // expected-error @+1 {{must be ranked tensor of an integer wider than i1 or a float, but got 'tensor<4xi1>'}}
  %0 = uop.add %x, %x : tensor<4xi1>
  return
}

// -----

func.func @float_op_on_int(%x: tensor<4xi32>) {
  // expected-error @+1 {{must be ranked tensor of a float type, but got 'tensor<4xi32>'}}
  %0 = uop.fdiv %x, %x : tensor<4xi32>
  return
}

// -----

func.func @int_op_on_float(%x: tensor<4xf32>) {
  // expected-error @+1 {{must be ranked tensor of an integer type wider than i1, but got 'tensor<4xf32>'}}
  %0 = uop.shl %x, %x : tensor<4xf32>
  return
}

// -----

func.func @threefry_type(%x: tensor<4xi64>) {
  // expected-error @+1 {{must be ranked tensor of ui64, but got 'tensor<4xi64>'}}
  %0 = uop.threefry %x, %x : tensor<4xi64>
  return
}

// -----

func.func @dynamic_without_expression(%x: tensor<?xf32>) {
  // expected-error @+1 {{must be ranked tensor of a float type, but got 'tensor<?xf32>'}}
  %0 = uop.exp2 %x : tensor<?xf32>
  return
}

// -----

func.func @foreign_encoding(%x: tensor<4xf32, "sparse">) {
  // expected-error @+1 {{must be ranked tensor of a float type}}
  %0 = uop.exp2 %x : tensor<4xf32, "sparse">
  return
}

// -----

func.func @mixed_operands(%x: tensor<4xf32>, %y: tensor<4xf16>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "uop.add"(%x, %y) : (tensor<4xf32>, tensor<4xf16>) -> tensor<4xf32>
  return
}

// -----

func.func @mixed_shapes(%x: tensor<4xf32>, %y: tensor<5xf32>) {
  // expected-error @+1 {{failed to verify that all of {lhs, rhs} have same type}}
  %0 = "uop.cmplt"(%x, %y) : (tensor<4xf32>, tensor<5xf32>) -> tensor<4xi1>
  return
}

// -----

func.func @comparison_result(%x: tensor<4xf32>) {
  // expected-error @+1 {{failed to verify that result is i1 of the operands' shape}}
  %0 = "uop.cmplt"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<5xi1>
  return
}

// -----

func.func @where_condition(%c: tensor<5xi1>, %x: tensor<4xf32>) {
  // expected-error @+1 {{failed to verify that condition is i1 of the result's shape}}
  %0 = "uop.where"(%c, %x, %x) : (tensor<5xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @cast_shape(%x: tensor<4xf32>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = uop.cast %x : tensor<4xf32> -> tensor<5xf16>
  return
}

// -----

func.func @cast_dims(%x: tensor<?xf32, #uop.dims<N>>) {
  // expected-error @+1 {{'uop.cast' op keeps the shape, got 'tensor<?xf32, #uop.dims<N>>' and 'tensor<?xf16, #uop.dims<M>>'}}
  %0 = uop.cast %x : tensor<?xf32, #uop.dims<N>> -> tensor<?xf16, #uop.dims<M>>
  return
}

// -----

func.func @bitcast_dims(%x: tensor<?xf32, #uop.dims<N>>) {
  // expected-error @+1 {{'uop.bitcast' op keeps the shape}}
  %0 = uop.bitcast %x : tensor<?xf32, #uop.dims<N>> -> tensor<?xi32, #uop.dims<M>>
  return
}

// -----

func.func @bitcast_width(%x: tensor<4xf32>) {
  // expected-error @+1 {{'uop.bitcast' op keeps the width of an element, got 'f32' and 'i16'}}
  %0 = uop.bitcast %x : tensor<4xf32> -> tensor<4xi16>
  return
}

// -----

// expected-error @+1 {{#uop.dims lists 1 dimensions, the type has 2}}
func.func private @dims_rank(tensor<?x4xf32, #uop.dims<N>>)

// -----

// expected-error @+1 {{#uop.dims gives dimension 1 as 5, the type as 4}}
func.func private @dims_static(tensor<?x4xf32, #uop.dims<N, 5>>)

// -----

// expected-error @+1 {{#uop.dims gives dimension 0 as 3, the type as ?}}
func.func private @dims_constant(tensor<?x4xf32, #uop.dims<3, 4>>)

// -----

// expected-error @+1 {{#uop.dims on a static shape; leave it out}}
func.func private @dims_all_static(tensor<4xf32, #uop.dims<4>>)

// -----

// expected-error @+1 {{dimension expression overflows 64 bits}}
func.func private @dims_overflow(tensor<?xf32, #uop.dims<N + 9223372036854775807 + 9223372036854775807>>)

// -----

// expected-error @+1 {{divisor in a dimension expression must be positive}}
func.func private @dims_divisor(tensor<?xf32, #uop.dims<N floordiv 0>>)

// -----

// expected-error @+1 {{expected a variable, an integer or '(' in a dimension expression}}
func.func private @dims_syntax(tensor<?xf32, #uop.dims<N + *>>)

// -----

// expected-error @+1 {{unbalanced '(' character}}
func.func private @dims_open(tensor<?xf32, #uop.dims<(N + 1>>)

// -----

// expected-error @+1 {{integer value too large}}
func.func private @dims_huge(tensor<?xf32, #uop.dims<N + 99999999999999999999>>)

// -----

// expected-error @+1 {{dimension expression nests too deeply}}
func.func private @dims_deep(tensor<?xf32, #uop.dims<((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((N))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))>>)

// -----

// expected-error @+1 {{unknown attribute `nothing` in dialect `uop`}}
func.func private @unknown_attribute() attributes {a = #uop.nothing<3>}

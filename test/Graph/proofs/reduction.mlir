// Reductions, indexing, state. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: reduce-over-ones
// TYPES: i8 f32
func.func @f(%x: tensor<2x1x3x!t>) -> tensor<2x3x!t> {
  %0 = uop.reduce add %x axes [1] : (tensor<2x1x3x!t>) -> tensor<2x3x!t>
  return %0 : tensor<2x3x!t>
}

// -----

// RULES: reduce-empty
// TYPES: i8 f32
func.func @f(%x: tensor<2x0x!t>) -> tensor<2x!t> {
  %0 = uop.reduce add %x axes [1] : (tensor<2x0x!t>) -> tensor<2x!t>
  return %0 : tensor<2x!t>
}

// -----

// RULES: reduce-reduce
// TYPES: i8 ui32
func.func @f(%x: tensor<3x4x5x!t>) -> tensor<4x!t> {
  %0 = uop.reduce add %x axes [2] : (tensor<3x4x5x!t>) -> tensor<3x4x!t>
  %1 = uop.reduce add %0 axes [0] : (tensor<3x4x!t>) -> tensor<4x!t>
  return %1 : tensor<4x!t>
}

// -----

// RULES: reduce-of-permute
// TYPES: i8 ui32
func.func @f(%x: tensor<3x4x5x!t>) -> tensor<5x4x!t> {
  %0 = uop.permute %x [2, 0, 1] : tensor<3x4x5x!t> -> tensor<5x3x4x!t>
  %1 = uop.reduce add %0 axes [1] : (tensor<5x3x4x!t>) -> tensor<5x4x!t>
  return %1 : tensor<5x4x!t>
}

// -----

// RULES: reduce-of-flip
// TYPES: i8 ui32
func.func @f(%x: tensor<3x4x!t>) -> tensor<3x!t> {
  %0 = uop.flip %x [0, 1] : tensor<3x4x!t> -> tensor<3x4x!t>
  %1 = uop.reduce add %0 axes [1] : (tensor<3x4x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: reduce-of-expand
// TYPES: i8 ui32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x!t> {
  %0 = uop.expand %x : tensor<3x1x!t> -> tensor<3x7x!t>
  %1 = uop.reduce add %0 axes [1] : (tensor<3x7x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: reduce-of-expand
// TYPES: i8 ui32
func.func @f(%x: tensor<3x1x4x!t>) -> tensor<4x!t> {
  %0 = uop.expand %x : tensor<3x1x4x!t> -> tensor<3x7x4x!t>
  %1 = uop.reduce add %0 axes [0, 1] : (tensor<3x7x4x!t>) -> tensor<4x!t>
  return %1 : tensor<4x!t>
}

// -----

// RULES: reduce-splat
// TYPES: i8 ui32
func.func @f() -> tensor<3x!t> {
  %0 = uop.const dense<5> : tensor<3x70x!t>
  %1 = uop.reduce add %0 axes [1] : (tensor<3x70x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: scan-over-one
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x1x!t> {
  %1 = uop.scan add %x axis 1 : (tensor<3x1x!t>) -> tensor<3x1x!t>
  return %1 : tensor<3x1x!t>
}

// -----

// RULES: scan-over-one
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x1x!t> {
  %1 = uop.scan add %x axis 1 exclusive : (tensor<3x1x!t>) -> tensor<3x1x!t>
  return %1 : tensor<3x1x!t>
}

// -----

// RULES: reduce-over-ones
// TYPES: i8 f32
func.func @f(%x: tensor<2x1x3x!t>) -> tensor<2x3x!t> {
  %0 = uop.reduce mul %x axes [1] : (tensor<2x1x3x!t>) -> tensor<2x3x!t>
  return %0 : tensor<2x3x!t>
}

// -----

// RULES: reduce-empty
// TYPES: i8 f32
func.func @f(%x: tensor<2x0x!t>) -> tensor<2x!t> {
  %0 = uop.reduce mul %x axes [1] : (tensor<2x0x!t>) -> tensor<2x!t>
  return %0 : tensor<2x!t>
}

// -----

// RULES: reduce-reduce
// TYPES: i8 ui32
func.func @f(%x: tensor<3x4x5x!t>) -> tensor<4x!t> {
  %0 = uop.reduce mul %x axes [2] : (tensor<3x4x5x!t>) -> tensor<3x4x!t>
  %1 = uop.reduce mul %0 axes [0] : (tensor<3x4x!t>) -> tensor<4x!t>
  return %1 : tensor<4x!t>
}

// -----

// RULES: reduce-of-permute
// TYPES: i8 ui32
func.func @f(%x: tensor<3x4x5x!t>) -> tensor<5x4x!t> {
  %0 = uop.permute %x [2, 0, 1] : tensor<3x4x5x!t> -> tensor<5x3x4x!t>
  %1 = uop.reduce mul %0 axes [1] : (tensor<5x3x4x!t>) -> tensor<5x4x!t>
  return %1 : tensor<5x4x!t>
}

// -----

// RULES: reduce-of-flip
// TYPES: i8 ui32
func.func @f(%x: tensor<3x4x!t>) -> tensor<3x!t> {
  %0 = uop.flip %x [0, 1] : tensor<3x4x!t> -> tensor<3x4x!t>
  %1 = uop.reduce mul %0 axes [1] : (tensor<3x4x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: scan-over-one
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x1x!t> {
  %1 = uop.scan mul %x axis 1 : (tensor<3x1x!t>) -> tensor<3x1x!t>
  return %1 : tensor<3x1x!t>
}

// -----

// RULES: scan-over-one
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x1x!t> {
  %1 = uop.scan mul %x axis 1 exclusive : (tensor<3x1x!t>) -> tensor<3x1x!t>
  return %1 : tensor<3x1x!t>
}

// -----

// RULES: reduce-over-ones
// TYPES: i8 f32
func.func @f(%x: tensor<2x1x3x!t>) -> tensor<2x3x!t> {
  %0 = uop.reduce max %x axes [1] : (tensor<2x1x3x!t>) -> tensor<2x3x!t>
  return %0 : tensor<2x3x!t>
}

// -----

// RULES: reduce-empty
// TYPES: i8 f32
func.func @f(%x: tensor<2x0x!t>) -> tensor<2x!t> {
  %0 = uop.reduce max %x axes [1] : (tensor<2x0x!t>) -> tensor<2x!t>
  return %0 : tensor<2x!t>
}

// -----

// RULES: reduce-reduce
// TYPES: i8 f32
func.func @f(%x: tensor<3x4x5x!t>) -> tensor<4x!t> {
  %0 = uop.reduce max %x axes [2] : (tensor<3x4x5x!t>) -> tensor<3x4x!t>
  %1 = uop.reduce max %0 axes [0] : (tensor<3x4x!t>) -> tensor<4x!t>
  return %1 : tensor<4x!t>
}

// -----

// RULES: reduce-of-permute
// TYPES: i8 f32
func.func @f(%x: tensor<3x4x5x!t>) -> tensor<5x4x!t> {
  %0 = uop.permute %x [2, 0, 1] : tensor<3x4x5x!t> -> tensor<5x3x4x!t>
  %1 = uop.reduce max %0 axes [1] : (tensor<5x3x4x!t>) -> tensor<5x4x!t>
  return %1 : tensor<5x4x!t>
}

// -----

// RULES: reduce-of-flip
// TYPES: i8 f32
func.func @f(%x: tensor<3x4x!t>) -> tensor<3x!t> {
  %0 = uop.flip %x [0, 1] : tensor<3x4x!t> -> tensor<3x4x!t>
  %1 = uop.reduce max %0 axes [1] : (tensor<3x4x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: reduce-of-expand
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x!t> {
  %0 = uop.expand %x : tensor<3x1x!t> -> tensor<3x7x!t>
  %1 = uop.reduce max %0 axes [1] : (tensor<3x7x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: reduce-of-expand
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x4x!t>) -> tensor<4x!t> {
  %0 = uop.expand %x : tensor<3x1x4x!t> -> tensor<3x7x4x!t>
  %1 = uop.reduce max %0 axes [0, 1] : (tensor<3x7x4x!t>) -> tensor<4x!t>
  return %1 : tensor<4x!t>
}

// -----

// RULES: reduce-splat
// TYPES: i8 ui32
func.func @f() -> tensor<3x!t> {
  %0 = uop.const dense<5> : tensor<3x70x!t>
  %1 = uop.reduce max %0 axes [1] : (tensor<3x70x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: scan-over-one
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x1x!t> {
  %1 = uop.scan max %x axis 1 : (tensor<3x1x!t>) -> tensor<3x1x!t>
  return %1 : tensor<3x1x!t>
}

// -----

// RULES: scan-over-one
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x1x!t> {
  %1 = uop.scan max %x axis 1 exclusive : (tensor<3x1x!t>) -> tensor<3x1x!t>
  return %1 : tensor<3x1x!t>
}

// -----

// RULES: reduce-over-ones
// TYPES: i8 f32
func.func @f(%x: tensor<2x1x3x!t>) -> tensor<2x3x!t> {
  %0 = uop.reduce min %x axes [1] : (tensor<2x1x3x!t>) -> tensor<2x3x!t>
  return %0 : tensor<2x3x!t>
}

// -----

// RULES: reduce-empty
// TYPES: i8 f32
func.func @f(%x: tensor<2x0x!t>) -> tensor<2x!t> {
  %0 = uop.reduce min %x axes [1] : (tensor<2x0x!t>) -> tensor<2x!t>
  return %0 : tensor<2x!t>
}

// -----

// RULES: reduce-reduce
// TYPES: i8 f32
func.func @f(%x: tensor<3x4x5x!t>) -> tensor<4x!t> {
  %0 = uop.reduce min %x axes [2] : (tensor<3x4x5x!t>) -> tensor<3x4x!t>
  %1 = uop.reduce min %0 axes [0] : (tensor<3x4x!t>) -> tensor<4x!t>
  return %1 : tensor<4x!t>
}

// -----

// RULES: reduce-of-permute
// TYPES: i8 f32
func.func @f(%x: tensor<3x4x5x!t>) -> tensor<5x4x!t> {
  %0 = uop.permute %x [2, 0, 1] : tensor<3x4x5x!t> -> tensor<5x3x4x!t>
  %1 = uop.reduce min %0 axes [1] : (tensor<5x3x4x!t>) -> tensor<5x4x!t>
  return %1 : tensor<5x4x!t>
}

// -----

// RULES: reduce-of-flip
// TYPES: i8 f32
func.func @f(%x: tensor<3x4x!t>) -> tensor<3x!t> {
  %0 = uop.flip %x [0, 1] : tensor<3x4x!t> -> tensor<3x4x!t>
  %1 = uop.reduce min %0 axes [1] : (tensor<3x4x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: reduce-of-expand
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x!t> {
  %0 = uop.expand %x : tensor<3x1x!t> -> tensor<3x7x!t>
  %1 = uop.reduce min %0 axes [1] : (tensor<3x7x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: reduce-of-expand
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x4x!t>) -> tensor<4x!t> {
  %0 = uop.expand %x : tensor<3x1x4x!t> -> tensor<3x7x4x!t>
  %1 = uop.reduce min %0 axes [0, 1] : (tensor<3x7x4x!t>) -> tensor<4x!t>
  return %1 : tensor<4x!t>
}

// -----

// RULES: reduce-splat
// TYPES: i8 ui32
func.func @f() -> tensor<3x!t> {
  %0 = uop.const dense<5> : tensor<3x70x!t>
  %1 = uop.reduce min %0 axes [1] : (tensor<3x70x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: scan-over-one
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x1x!t> {
  %1 = uop.scan min %x axis 1 : (tensor<3x1x!t>) -> tensor<3x1x!t>
  return %1 : tensor<3x1x!t>
}

// -----

// RULES: scan-over-one
// TYPES: i8 f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x1x!t> {
  %1 = uop.scan min %x axis 1 exclusive : (tensor<3x1x!t>) -> tensor<3x1x!t>
  return %1 : tensor<3x1x!t>
}

// -----

// RULES: reduce-of-scaled
// TYPES: i8 ui32
func.func @f(%x: tensor<3x4x!t>) -> tensor<3x!t> {
  %c = uop.const dense<3> : tensor<3x4x!t>
  %0 = uop.mul %x, %c : tensor<3x4x!t>
  %1 = uop.reduce add %0 axes [1] : (tensor<3x4x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: fast-reduce-of-expand
// TYPES: f32
func.func @f(%x: tensor<3x1x!t>) -> tensor<3x!t> {
  %0 = uop.expand %x : tensor<3x1x!t> -> tensor<3x7x!t>
  %1 = uop.reduce add %0 axes [1] : (tensor<3x7x!t>) -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: gather-slice
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x5x!t>) -> tensor<2x3x!t> {
  %i = uop.const dense<[1, 2, 3]> : tensor<3xi64>
  %0 = uop.gather %x, %i axis 1 : (tensor<2x5x!t>, tensor<3xi64>) -> tensor<2x3x!t>
  return %0 : tensor<2x3x!t>
}

// -----

// RULES: gather-slice
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x5x!t>) -> tensor<2x3x!t> {
  %i = uop.const dense<[0, 2, 4]> : tensor<3xi64>
  %0 = uop.gather %x, %i axis 1 : (tensor<2x5x!t>, tensor<3xi64>) -> tensor<2x3x!t>
  return %0 : tensor<2x3x!t>
}

// -----

// RULES: gather-slice
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x5x!t>) -> tensor<2x3x!t> {
  %i = uop.const dense<[4, 2, 0]> : tensor<3xi64>
  %0 = uop.gather %x, %i axis 1 : (tensor<2x5x!t>, tensor<3xi64>) -> tensor<2x3x!t>
  return %0 : tensor<2x3x!t>
}

// -----

// RULES: gather-slice
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x5x!t>) -> tensor<2x1x!t> {
  %i = uop.const dense<[3]> : tensor<1xi64>
  %0 = uop.gather %x, %i axis 1 : (tensor<2x5x!t>, tensor<1xi64>) -> tensor<2x1x!t>
  return %0 : tensor<2x1x!t>
}

// -----

// RULES: gather-slice
// TYPES: i8 f32 bool
func.func @f(%x: tensor<5x2x!t>) -> tensor<3x2x!t> {
  %i = uop.iota axis 0 : tensor<3xi32>
  %0 = uop.gather %x, %i axis 0 : (tensor<5x2x!t>, tensor<3xi32>) -> tensor<3x2x!t>
  return %0 : tensor<3x2x!t>
}

// -----

// RULES: gather-one
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x5x3x!t>) -> tensor<2x2x2x3x!t> {
  %i = uop.const dense<3> : tensor<2x2xi64>
  %0 = uop.gather %x, %i axis 1 : (tensor<2x5x3x!t>, tensor<2x2xi64>) -> tensor<2x2x2x3x!t>
  return %0 : tensor<2x2x2x3x!t>
}

// -----

// RULES: gather-one
// TYPES: i8 f32 bool
func.func @f(%x: tensor<5x!t>) -> tensor<!t> {
  %i = uop.const dense<3> : tensor<i64>
  %0 = uop.gather %x, %i axis 0 : (tensor<5x!t>, tensor<i64>) -> tensor<!t>
  return %0 : tensor<!t>
}

// -----

// RULES: scatter-slice
// TYPES: i8 f32 bool
func.func @f(%x: tensor<5x2x!t>, %u: tensor<3x2x!t>) -> tensor<5x2x!t> {
  %i = uop.const dense<[1, 2, 3]> : tensor<3xi64>
  %0 = uop.scatter set %x, %i, %u axis 0 : (tensor<5x2x!t>, tensor<3xi64>, tensor<3x2x!t>) -> tensor<5x2x!t>
  return %0 : tensor<5x2x!t>
}

// -----

// RULES: sort-of-one
// TYPES: i8 f32
func.func @f(%x: tensor<5x1x!t>) -> tensor<5x1x!t> {
  %0 = uop.sort %x axis 1 : (tensor<5x1x!t>) -> tensor<5x1x!t>
  return %0 : tensor<5x1x!t>
}

// -----

// RULES: assign-assign
// TYPES: i8 f32 bool
func.func @f(%d: tensor<5x!t>, %x: tensor<2x!t>, %y: tensor<2x!t>) -> tensor<5x!t> {
  %0 = uop.assign %d, %x offsets [1] : tensor<5x!t>, tensor<2x!t>
  %1 = uop.assign %0, %y offsets [1] : tensor<5x!t>, tensor<2x!t>
  return %1 : tensor<5x!t>
}

// -----

// RULES: contiguous-contiguous
// TYPES: i8 f32 bool
func.func @f(%x: tensor<5x!t>) -> tensor<5x!t> {
  %0 = uop.contiguous %x : tensor<5x!t>
  %1 = uop.contiguous %0 : tensor<5x!t>
  return %1 : tensor<5x!t>
}

// -----

// RULES: copy-copy
// TYPES: i8 f32 bool
func.func @f(%x: tensor<5x!t>) -> tensor<5x!t> {
  %0 = uop.copy %x to "cpu" : tensor<5x!t>
  %1 = uop.copy %0 to "cpu" : tensor<5x!t>
  return %1 : tensor<5x!t>
}

// -----

// RULES: detach
// TYPES: i8 f32 bool
func.func @f(%x: tensor<5x!t>) -> tensor<5x!t> {
  %0 = uop.detach %x : tensor<5x!t>
  return %0 : tensor<5x!t>
}

// -----

// RULES: reduce-of-equal
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.reshape %x : !T -> tensor<1x65536x!t>
  %1 = uop.expand %0 : tensor<1x65536x!t> -> tensor<2x65536x!t>
  %2 = uop.reduce add %1 axes [0] : (tensor<2x65536x!t>) -> !T
  return %2 : !T
}

// -----

// RULES: reduce-of-equal
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.reshape %x : !T -> tensor<1x65536x!t>
  %1 = uop.expand %0 : tensor<1x65536x!t> -> tensor<3x65536x!t>
  %2 = uop.reduce add %1 axes [0] : (tensor<3x65536x!t>) -> !T
  return %2 : !T
}

// -----

// RULES: reduce-of-equal
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.reshape %x : !T -> tensor<1x65536x!t>
  %1 = uop.expand %0 : tensor<1x65536x!t> -> tensor<4x65536x!t>
  %2 = uop.reduce add %1 axes [0] : (tensor<4x65536x!t>) -> !T
  return %2 : !T
}

// -----

// RULES: reduce-of-equal
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.reshape %x : !T -> tensor<1x65536x!t>
  %1 = uop.expand %0 : tensor<1x65536x!t> -> tensor<5x65536x!t>
  %2 = uop.reduce add %1 axes [0] : (tensor<5x65536x!t>) -> !T
  return %2 : !T
}

// -----

// RULES: reduce-of-equal
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.reshape %x : !T -> tensor<1x65536x!t>
  %1 = uop.expand %0 : tensor<1x65536x!t> -> tensor<6x65536x!t>
  %2 = uop.reduce add %1 axes [0] : (tensor<6x65536x!t>) -> !T
  return %2 : !T
}

// -----

// RULES: reduce-of-equal
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.reshape %x : !T -> tensor<1x65536x!t>
  %1 = uop.expand %0 : tensor<1x65536x!t> -> tensor<8x65536x!t>
  %2 = uop.reduce add %1 axes [0] : (tensor<8x65536x!t>) -> !T
  return %2 : !T
}

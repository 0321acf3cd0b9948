// Movement. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: permute-of-ones
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x1x3x!t>) -> tensor<1x2x3x!t> {
  %0 = uop.permute %x [1, 0, 2] : tensor<2x1x3x!t> -> tensor<1x2x3x!t>
  return %0 : tensor<1x2x3x!t>
}

// -----

// RULES: flip-of-ones
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x1x3x!t>) -> tensor<2x1x3x!t> {
  %0 = uop.flip %x [1, 2] : tensor<2x1x3x!t> -> tensor<2x1x3x!t>
  return %0 : tensor<2x1x3x!t>
}

// -----

// RULES: window-of-one-tap
// TYPES: i8 f32 bool
func.func @f(%x: tensor<7x2x!t>) -> tensor<7x2x1x!t> {
  %0 = uop.window %x axes [0] sizes [1] dilations [3] : tensor<7x2x!t> -> tensor<7x2x1x!t>
  return %0 : tensor<7x2x1x!t>
}

// -----

// RULES: window-of-one-tap
// TYPES: i8 f32 bool
func.func @f(%x: tensor<7x5x!t>) -> tensor<3x3x1x1x!t> {
  %0 = uop.window %x axes [0, 1] sizes [1, 1] strides [3, 2] : tensor<7x5x!t> -> tensor<3x3x1x1x!t>
  return %0 : tensor<3x3x1x1x!t>
}

// -----

// RULES: pad-splat
// TYPES: i8 ui32
func.func @f() -> tensor<6x!t> {
  %c = uop.const dense<5> : tensor<4x!t>
  %v = uop.const dense<5> : tensor<!t>
  %0 = uop.pad %c, %v low [1] high [1] : tensor<4x!t> -> tensor<6x!t>
  return %0 : tensor<6x!t>
}

// -----

// RULES: pad-splat
// TYPES: f32
func.func @f() -> tensor<6x!t> {
  %c = uop.const dense<-0.0> : tensor<4x!t>
  %v = uop.const dense<-0.0> : tensor<!t>
  %0 = uop.pad %c, %v low [1] high [1] : tensor<4x!t> -> tensor<6x!t>
  return %0 : tensor<6x!t>
}

// -----

// RULES: pad-empty
// TYPES: i8 f32 bool
func.func @f(%x: tensor<0x3x!t>, %v: tensor<!t>) -> tensor<2x3x!t> {
  %0 = uop.pad %x, %v low [1, 0] high [1, 0] : tensor<0x3x!t> -> tensor<2x3x!t>
  return %0 : tensor<2x3x!t>
}

// -----

// RULES: reshape-of-expand
// TYPES: i8 f32 bool
func.func @f(%x: tensor<1x3x!t>) -> tensor<4x1x3x!t> {
  %e = uop.expand %x : tensor<1x3x!t> -> tensor<4x3x!t>
  %0 = uop.reshape %e : tensor<4x3x!t> -> tensor<4x1x3x!t>
  return %0 : tensor<4x1x3x!t>
}

// -----

// RULES: reshape-of-expand
// TYPES: i8 f32 bool
func.func @f(%x: tensor<1x1x3x1x!t>) -> tensor<4x3x!t> {
  %e = uop.expand %x : tensor<1x1x3x1x!t> -> tensor<4x1x3x1x!t>
  %0 = uop.reshape %e : tensor<4x1x3x1x!t> -> tensor<4x3x!t>
  return %0 : tensor<4x3x!t>
}

// -----

// RULES: permute-of-expand
// TYPES: i8 f32 bool
func.func @f(%x: tensor<1x3x!t>) -> tensor<3x4x!t> {
  %e = uop.expand %x : tensor<1x3x!t> -> tensor<4x3x!t>
  %0 = uop.permute %e [1, 0] : tensor<4x3x!t> -> tensor<3x4x!t>
  return %0 : tensor<3x4x!t>
}

// -----

// RULES: iota-of-one
// TYPES: i8 f32
func.func @f() -> tensor<3x1x!t> {
  %0 = uop.iota axis 1 : tensor<3x1x!t>
  return %0 : tensor<3x1x!t>
}

// -----

// RULES: flip-of-expand
// TYPES: i8 f32 bool
func.func @f(%x: tensor<1x3x!t>) -> tensor<4x3x!t> {
  %e = uop.expand %x : tensor<1x3x!t> -> tensor<4x3x!t>
  %0 = uop.flip %e [0, 1] : tensor<4x3x!t> -> tensor<4x3x!t>
  return %0 : tensor<4x3x!t>
}

// -----

// RULES: reshape-reshape
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x6x!t>) -> tensor<4x3x!t> {
  %0 = uop.reshape %x : tensor<2x6x!t> -> tensor<12x!t>
  %1 = uop.reshape %0 : tensor<12x!t> -> tensor<4x3x!t>
  return %1 : tensor<4x3x!t>
}

// -----

// RULES: expand-expand
// TYPES: i8 f32 bool
func.func @f(%x: tensor<1x1x3x!t>) -> tensor<2x4x3x!t> {
  %0 = uop.expand %x : tensor<1x1x3x!t> -> tensor<2x1x3x!t>
  %1 = uop.expand %0 : tensor<2x1x3x!t> -> tensor<2x4x3x!t>
  return %1 : tensor<2x4x3x!t>
}

// -----

// RULES: permute-permute
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x3x4x!t>) -> tensor<3x2x4x!t> {
  %0 = uop.permute %x [2, 0, 1] : tensor<2x3x4x!t> -> tensor<4x2x3x!t>
  %1 = uop.permute %0 [2, 1, 0] : tensor<4x2x3x!t> -> tensor<3x2x4x!t>
  return %1 : tensor<3x2x4x!t>
}

// -----

// RULES: flip-flip
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x3x4x!t>) -> tensor<2x3x4x!t> {
  %0 = uop.flip %x [0, 1] : tensor<2x3x4x!t> -> tensor<2x3x4x!t>
  %1 = uop.flip %0 [1, 2] : tensor<2x3x4x!t> -> tensor<2x3x4x!t>
  return %1 : tensor<2x3x4x!t>
}

// -----

// RULES: flip-flip
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x3x!t>) -> tensor<2x3x!t> {
  %0 = uop.flip %x [0, 1] : tensor<2x3x!t> -> tensor<2x3x!t>
  %1 = uop.flip %0 [0, 1] : tensor<2x3x!t> -> tensor<2x3x!t>
  return %1 : tensor<2x3x!t>
}

// -----

// RULES: pad-pad
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x3x!t>, %v: tensor<!t>) -> tensor<8x7x!t> {
  %0 = uop.pad %x, %v low [1, 0] high [2, 1] interior [1, 0] : tensor<2x3x!t> -> tensor<6x4x!t>
  %1 = uop.pad %0, %v low [0, 2] high [2, 1] : tensor<6x4x!t> -> tensor<8x7x!t>
  return %1 : tensor<8x7x!t>
}

// -----

// RULES: shrink-shrink
// TYPES: i8 f32 bool
func.func @f(%x: tensor<20x3x!t>) -> tensor<3x2x!t> {
  %0 = uop.shrink %x offsets [1, 0] sizes [9, 3] strides [2, 1] : tensor<20x3x!t> -> tensor<9x3x!t>
  %1 = uop.shrink %0 offsets [2, 1] sizes [3, 2] strides [3, 1] : tensor<9x3x!t> -> tensor<3x2x!t>
  return %1 : tensor<3x2x!t>
}

// -----

// RULES: shrink-of-pad
// TYPES: i8
func.func @f(%x: tensor<4x2x!t>, %v: tensor<!t>) -> tensor<2x2x!t> {
  %0 = uop.pad %x, %v low [3, 0] high [3, 0] : tensor<4x2x!t> -> tensor<10x2x!t>
  %1 = uop.shrink %0 offsets [0, 0] sizes [2, 2] : tensor<10x2x!t> -> tensor<2x2x!t>
  return %1 : tensor<2x2x!t>
}

// -----

// RULES: shrink-of-pad
// TYPES: i8
func.func @f(%x: tensor<4x2x!t>, %v: tensor<!t>) -> tensor<4x2x!t> {
  %0 = uop.pad %x, %v low [3, 0] high [3, 0] : tensor<4x2x!t> -> tensor<10x2x!t>
  %1 = uop.shrink %0 offsets [0, 0] sizes [4, 2] : tensor<10x2x!t> -> tensor<4x2x!t>
  return %1 : tensor<4x2x!t>
}

// -----

// RULES: shrink-of-pad
// TYPES: i8
func.func @f(%x: tensor<4x2x!t>, %v: tensor<!t>) -> tensor<3x2x!t> {
  %0 = uop.pad %x, %v low [3, 0] high [3, 0] : tensor<4x2x!t> -> tensor<10x2x!t>
  %1 = uop.shrink %0 offsets [2, 0] sizes [3, 2] : tensor<10x2x!t> -> tensor<3x2x!t>
  return %1 : tensor<3x2x!t>
}

// -----

// RULES: shrink-of-pad
// TYPES: i8
func.func @f(%x: tensor<4x2x!t>, %v: tensor<!t>) -> tensor<2x2x!t> {
  %0 = uop.pad %x, %v low [3, 0] high [3, 0] : tensor<4x2x!t> -> tensor<10x2x!t>
  %1 = uop.shrink %0 offsets [3, 0] sizes [2, 2] : tensor<10x2x!t> -> tensor<2x2x!t>
  return %1 : tensor<2x2x!t>
}

// -----

// RULES: shrink-of-pad
// TYPES: i8
func.func @f(%x: tensor<4x2x!t>, %v: tensor<!t>) -> tensor<5x2x!t> {
  %0 = uop.pad %x, %v low [3, 0] high [3, 0] : tensor<4x2x!t> -> tensor<10x2x!t>
  %1 = uop.shrink %0 offsets [4, 0] sizes [5, 2] : tensor<10x2x!t> -> tensor<5x2x!t>
  return %1 : tensor<5x2x!t>
}

// -----

// RULES: shrink-of-pad
// TYPES: i8
func.func @f(%x: tensor<4x2x!t>, %v: tensor<!t>) -> tensor<3x2x!t> {
  %0 = uop.pad %x, %v low [3, 0] high [3, 0] : tensor<4x2x!t> -> tensor<10x2x!t>
  %1 = uop.shrink %0 offsets [7, 0] sizes [3, 2] : tensor<10x2x!t> -> tensor<3x2x!t>
  return %1 : tensor<3x2x!t>
}

// -----

// RULES: shrink-of-pad
// TYPES: i8
func.func @f(%x: tensor<4x2x!t>, %v: tensor<!t>) -> tensor<8x2x!t> {
  %0 = uop.pad %x, %v low [3, 0] high [3, 0] : tensor<4x2x!t> -> tensor<10x2x!t>
  %1 = uop.shrink %0 offsets [1, 0] sizes [8, 2] : tensor<10x2x!t> -> tensor<8x2x!t>
  return %1 : tensor<8x2x!t>
}

// -----

// RULES: shrink-of-pad
// TYPES: i8
func.func @f(%x: tensor<4x2x!t>, %v: tensor<!t>) -> tensor<1x2x!t> {
  %0 = uop.pad %x, %v low [3, 0] high [3, 0] : tensor<4x2x!t> -> tensor<10x2x!t>
  %1 = uop.shrink %0 offsets [6, 0] sizes [1, 2] : tensor<10x2x!t> -> tensor<1x2x!t>
  return %1 : tensor<1x2x!t>
}

// -----

// RULES: shrink-of-pad
// TYPES: i8 f32 bool
func.func @f(%x: tensor<4x6x!t>, %v: tensor<!t>) -> tensor<5x2x!t> {
  %0 = uop.pad %x, %v low [3, 0] high [3, 0] : tensor<4x6x!t> -> tensor<10x6x!t>
  %1 = uop.shrink %0 offsets [1, 1] sizes [5, 2] : tensor<10x6x!t> -> tensor<5x2x!t>
  return %1 : tensor<5x2x!t>
}

// -----

// RULES: elementwise-of-expand
// TYPES: i8 f32
func.func @f(%x: tensor<1x3x!t>, %y: tensor<1x3x!t>) -> tensor<4x3x!t> {
  %a = uop.expand %x : tensor<1x3x!t> -> tensor<4x3x!t>
  %b = uop.expand %y : tensor<1x3x!t> -> tensor<4x3x!t>
  %0 = uop.sub %a, %b : tensor<4x3x!t>
  %1 = uop.max %0, %a : tensor<4x3x!t>
  return %1 : tensor<4x3x!t>
}

// -----

// RULES: elementwise-of-pad
// TYPES: i8 ui32
func.func @f(%x: tensor<3x!t>, %v: tensor<!t>) -> tensor<6x!t> {
  %a = uop.pad %x, %v low [1] high [2] : tensor<3x!t> -> tensor<6x!t>
  %c = uop.const dense<3> : tensor<6x!t>
  %1 = uop.sub %c, %a : tensor<6x!t>
  return %1 : tensor<6x!t>
}

// -----

// RULES: elementwise-of-pad
// TYPES: f32
func.func @f(%x: tensor<3x!t>, %v: tensor<!t>) -> tensor<5x!t> {
  %a = uop.pad %x, %v low [0] high [0] interior [1] : tensor<3x!t> -> tensor<5x!t>
  %1 = uop.sqrt %a : tensor<5x!t>
  return %1 : tensor<5x!t>
}

// -----

// RULES: shrink-of-elementwise
// TYPES: i8 f32
func.func @f(%x: tensor<6x!t>, %y: tensor<6x!t>) -> tensor<3x!t> {
  %0 = uop.sub %x, %y : tensor<6x!t>
  %1 = uop.shrink %0 offsets [1] sizes [3] strides [2] : tensor<6x!t> -> tensor<3x!t>
  return %1 : tensor<3x!t>
}

// -----

// RULES: shrink-of-expand
// TYPES: i8 f32 bool
func.func @f(%x: tensor<1x6x!t>) -> tensor<2x3x!t> {
  %0 = uop.expand %x : tensor<1x6x!t> -> tensor<4x6x!t>
  %1 = uop.shrink %0 offsets [1, 1] sizes [2, 3] strides [2, 2] : tensor<4x6x!t> -> tensor<2x3x!t>
  return %1 : tensor<2x3x!t>
}

// -----

// RULES: shrink-of-permute
// TYPES: i8 f32 bool
func.func @f(%x: tensor<4x6x!t>) -> tensor<2x3x!t> {
  %0 = uop.permute %x [1, 0] : tensor<4x6x!t> -> tensor<6x4x!t>
  %1 = uop.shrink %0 offsets [1, 1] sizes [2, 3] strides [3, 1] : tensor<6x4x!t> -> tensor<2x3x!t>
  return %1 : tensor<2x3x!t>
}

// -----

// RULES: where-of-pad-mask
// TYPES: i8 ui32
func.func @f(%x: tensor<80x!t>, %v: tensor<!t>) -> tensor<83x!t> {
  %t = uop.const dense<true> : tensor<80xi1>
  %f = uop.const dense<false> : tensor<i1>
  %m = uop.pad %t, %f low [1] high [2] : tensor<80xi1> -> tensor<83xi1>
  %a = uop.pad %x, %v low [1] high [2] : tensor<80x!t> -> tensor<83x!t>
  %c = uop.const dense<7> : tensor<83x!t>
  %1 = uop.where %m, %a, %c : tensor<83x!t>
  return %1 : tensor<83x!t>
}

// -----

// RULES: concat-empty
// TYPES: i8 f32 bool
func.func @f(%x: tensor<3x!t>, %e: tensor<0x!t>, %y: tensor<2x!t>) -> tensor<5x!t> {
  %0 = uop.concat %x, %e, %y axis 0 : tensor<3x!t>, tensor<0x!t>, tensor<2x!t> -> tensor<5x!t>
  return %0 : tensor<5x!t>
}

// -----

// RULES: concat-concat
// TYPES: i8 f32 bool
func.func @f(%x: tensor<3x!t>, %y: tensor<2x!t>) -> tensor<8x!t> {
  %0 = uop.concat %x, %y axis 0 : tensor<3x!t>, tensor<2x!t> -> tensor<5x!t>
  %1 = uop.concat %0, %x axis 0 : tensor<5x!t>, tensor<3x!t> -> tensor<8x!t>
  return %1 : tensor<8x!t>
}

// -----

// RULES: concat-of-slices
// TYPES: i8 f32 bool
func.func @f(%x: tensor<2x9x!t>, %y: tensor<2x2x!t>) -> tensor<2x7x!t> {
  %0 = uop.shrink %x offsets [0, 1] sizes [2, 3] : tensor<2x9x!t> -> tensor<2x3x!t>
  %1 = uop.shrink %x offsets [0, 4] sizes [2, 2] : tensor<2x9x!t> -> tensor<2x2x!t>
  %2 = uop.concat %0, %1, %y axis 1 : tensor<2x3x!t>, tensor<2x2x!t>, tensor<2x2x!t> -> tensor<2x7x!t>
  return %2 : tensor<2x7x!t>
}

// -----

// RULES: concat-of-splats
// TYPES: i8
func.func @f() -> tensor<100x!t> {
  %0 = uop.const dense<3> : tensor<60x!t>
  %1 = uop.const dense<3> : tensor<40x!t>
  %2 = uop.concat %0, %1 axis 0 : tensor<60x!t>, tensor<40x!t> -> tensor<100x!t>
  return %2 : tensor<100x!t>
}

// -----

// RULES: shrink-of-concat
// TYPES: i8
func.func @f(%x: tensor<3x2x!t>, %y: tensor<2x2x!t>, %z: tensor<4x2x!t>) -> tensor<3x1x!t> {
  %0 = uop.concat %x, %y, %z axis 0 : tensor<3x2x!t>, tensor<2x2x!t>, tensor<4x2x!t> -> tensor<9x2x!t>
  %1 = uop.shrink %0 offsets [0, 1] sizes [3, 1] strides [1, 1] : tensor<9x2x!t> -> tensor<3x1x!t>
  return %1 : tensor<3x1x!t>
}

// -----

// RULES: shrink-of-concat
// TYPES: i8
func.func @f(%x: tensor<3x2x!t>, %y: tensor<2x2x!t>, %z: tensor<4x2x!t>) -> tensor<2x1x!t> {
  %0 = uop.concat %x, %y, %z axis 0 : tensor<3x2x!t>, tensor<2x2x!t>, tensor<4x2x!t> -> tensor<9x2x!t>
  %1 = uop.shrink %0 offsets [1, 1] sizes [2, 1] strides [1, 1] : tensor<9x2x!t> -> tensor<2x1x!t>
  return %1 : tensor<2x1x!t>
}

// -----

// RULES: shrink-of-concat
// TYPES: i8
func.func @f(%x: tensor<3x2x!t>, %y: tensor<2x2x!t>, %z: tensor<4x2x!t>) -> tensor<2x1x!t> {
  %0 = uop.concat %x, %y, %z axis 0 : tensor<3x2x!t>, tensor<2x2x!t>, tensor<4x2x!t> -> tensor<9x2x!t>
  %1 = uop.shrink %0 offsets [3, 1] sizes [2, 1] strides [1, 1] : tensor<9x2x!t> -> tensor<2x1x!t>
  return %1 : tensor<2x1x!t>
}

// -----

// RULES: shrink-of-concat
// TYPES: i8
func.func @f(%x: tensor<3x2x!t>, %y: tensor<2x2x!t>, %z: tensor<4x2x!t>) -> tensor<1x1x!t> {
  %0 = uop.concat %x, %y, %z axis 0 : tensor<3x2x!t>, tensor<2x2x!t>, tensor<4x2x!t> -> tensor<9x2x!t>
  %1 = uop.shrink %0 offsets [4, 1] sizes [1, 1] strides [1, 1] : tensor<9x2x!t> -> tensor<1x1x!t>
  return %1 : tensor<1x1x!t>
}

// -----

// RULES: shrink-of-concat
// TYPES: i8
func.func @f(%x: tensor<3x2x!t>, %y: tensor<2x2x!t>, %z: tensor<4x2x!t>) -> tensor<2x1x!t> {
  %0 = uop.concat %x, %y, %z axis 0 : tensor<3x2x!t>, tensor<2x2x!t>, tensor<4x2x!t> -> tensor<9x2x!t>
  %1 = uop.shrink %0 offsets [5, 1] sizes [2, 1] strides [3, 1] : tensor<9x2x!t> -> tensor<2x1x!t>
  return %1 : tensor<2x1x!t>
}

// -----

// RULES: shrink-of-concat
// TYPES: i8
func.func @f(%x: tensor<3x2x!t>, %y: tensor<2x2x!t>, %z: tensor<4x2x!t>) -> tensor<2x1x!t> {
  %0 = uop.concat %x, %y, %z axis 0 : tensor<3x2x!t>, tensor<2x2x!t>, tensor<4x2x!t> -> tensor<9x2x!t>
  %1 = uop.shrink %0 offsets [0, 1] sizes [2, 1] strides [2, 1] : tensor<9x2x!t> -> tensor<2x1x!t>
  return %1 : tensor<2x1x!t>
}

// -----

// RULES: fold-movement
// TYPES: i8 ui32
func.func @f() -> tensor<3x2x!t> {
  %c = uop.const dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3x!t>
  %v = uop.const dense<9> : tensor<!t>
  %0 = uop.permute %c [1, 0] : tensor<2x3x!t> -> tensor<3x2x!t>
  return %0 : tensor<3x2x!t>
}

// -----

// RULES: fold-movement
// TYPES: i8 ui32
func.func @f() -> tensor<6x!t> {
  %c = uop.const dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3x!t>
  %v = uop.const dense<9> : tensor<!t>
  %0 = uop.reshape %c : tensor<2x3x!t> -> tensor<6x!t>
  return %0 : tensor<6x!t>
}

// -----

// RULES: fold-movement
// TYPES: i8 ui32
func.func @f() -> tensor<2x3x!t> {
  %c = uop.const dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3x!t>
  %v = uop.const dense<9> : tensor<!t>
  %0 = uop.flip %c [1] : tensor<2x3x!t> -> tensor<2x3x!t>
  return %0 : tensor<2x3x!t>
}

// -----

// RULES: fold-movement
// TYPES: i8 ui32
func.func @f() -> tensor<5x6x!t> {
  %c = uop.const dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3x!t>
  %v = uop.const dense<9> : tensor<!t>
  %0 = uop.pad %c, %v low [1, 0] high [0, 1] interior [2, 1] : tensor<2x3x!t> -> tensor<5x6x!t>
  return %0 : tensor<5x6x!t>
}

// -----

// RULES: fold-movement
// TYPES: i8 ui32
func.func @f() -> tensor<2x2x!t> {
  %c = uop.const dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3x!t>
  %v = uop.const dense<9> : tensor<!t>
  %0 = uop.shrink %c offsets [0, 0] sizes [2, 2] strides [1, 2] : tensor<2x3x!t> -> tensor<2x2x!t>
  return %0 : tensor<2x2x!t>
}

// -----

// RULES: fold-movement
// TYPES: i8 ui32
func.func @f() -> tensor<2x2x2x!t> {
  %c = uop.const dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3x!t>
  %v = uop.const dense<9> : tensor<!t>
  %0 = uop.window %c axes [1] sizes [2] : tensor<2x3x!t> -> tensor<2x2x2x!t>
  return %0 : tensor<2x2x2x!t>
}

// -----

// RULES: fold-movement
// TYPES: i8 ui32
func.func @f() -> tensor<2x6x!t> {
  %c = uop.const dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3x!t>
  %v = uop.const dense<9> : tensor<!t>
  %0 = uop.concat %c, %c axis 1 : tensor<2x3x!t>, tensor<2x3x!t> -> tensor<2x6x!t>
  return %0 : tensor<2x6x!t>
}

// -----

// RULES: empty-movement
// TYPES: i8 f32 bool
func.func @f(%x: tensor<0x3x!t>) -> tensor<3x0x!t> {
  %0 = uop.permute %x [1, 0] : tensor<0x3x!t> -> tensor<3x0x!t>
  return %0 : tensor<3x0x!t>
}

// -----

// RULES: empty-elementwise
// TYPES: i8 f32
func.func @f(%x: tensor<0x3x!t>, %y: tensor<0x3x!t>) -> tensor<0x3x!t> {
  %0 = uop.sub %x, %y : tensor<0x3x!t>
  return %0 : tensor<0x3x!t>
}

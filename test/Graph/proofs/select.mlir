// Operations and choices change places. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: where-of-same
// TYPES: float
func.func @f(%x: !T, %y: !T, %c: !B) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %y, %a : !T
  %2 = uop.where %c, %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: where-of-same
// TYPES: int float
func.func @f(%x: !T, %y: !T, %c: !B) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.where %c, %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: where-of-same
// TYPES: int float
func.func @f(%x: !T, %y: !T, %z: !T, %c: !B) -> !T {
  %0 = uop.add %x, %z : !T
  %1 = uop.add %x, %y : !T
  %2 = uop.where %c, %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: where-of-same
// TYPES: bool int float
func.func @f(%x: !T, %y: !T, %c: !B, %d: !B, %e: !B) -> !T {
  %0 = uop.where %d, %x, %y : !T
  %1 = uop.where %e, %x, %y : !T
  %2 = uop.where %c, %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: where-of-same
// TYPES: int f16 f64 f8E5M2
func.func @f(%x: !T, %y: !T, %c: !B) -> tensor<65536xf32> {
  %0 = uop.cast %x : !T -> tensor<65536xf32>
  %1 = uop.cast %y : !T -> tensor<65536xf32>
  %2 = uop.where %c, %0, %1 : tensor<65536xf32>
  return %2 : tensor<65536xf32>
}

// -----

// RULES: op-of-constant-where
// TYPES: float
func.func @f(%c: !B) -> !T {
  %a = uop.const dense<3.0> : !T
  %b = uop.const dense<-0.5> : !T
  %d = uop.const dense<7.0> : !T
  %0 = uop.where %c, %a, %b : !T
  %1 = uop.fdiv %d, %0 : !T
  return %1 : !T
}

// -----

// RULES: op-of-constant-where
// TYPES: int
func.func @f(%c: !B) -> !T {
  %a = uop.const dense<3> : !T
  %b = uop.const dense<5> : !T
  %d = uop.const dense<7> : !T
  %0 = uop.where %c, %a, %b : !T
  %1 = uop.floormod %d, %0 : !T
  return %1 : !T
}

// -----

// RULES: op-of-constant-where
// TYPES: float
func.func @f(%c: !B) -> !B {
  %a = uop.const dense<1.0> : !T
  %b = uop.const dense<0.0> : !T
  %0 = uop.where %c, %a, %b : !T
  %1 = uop.cast %0 : !T -> !B
  return %1 : !B
}

// -----

// RULES: op-of-constant-where
// TYPES: float
func.func @f(%c: !B) -> !B {
  %a = uop.const dense<1.0> : !T
  %b = uop.const dense<-2.0> : !T
  %0 = uop.where %c, %a, %b : !T
  %1 = uop.cmplt %0, %a : !T
  return %1 : !B
}

// -----

// RULES: where-or
// TYPES: bool int float
func.func @f(%x: !T, %y: !T, %c: !B, %d: !B) -> !T {
  %0 = uop.where %d, %x, %y : !T
  %1 = uop.where %c, %x, %0 : !T
  return %1 : !T
}

// -----

// RULES: extreme-of-neg
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.max %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-scaled
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<0.75> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %y, %a : !T
  %2 = uop.max %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-scaled
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<-0.5> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %y, %a : !T
  %2 = uop.max %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %y, %a : !T
  %2 = uop.max %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<-1.0e+04> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %y, %a : !T
  %2 = uop.max %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-shifted
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.add %x, %a : !T
  %1 = uop.add %y, %a : !T
  %2 = uop.max %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-shifted
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<-0.125> : !T
  %0 = uop.add %x, %a : !T
  %1 = uop.add %y, %a : !T
  %2 = uop.max %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-shifted
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<0.0> : !T
  %0 = uop.add %x, %a : !T
  %1 = uop.add %y, %a : !T
  %2 = uop.max %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: reduce-extreme-of-neg
// TYPES: float
func.func @f(%x: !T) -> tensor<256x!t> {
  %0 = uop.reshape %x : !T -> tensor<256x256x!t>
  %1 = uop.neg %0 : tensor<256x256x!t>
  %2 = uop.reduce max %1 axes [0] : (tensor<256x256x!t>) -> tensor<256x!t>
  return %2 : tensor<256x!t>
}

// -----

// RULES: reduce-extreme-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> tensor<256x!t> {
  %0 = uop.reshape %x : !T -> tensor<256x256x!t>
  %a = uop.const dense<0.75> : tensor<256x256x!t>
  %1 = uop.mul %0, %a : tensor<256x256x!t>
  %2 = uop.reduce max %1 axes [0] : (tensor<256x256x!t>) -> tensor<256x!t>
  return %2 : tensor<256x!t>
}

// -----

// RULES: reduce-extreme-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> tensor<256x!t> {
  %0 = uop.reshape %x : !T -> tensor<256x256x!t>
  %a = uop.const dense<-3.0> : tensor<256x256x!t>
  %1 = uop.mul %0, %a : tensor<256x256x!t>
  %2 = uop.reduce max %1 axes [0] : (tensor<256x256x!t>) -> tensor<256x!t>
  return %2 : tensor<256x!t>
}

// -----

// RULES: extreme-of-neg
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.min %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-scaled
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<0.75> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %y, %a : !T
  %2 = uop.min %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-scaled
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<-0.5> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %y, %a : !T
  %2 = uop.min %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %y, %a : !T
  %2 = uop.min %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<-1.0e+04> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %y, %a : !T
  %2 = uop.min %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-shifted
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.add %x, %a : !T
  %1 = uop.add %y, %a : !T
  %2 = uop.min %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-shifted
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<-0.125> : !T
  %0 = uop.add %x, %a : !T
  %1 = uop.add %y, %a : !T
  %2 = uop.min %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: extreme-of-shifted
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<0.0> : !T
  %0 = uop.add %x, %a : !T
  %1 = uop.add %y, %a : !T
  %2 = uop.min %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: reduce-extreme-of-neg
// TYPES: float
func.func @f(%x: !T) -> tensor<256x!t> {
  %0 = uop.reshape %x : !T -> tensor<256x256x!t>
  %1 = uop.neg %0 : tensor<256x256x!t>
  %2 = uop.reduce min %1 axes [0] : (tensor<256x256x!t>) -> tensor<256x!t>
  return %2 : tensor<256x!t>
}

// -----

// RULES: reduce-extreme-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> tensor<256x!t> {
  %0 = uop.reshape %x : !T -> tensor<256x256x!t>
  %a = uop.const dense<0.75> : tensor<256x256x!t>
  %1 = uop.mul %0, %a : tensor<256x256x!t>
  %2 = uop.reduce min %1 axes [0] : (tensor<256x256x!t>) -> tensor<256x!t>
  return %2 : tensor<256x!t>
}

// -----

// RULES: reduce-extreme-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> tensor<256x!t> {
  %0 = uop.reshape %x : !T -> tensor<256x256x!t>
  %a = uop.const dense<-3.0> : tensor<256x256x!t>
  %1 = uop.mul %0, %a : tensor<256x256x!t>
  %2 = uop.reduce min %1 axes [0] : (tensor<256x256x!t>) -> tensor<256x!t>
  return %2 : tensor<256x!t>
}

// -----

// RULES: compare-of-neg
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !B {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.cmplt %0, %1 : !T
  return %2 : !B
}

// -----

// RULES: compare-of-neg
// TYPES: float
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<3.0> : !T
  %0 = uop.neg %x : !T
  %2 = uop.cmplt %0, %a : !T
  return %2 : !B
}

// -----

// RULES: compare-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<8.0> : !T
  %b = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.cmplt %0, %b : !T
  return %1 : !B
}

// -----

// RULES: compare-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<2.0> : !T
  %b = uop.const dense<-0.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.cmplt %b, %0 : !T
  return %1 : !B
}

// -----

// RULES: compare-of-neg
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !B {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.cmple %0, %1 : !T
  return %2 : !B
}

// -----

// RULES: compare-of-neg
// TYPES: float
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<3.0> : !T
  %0 = uop.neg %x : !T
  %2 = uop.cmple %0, %a : !T
  return %2 : !B
}

// -----

// RULES: compare-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<8.0> : !T
  %b = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.cmple %0, %b : !T
  return %1 : !B
}

// -----

// RULES: compare-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<2.0> : !T
  %b = uop.const dense<-0.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.cmple %b, %0 : !T
  return %1 : !B
}

// -----

// RULES: compare-of-neg
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !B {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.cmpeq %0, %1 : !T
  return %2 : !B
}

// -----

// RULES: compare-of-neg
// TYPES: float
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<3.0> : !T
  %0 = uop.neg %x : !T
  %2 = uop.cmpeq %0, %a : !T
  return %2 : !B
}

// -----

// RULES: compare-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<8.0> : !T
  %b = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.cmpeq %0, %b : !T
  return %1 : !B
}

// -----

// RULES: compare-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<2.0> : !T
  %b = uop.const dense<-0.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.cmpeq %b, %0 : !T
  return %1 : !B
}

// -----

// RULES: compare-of-neg
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !B {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.cmpne %0, %1 : !T
  return %2 : !B
}

// -----

// RULES: compare-of-neg
// TYPES: float
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<3.0> : !T
  %0 = uop.neg %x : !T
  %2 = uop.cmpne %0, %a : !T
  return %2 : !B
}

// -----

// RULES: compare-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<8.0> : !T
  %b = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.cmpne %0, %b : !T
  return %1 : !B
}

// -----

// RULES: compare-of-scaled
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> !B {
  %a = uop.const dense<2.0> : !T
  %b = uop.const dense<-0.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.cmpne %b, %0 : !T
  return %1 : !B
}

// Float functions; fast-math. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.trunc %x : !T
  %1 = uop.trunc %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.round %x : !T
  %1 = uop.trunc %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: tensor<65536xi8>) -> !T {
  %0 = uop.cast %x : tensor<65536xi8> -> !T
  %1 = uop.trunc %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.trunc %x : !T
  %1 = uop.floor %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.round %x : !T
  %1 = uop.floor %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: tensor<65536xi8>) -> !T {
  %0 = uop.cast %x : tensor<65536xi8> -> !T
  %1 = uop.floor %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.trunc %x : !T
  %1 = uop.ceil %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.round %x : !T
  %1 = uop.ceil %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: tensor<65536xi8>) -> !T {
  %0 = uop.cast %x : tensor<65536xi8> -> !T
  %1 = uop.ceil %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.trunc %x : !T
  %1 = uop.round %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.round %x : !T
  %1 = uop.round %0 : !T
  return %1 : !T
}

// -----

// RULES: round-of-integer
// TYPES: float
func.func @f(%x: tensor<65536xi8>) -> !T {
  %0 = uop.cast %x : tensor<65536xi8> -> !T
  %1 = uop.round %0 : !T
  return %1 : !T
}

// -----

// RULES: one-fdiv
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1.0> : !T
  %0 = uop.fdiv %c, %x : !T
  return %0 : !T
}

// -----

// RULES: fma-one
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<1.0> : !T
  %0 = uop.fma %x, %c, %y : !T
  return %0 : !T
}

// -----

// RULES: fma-one
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<1.0> : !T
  %0 = uop.fma %c, %x, %y : !T
  return %0 : !T
}

// -----

// RULES: fma-zero
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<-0.0> : !T
  %0 = uop.fma %x, %y, %c : !T
  return %0 : !T
}

// -----

// RULES: fma-neg-neg
// TYPES: float
func.func @f(%x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.fma %0, %1, %z : !T
  return %2 : !T
}

// -----

// RULES: fast-reciprocal-reciprocal
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %0 = uop.reciprocal %x : !T
  %1 = uop.reciprocal %0 : !T
  return %1 : !T
}

// -----

// RULES: fast-add-zero
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0.0> : !T
  %0 = uop.add %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fast-sub-self
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %0 = uop.sub %x, %x : !T
  return %0 : !T
}

// -----

// RULES: fast-mul-zero
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0.0> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fast-pow
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2.0> : !T
  %0 = uop.pow %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fast-pow
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0.5> : !T
  %0 = uop.pow %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fast-pow
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1.0> : !T
  %0 = uop.pow %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fast-log2-exp2
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %0 = uop.exp2 %x : !T
  %1 = uop.log2 %0 : !T
  return %1 : !T
}

// -----

// RULES: fast-log-exp
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %0 = uop.exp %x : !T
  %1 = uop.log %0 : !T
  return %1 : !T
}

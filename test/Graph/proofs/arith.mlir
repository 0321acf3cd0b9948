// Identities of +, -, *, neg, max, min, shifts, pow. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: add-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.add %x, %c : !T
  return %0 : !T
}

// -----

// RULES: add-zero
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-0.0> : !T
  %0 = uop.add %x, %c : !T
  return %0 : !T
}

// -----

// RULES: sub-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.sub %x, %c : !T
  return %0 : !T
}

// -----

// RULES: sub-zero
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0.0> : !T
  %0 = uop.sub %x, %c : !T
  return %0 : !T
}

// -----

// RULES: sub-self
// TYPES: int
func.func @f(%x: !T) -> !T {
  %0 = uop.sub %x, %x : !T
  return %0 : !T
}

// -----

// RULES: mul-one
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mul-one
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1.0> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mul-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mul-minus-one
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mul-minus-one
// TYPES: unsigned8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<255> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mul-minus-one
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1.0> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: shift-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.shl %x, %c : !T
  return %0 : !T
}

// -----

// RULES: shift-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.shl %c, %x : !T
  return %0 : !T
}

// -----

// RULES: shift-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.shr %x, %c : !T
  return %0 : !T
}

// -----

// RULES: shift-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.shr %c, %x : !T
  return %0 : !T
}

// -----

// RULES: shl-too-far
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<64> : !T
  %0 = uop.shl %x, %c : !T
  return %0 : !T
}

// -----

// RULES: shl-too-far
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1> : !T
  %0 = uop.shl %x, %c : !T
  return %0 : !T
}

// -----

// RULES: shr-too-far
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<64> : !T
  %0 = uop.shr %x, %c : !T
  return %0 : !T
}

// -----

// RULES: shr-too-far
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-3> : !T
  %0 = uop.shr %x, %c : !T
  return %0 : !T
}

// -----

// RULES: neg-neg
// TYPES: int float
func.func @f(%x: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.neg %0 : !T
  return %1 : !T
}

// -----

// RULES: neg-sub
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.sub %x, %y : !T
  %1 = uop.neg %0 : !T
  return %1 : !T
}

// -----

// RULES: add-neg
// TYPES: int float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %y : !T
  %1 = uop.add %x, %0 : !T
  return %1 : !T
}

// -----

// RULES: add-neg
// TYPES: int float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.add %0, %y : !T
  return %1 : !T
}

// -----

// RULES: sub-neg
// TYPES: int float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %y : !T
  %1 = uop.sub %x, %0 : !T
  return %1 : !T
}

// -----

// RULES: zero-sub
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.sub %c, %x : !T
  return %0 : !T
}

// -----

// RULES: zero-sub
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-0.0> : !T
  %0 = uop.sub %c, %x : !T
  return %0 : !T
}

// -----

// RULES: mul-neg-neg
// TYPES: int float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.mul %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: fdiv-neg-neg
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.neg %y : !T
  %2 = uop.fdiv %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: sub-of-add
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.add %x, %y : !T
  %1 = uop.sub %0, %y : !T
  return %1 : !T
}

// -----

// RULES: sub-of-add
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.add %x, %y : !T
  %1 = uop.sub %0, %x : !T
  return %1 : !T
}

// -----

// RULES: add-of-sub
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.sub %x, %y : !T
  %1 = uop.add %y, %0 : !T
  return %1 : !T
}

// -----

// RULES: extreme-self
// TYPES: int float
func.func @f(%x: !T) -> !T {
  %0 = uop.max %x, %x : !T
  return %0 : !T
}

// -----

// RULES: extreme-nested
// TYPES: int float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.max %x, %y : !T
  %1 = uop.max %0, %x : !T
  return %1 : !T
}

// -----

// RULES: extreme-self
// TYPES: int float
func.func @f(%x: !T) -> !T {
  %0 = uop.min %x, %x : !T
  return %0 : !T
}

// -----

// RULES: extreme-nested
// TYPES: int float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.min %x, %y : !T
  %1 = uop.min %0, %x : !T
  return %1 : !T
}

// -----

// RULES: extreme-infinity
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0xFF800000> : !T
  %0 = uop.max %x, %c : !T
  return %0 : !T
}

// -----

// RULES: extreme-infinity
// TYPES: f32
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0x7F800000> : !T
  %0 = uop.min %x, %c : !T
  return %0 : !T
}

// -----

// RULES: extreme-range
// TYPES: i8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-128> : !T
  %0 = uop.max %x, %c : !T
  return %0 : !T
}

// -----

// RULES: extreme-range
// TYPES: ui8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<255> : !T
  %0 = uop.min %x, %c : !T
  return %0 : !T
}

// -----

// RULES: extreme-range
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.min %x, %c : !T
  %1 = uop.max %0, %d : !T
  return %1 : !T
}

// -----

// RULES: extreme-range
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.min %x, %c : !T
  %1 = uop.min %0, %d : !T
  return %1 : !T
}

// -----

// RULES: max-min-absorb
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.min %x, %y : !T
  %1 = uop.max %0, %x : !T
  return %1 : !T
}

// -----

// RULES: min-max-absorb
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.max %x, %y : !T
  %1 = uop.min %y, %0 : !T
  return %1 : !T
}

// -----

// RULES: pow-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.pow %x, %c : !T
  return %0 : !T
}

// -----

// RULES: pow-zero
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0.0> : !T
  %0 = uop.pow %x, %c : !T
  return %0 : !T
}

// -----

// RULES: pow-zero
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-0.0> : !T
  %0 = uop.pow %x, %c : !T
  return %0 : !T
}

// -----

// RULES: pow-one
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1> : !T
  %0 = uop.pow %x, %c : !T
  return %0 : !T
}

// -----

// RULES: pow-one
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1.0> : !T
  %0 = uop.pow %x, %c : !T
  return %0 : !T
}

// -----

// RULES: one-pow
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1> : !T
  %0 = uop.pow %c, %x : !T
  return %0 : !T
}

// -----

// RULES: one-pow
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1.0> : !T
  %0 = uop.pow %c, %x : !T
  return %0 : !T
}

// -----

// RULES: int-pow-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2> : !T
  %0 = uop.pow %x, %c : !T
  return %0 : !T
}

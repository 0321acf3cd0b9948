// Constants to the right, combined, outward. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: combine-constants
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<77> : !T
  %0 = uop.add %x, %c : !T
  %1 = uop.add %0, %d : !T
  return %1 : !T
}

// -----

// RULES: constant-outward
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<100> : !T
  %0 = uop.add %x, %c : !T
  %1 = uop.add %0, %y : !T
  return %1 : !T
}

// -----

// RULES: constant-outward
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<100> : !T
  %0 = uop.add %x, %c : !T
  %1 = uop.add %y, %0 : !T
  return %1 : !T
}

// -----

// RULES: combine-constants
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<39> : !T
  %0 = uop.mul %x, %c : !T
  %1 = uop.mul %0, %d : !T
  return %1 : !T
}

// -----

// RULES: constant-outward
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<7> : !T
  %0 = uop.mul %x, %c : !T
  %1 = uop.mul %0, %y : !T
  return %1 : !T
}

// -----

// RULES: constant-outward
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<7> : !T
  %0 = uop.mul %x, %c : !T
  %1 = uop.mul %y, %0 : !T
  return %1 : !T
}

// -----

// RULES: combine-exact-constants
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<5> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.max %x, %c : !T
  %1 = uop.max %0, %d : !T
  return %1 : !T
}

// -----

// RULES: combine-exact-constants
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<9> : !T
  %d = uop.const dense<5> : !T
  %0 = uop.min %x, %c : !T
  %1 = uop.min %0, %d : !T
  return %1 : !T
}

// -----

// RULES: combine-exact-constants
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<12> : !T
  %d = uop.const dense<10> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.and %0, %d : !T
  return %1 : !T
}

// -----

// RULES: combine-exact-constants
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<12> : !T
  %d = uop.const dense<10> : !T
  %0 = uop.or %x, %c : !T
  %1 = uop.or %0, %d : !T
  return %1 : !T
}

// -----

// RULES: combine-exact-constants
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<12> : !T
  %d = uop.const dense<10> : !T
  %0 = uop.xor %x, %c : !T
  %1 = uop.xor %0, %d : !T
  return %1 : !T
}

// -----

// RULES: combine-exact-constants
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-0.0> : !T
  %d = uop.const dense<1.5> : !T
  %0 = uop.max %x, %c : !T
  %1 = uop.max %0, %d : !T
  return %1 : !T
}

// -----

// RULES: combine-exact-constants
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-0.0> : !T
  %d = uop.const dense<1.5> : !T
  %0 = uop.min %x, %c : !T
  %1 = uop.min %0, %d : !T
  return %1 : !T
}

// -----

// RULES: sub-constant
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<5> : !T
  %0 = uop.sub %x, %c : !T
  return %0 : !T
}

// -----

// RULES: sub-constant
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1.5> : !T
  %0 = uop.sub %x, %c : !T
  return %0 : !T
}

// -----

// RULES: constant-sub-of-add
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<30> : !T
  %0 = uop.add %x, %d : !T
  %1 = uop.sub %c, %0 : !T
  return %1 : !T
}

// -----

// RULES: constant-sub-of-sub
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<30> : !T
  %0 = uop.sub %d, %x : !T
  %1 = uop.sub %c, %0 : !T
  return %1 : !T
}

// -----

// RULES: add-constant-of-sub
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<30> : !T
  %0 = uop.sub %d, %x : !T
  %1 = uop.add %0, %c : !T
  return %1 : !T
}

// -----

// RULES: mul-of-neg
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<5> : !T
  %0 = uop.neg %x : !T
  %1 = uop.mul %0, %c : !T
  return %1 : !T
}

// -----

// RULES: mul-of-neg
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1.5> : !T
  %0 = uop.neg %x : !T
  %1 = uop.mul %0, %c : !T
  return %1 : !T
}

// -----

// RULES: neg-of-mul
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<5> : !T
  %0 = uop.mul %x, %c : !T
  %1 = uop.neg %0 : !T
  return %1 : !T
}

// -----

// RULES: neg-of-mul
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1.5> : !T
  %0 = uop.mul %x, %c : !T
  %1 = uop.neg %0 : !T
  return %1 : !T
}

// -----

// RULES: neg-of-add
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<5> : !T
  %0 = uop.add %x, %c : !T
  %1 = uop.neg %0 : !T
  return %1 : !T
}

// -----

// RULES: shl-shl
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2> : !T
  %d = uop.const dense<3> : !T
  %0 = uop.shl %x, %c : !T
  %1 = uop.shl %0, %d : !T
  return %1 : !T
}

// -----

// RULES: shr-shr
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2> : !T
  %d = uop.const dense<3> : !T
  %0 = uop.shr %x, %c : !T
  %1 = uop.shr %0, %d : !T
  return %1 : !T
}

// -----

// RULES: shl-shl
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<5> : !T
  %d = uop.const dense<6> : !T
  %0 = uop.shl %x, %c : !T
  %1 = uop.shl %0, %d : !T
  return %1 : !T
}

// -----

// RULES: shr-shr
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<5> : !T
  %d = uop.const dense<6> : !T
  %0 = uop.shr %x, %c : !T
  %1 = uop.shr %0, %d : !T
  return %1 : !T
}

// -----

// RULES: shl-shl
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<1> : !T
  %0 = uop.shl %x, %c : !T
  %1 = uop.shl %0, %d : !T
  return %1 : !T
}

// -----

// RULES: shr-shr
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<1> : !T
  %0 = uop.shr %x, %c : !T
  %1 = uop.shr %0, %d : !T
  return %1 : !T
}

// -----

// RULES: mul-of-shl
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2> : !T
  %d = uop.const dense<3> : !T
  %0 = uop.shl %x, %c : !T
  %1 = uop.mul %0, %d : !T
  return %1 : !T
}

// -----

// RULES: shl-of-mul
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2> : !T
  %d = uop.const dense<3> : !T
  %0 = uop.mul %x, %d : !T
  %1 = uop.shl %0, %c : !T
  return %1 : !T
}

// -----

// RULES: shl-of-shr
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<3> : !T
  %0 = uop.shr %x, %c : !T
  %1 = uop.shl %0, %c : !T
  return %1 : !T
}

// -----

// RULES: constant-right
// TYPES: int
uop.var @N in [1, 9]
func.func @f(%x: tensor<?x!t, #uop.dims<N>>) -> tensor<?x!t, #uop.dims<N>> {
  %c = uop.const dense<5> : tensor<1x!t>
  %d = uop.expand %c : tensor<1x!t> -> tensor<?x!t, #uop.dims<N>>
  %0 = uop.add %d, %x : tensor<?x!t, #uop.dims<N>>
  return %0 : tensor<?x!t, #uop.dims<N>>
}

// -----

// RULES: fast-combine-constants
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2.0> : !T
  %d = uop.const dense<1.5> : !T
  %0 = uop.add %x, %c : !T
  %1 = uop.add %0, %d : !T
  return %1 : !T
}

// -----

// RULES: fast-combine-constants
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2.0> : !T
  %d = uop.const dense<1.5> : !T
  %0 = uop.mul %x, %c : !T
  %1 = uop.mul %0, %d : !T
  return %1 : !T
}

// -----

// RULES: fast-constant-outward
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<2.0> : !T
  %0 = uop.add %x, %c : !T
  %1 = uop.add %0, %y : !T
  return %1 : !T
}

// Division, remainder, powers of two. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: div-one
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1> : !T
  %0 = uop.floordiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: div-minus-one
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1> : !T
  %0 = uop.floordiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: div-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.floordiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: div-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.floordiv %c, %x : !T
  return %0 : !T
}

// -----

// RULES: div-div
// TYPES: i8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<3> : !T
  %d = uop.const dense<5> : !T
  %0 = uop.floordiv %x, %c : !T
  %1 = uop.floordiv %0, %d : !T
  return %1 : !T
}

// -----

// RULES: div-div
// TYPES: ui8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<5> : !T
  %0 = uop.floordiv %x, %c : !T
  %1 = uop.floordiv %0, %d : !T
  return %1 : !T
}

// -----

// RULES: div-div
// TYPES: ui8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<5> : !T
  %0 = uop.floordiv %x, %c : !T
  %1 = uop.floordiv %0, %d : !T
  return %1 : !T
}

// -----

// RULES: div-small
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.floordiv %0, %d : !T
  return %1 : !T
}

// -----

// RULES: div-one
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1> : !T
  %0 = uop.cdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: div-minus-one
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1> : !T
  %0 = uop.cdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: div-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.cdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: div-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.cdiv %c, %x : !T
  return %0 : !T
}

// -----

// RULES: div-div
// TYPES: i8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<3> : !T
  %d = uop.const dense<5> : !T
  %0 = uop.cdiv %x, %c : !T
  %1 = uop.cdiv %0, %d : !T
  return %1 : !T
}

// -----

// RULES: div-div
// TYPES: ui8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<5> : !T
  %0 = uop.cdiv %x, %c : !T
  %1 = uop.cdiv %0, %d : !T
  return %1 : !T
}

// -----

// RULES: div-div
// TYPES: ui8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<5> : !T
  %0 = uop.cdiv %x, %c : !T
  %1 = uop.cdiv %0, %d : !T
  return %1 : !T
}

// -----

// RULES: div-small
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.cdiv %0, %d : !T
  return %1 : !T
}

// -----

// RULES: mod-one
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1> : !T
  %0 = uop.floormod %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mod-one
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1> : !T
  %0 = uop.floormod %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mod-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.floormod %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mod-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.floormod %c, %x : !T
  return %0 : !T
}

// -----

// RULES: mod-self
// TYPES: int
func.func @f(%x: !T) -> !T {
  %0 = uop.floormod %x, %x : !T
  return %0 : !T
}

// -----

// RULES: mod-mod
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<15> : !T
  %d = uop.const dense<5> : !T
  %0 = uop.floormod %x, %c : !T
  %1 = uop.floormod %0, %d : !T
  return %1 : !T
}

// -----

// RULES: mod-small
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.floormod %0, %d : !T
  return %1 : !T
}

// -----

// RULES: mod-one
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1> : !T
  %0 = uop.cmod %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mod-one
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1> : !T
  %0 = uop.cmod %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mod-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.cmod %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mod-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.cmod %c, %x : !T
  return %0 : !T
}

// -----

// RULES: mod-self
// TYPES: int
func.func @f(%x: !T) -> !T {
  %0 = uop.cmod %x, %x : !T
  return %0 : !T
}

// -----

// RULES: mod-mod
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<15> : !T
  %d = uop.const dense<5> : !T
  %0 = uop.cmod %x, %c : !T
  %1 = uop.cmod %0, %d : !T
  return %1 : !T
}

// -----

// RULES: mod-small
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.cmod %0, %d : !T
  return %1 : !T
}

// -----

// RULES: fdiv-one
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1.0> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-minus-one
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1.0> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: cdiv-to-floordiv
// TYPES: unsigned
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.cdiv %x, %y : !T
  return %0 : !T
}

// -----

// RULES: cmod-to-floormod
// TYPES: unsigned
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.cmod %x, %y : !T
  return %0 : !T
}

// -----

// RULES: cdiv-to-floordiv
// TYPES: i8
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<127> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.and %y, %c : !T
  %2 = uop.cdiv %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: cmod-to-floormod
// TYPES: i8
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<127> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.and %y, %c : !T
  %2 = uop.cmod %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: mul-power-of-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: floordiv-power-of-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2> : !T
  %0 = uop.floordiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: floormod-power-of-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2> : !T
  %0 = uop.floormod %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mul-power-of-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<8> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: floordiv-power-of-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<8> : !T
  %0 = uop.floordiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: floormod-power-of-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<8> : !T
  %0 = uop.floormod %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mul-power-of-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<64> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: floordiv-power-of-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<64> : !T
  %0 = uop.floordiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: floormod-power-of-two
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<64> : !T
  %0 = uop.floormod %x, %c : !T
  return %0 : !T
}

// -----

// RULES: mul-power-of-two
// TYPES: ui8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<128> : !T
  %0 = uop.mul %x, %c : !T
  return %0 : !T
}

// -----

// RULES: floordiv-power-of-two
// TYPES: ui8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<128> : !T
  %0 = uop.floordiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<2.0> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-4.0> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: float
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0.125> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fast-fdiv-constant
// TYPES: f32 f64
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<3.0> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: f32 bf16
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<5.8774717541114375e-39> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: f32 bf16
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-5.8774717541114375e-39> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: f64
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<1.1125369292536007e-308> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: f16 f8E5M2
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0.000030517578125> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: f16 f8E5M2
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<32768.0> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: f8E4M3FN
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0.00390625> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

// -----

// RULES: fdiv-power-of-two
// TYPES: f8E4M3FN
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-256.0> : !T
  %0 = uop.fdiv %x, %c : !T
  return %0 : !T
}

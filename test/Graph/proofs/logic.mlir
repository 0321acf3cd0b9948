// and, or, xor, not, where. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: logic-self
// TYPES: int bool
func.func @f(%x: !T) -> !T {
  %0 = uop.and %x, %x : !T
  return %0 : !T
}

// -----

// RULES: logic-nested
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.and %x, %y : !T
  %1 = uop.and %y, %0 : !T
  return %1 : !T
}

// -----

// RULES: logic-self
// TYPES: int bool
func.func @f(%x: !T) -> !T {
  %0 = uop.or %x, %x : !T
  return %0 : !T
}

// -----

// RULES: logic-nested
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.or %x, %y : !T
  %1 = uop.or %y, %0 : !T
  return %1 : !T
}

// -----

// RULES: xor-self
// TYPES: int bool
func.func @f(%x: !T) -> !T {
  %0 = uop.xor %x, %x : !T
  return %0 : !T
}

// -----

// RULES: and-constant
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.and %x, %c : !T
  return %0 : !T
}

// -----

// RULES: and-constant
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1> : !T
  %0 = uop.and %x, %c : !T
  return %0 : !T
}

// -----

// RULES: and-constant
// TYPES: ui8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<255> : !T
  %0 = uop.and %x, %c : !T
  return %0 : !T
}

// -----

// RULES: and-constant
// TYPES: bool
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<false> : !T
  %0 = uop.and %x, %c : !T
  return %0 : !T
}

// -----

// RULES: and-constant
// TYPES: bool
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<true> : !T
  %0 = uop.and %x, %c : !T
  return %0 : !T
}

// -----

// RULES: or-constant
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.or %x, %c : !T
  return %0 : !T
}

// -----

// RULES: or-constant
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1> : !T
  %0 = uop.or %x, %c : !T
  return %0 : !T
}

// -----

// RULES: or-constant
// TYPES: bool
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<false> : !T
  %0 = uop.or %x, %c : !T
  return %0 : !T
}

// -----

// RULES: or-constant
// TYPES: bool
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<true> : !T
  %0 = uop.or %x, %c : !T
  return %0 : !T
}

// -----

// RULES: xor-zero
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<0> : !T
  %0 = uop.xor %x, %c : !T
  return %0 : !T
}

// -----

// RULES: xor-zero
// TYPES: bool
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<false> : !T
  %0 = uop.xor %x, %c : !T
  return %0 : !T
}

// -----

// RULES: xor-ones
// TYPES: signed
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<-1> : !T
  %0 = uop.xor %x, %c : !T
  return %0 : !T
}

// -----

// RULES: xor-ones
// TYPES: ui8
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<255> : !T
  %0 = uop.xor %x, %c : !T
  return %0 : !T
}

// -----

// RULES: xor-ones
// TYPES: bool
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<true> : !T
  %0 = uop.xor %x, %c : !T
  return %0 : !T
}

// -----

// RULES: not-not
// TYPES: int bool
func.func @f(%x: !T) -> !T {
  %0 = uop.not %x : !T
  %1 = uop.not %0 : !T
  return %1 : !T
}

// -----

// RULES: and-not-self
// TYPES: int bool
func.func @f(%x: !T) -> !T {
  %0 = uop.not %x : !T
  %1 = uop.and %0, %x : !T
  return %1 : !T
}

// -----

// RULES: or-not-self
// TYPES: int bool
func.func @f(%x: !T) -> !T {
  %0 = uop.not %x : !T
  %1 = uop.or %x, %0 : !T
  return %1 : !T
}

// -----

// RULES: or-not-self
// TYPES: int bool
func.func @f(%x: !T) -> !T {
  %0 = uop.not %x : !T
  %1 = uop.xor %0, %x : !T
  return %1 : !T
}

// -----

// RULES: and-or-absorb
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.or %x, %y : !T
  %1 = uop.and %y, %0 : !T
  return %1 : !T
}

// -----

// RULES: or-and-absorb
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.and %x, %y : !T
  %1 = uop.or %0, %x : !T
  return %1 : !T
}

// -----

// RULES: xor-cancel
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.xor %x, %y : !T
  %1 = uop.xor %0, %x : !T
  return %1 : !T
}

// -----

// RULES: xor-cancel
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.xor %x, %y : !T
  %1 = uop.xor %y, %0 : !T
  return %1 : !T
}

// -----

// RULES: and-mask
// TYPES: int
func.func @f(%x: !T) -> !T {
  %c = uop.const dense<5> : !T
  %d = uop.const dense<7> : !T
  %0 = uop.floormod %x, %c : !T
  %1 = uop.and %0, %d : !T
  return %1 : !T
}

// -----

// RULES: bool-extreme
// TYPES: bool
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.max %x, %y : !T
  return %0 : !T
}

// -----

// RULES: bool-extreme
// TYPES: bool
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.min %x, %y : !T
  return %0 : !T
}

// -----

// RULES: where-constant
// TYPES: int float bool
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<true> : !B
  %0 = uop.where %c, %x, %y : !T
  return %0 : !T
}

// -----

// RULES: where-constant
// TYPES: int float bool
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.const dense<false> : !B
  %0 = uop.where %c, %x, %y : !T
  return %0 : !T
}

// -----

// RULES: where-same
// TYPES: int float bool
func.func @f(%b: !B, %x: !T) -> !T {
  %0 = uop.where %b, %x, %x : !T
  return %0 : !T
}

// -----

// RULES: where-not
// TYPES: int float bool
func.func @f(%b: !B, %x: !T, %y: !T) -> !T {
  %n = uop.not %b : !B
  %0 = uop.where %n, %x, %y : !T
  return %0 : !T
}

// -----

// RULES: where-bool
// TYPES: bool
func.func @f(%x: !T) -> !T {
  %p = uop.const dense<true> : !T
  %q = uop.const dense<false> : !T
  %0 = uop.where %x, %p, %q : !T
  return %0 : !T
}

// -----

// RULES: where-bool
// TYPES: bool
func.func @f(%x: !T) -> !T {
  %p = uop.const dense<false> : !T
  %q = uop.const dense<true> : !T
  %0 = uop.where %x, %p, %q : !T
  return %0 : !T
}

// -----

// RULES: where-bool
// TYPES: bool
func.func @f(%x: !T, %y: !T) -> !T {
  %q = uop.const dense<false> : !T
  %0 = uop.where %x, %y, %q : !T
  return %0 : !T
}

// -----

// RULES: where-bool
// TYPES: bool
func.func @f(%x: !T, %y: !T) -> !T {
  %q = uop.const dense<true> : !T
  %0 = uop.where %x, %q, %y : !T
  return %0 : !T
}

// -----

// RULES: where-nested
// TYPES: int float
func.func @f(%b: !B, %x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.where %b, %x, %y : !T
  %1 = uop.where %b, %0, %z : !T
  return %1 : !T
}

// -----

// RULES: where-nested
// TYPES: int float
func.func @f(%b: !B, %x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.where %b, %x, %y : !T
  %1 = uop.where %b, %z, %0 : !T
  return %1 : !T
}

// -----

// RULES: where-and
// TYPES: int float
func.func @f(%a: !B, %b: !B, %x: !T, %y: !T) -> !T {
  %0 = uop.where %b, %x, %y : !T
  %1 = uop.where %a, %0, %y : !T
  return %1 : !T
}

// -----

// RULES: where-extreme
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.cmplt %x, %y : !T
  %0 = uop.where %c, %x, %y : !T
  return %0 : !T
}

// -----

// RULES: where-extreme
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.cmplt %x, %y : !T
  %0 = uop.where %c, %y, %x : !T
  return %0 : !T
}

// -----

// RULES: where-extreme
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.cmple %x, %y : !T
  %0 = uop.where %c, %x, %y : !T
  return %0 : !T
}

// -----

// RULES: where-extreme
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !T {
  %c = uop.cmple %x, %y : !T
  %0 = uop.where %c, %y, %x : !T
  return %0 : !T
}

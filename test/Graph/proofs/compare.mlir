// Comparisons. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: less-self
// TYPES: int float bool
func.func @f(%x: !T) -> !B {
  %0 = uop.cmplt %x, %x : !T
  return %0 : !B
}

// -----

// RULES: equal-self
// TYPES: int bool
func.func @f(%x: !T) -> !B {
  %0 = uop.cmple %x, %x : !T
  return %0 : !B
}

// -----

// RULES: equal-self
// TYPES: int bool
func.func @f(%x: !T) -> !B {
  %0 = uop.cmpeq %x, %x : !T
  return %0 : !B
}

// -----

// RULES: unequal-self
// TYPES: int bool
func.func @f(%x: !T) -> !B {
  %0 = uop.cmpne %x, %x : !T
  return %0 : !B
}

// -----

// RULES: less-range
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.cmplt %0, %d : !T
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.cmplt %d, %0 : !T
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<7> : !T
  %0 = uop.min %x, %c : !T
  %d = uop.const dense<7> : !T
  %1 = uop.cmple %0, %d : !T
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: unsigned
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<0> : !T
  %1 = uop.cmplt %x, %d : !T
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: unsigned
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<0> : !T
  %1 = uop.cmple %d, %x : !T
  return %1 : !B
}

// -----

// RULES: cmple-constant
// TYPES: int
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<5> : !T
  %1 = uop.cmple %x, %d : !T
  return %1 : !B
}

// -----

// RULES: cmple-constant
// TYPES: int
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<5> : !T
  %1 = uop.cmple %d, %x : !T
  return %1 : !B
}

// -----

// RULES: not-less
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !B {
  %0 = uop.cmplt %x, %y : !T
  %1 = uop.not %0 : !B
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.cmple %0, %d : !T
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.cmple %d, %0 : !T
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<7> : !T
  %0 = uop.min %x, %c : !T
  %d = uop.const dense<7> : !T
  %1 = uop.cmple %0, %d : !T
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: unsigned
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<0> : !T
  %1 = uop.cmplt %x, %d : !T
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: unsigned
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<0> : !T
  %1 = uop.cmple %d, %x : !T
  return %1 : !B
}

// -----

// RULES: cmple-constant
// TYPES: int
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<5> : !T
  %1 = uop.cmple %x, %d : !T
  return %1 : !B
}

// -----

// RULES: cmple-constant
// TYPES: int
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<5> : !T
  %1 = uop.cmple %d, %x : !T
  return %1 : !B
}

// -----

// RULES: not-less
// TYPES: int bool
func.func @f(%x: !T, %y: !T) -> !B {
  %0 = uop.cmple %x, %y : !T
  %1 = uop.not %0 : !B
  return %1 : !B
}

// -----

// RULES: less-range
// TYPES: i8
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<127> : !T
  %1 = uop.cmple %x, %d : !T
  return %1 : !B
}

// -----

// RULES: cmple-constant
// TYPES: i8
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<-1> : !T
  %1 = uop.cmple %x, %d : !T
  return %1 : !B
}

// -----

// RULES: equal-range
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.cmpeq %0, %d : !T
  return %1 : !B
}

// -----

// RULES: not-equal
// TYPES: int float bool
func.func @f(%x: !T, %y: !T) -> !B {
  %0 = uop.cmpeq %x, %y : !T
  %1 = uop.not %0 : !B
  return %1 : !B
}

// -----

// RULES: bool-equal-constant
// TYPES: bool
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<true> : !T
  %1 = uop.cmpeq %x, %d : !T
  return %1 : !B
}

// -----

// RULES: bool-equal-constant
// TYPES: bool
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<false> : !T
  %1 = uop.cmpeq %x, %d : !T
  return %1 : !B
}

// -----

// RULES: equal-of-add
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<30> : !T
  %0 = uop.add %x, %c : !T
  %1 = uop.cmpeq %0, %d : !T
  return %1 : !B
}

// -----

// RULES: equal-of-xor
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<30> : !T
  %0 = uop.xor %x, %c : !T
  %1 = uop.cmpeq %0, %d : !T
  return %1 : !B
}

// -----

// RULES: equal-of-sub
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !B {
  %d = uop.const dense<0> : !T
  %0 = uop.sub %x, %y : !T
  %1 = uop.cmpeq %0, %d : !T
  return %1 : !B
}

// -----

// RULES: constant-right
// TYPES: int
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<3> : !T
  %1 = uop.cmpeq %d, %x : !T
  return %1 : !B
}

// -----

// RULES: equal-range
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<7> : !T
  %d = uop.const dense<9> : !T
  %0 = uop.and %x, %c : !T
  %1 = uop.cmpne %0, %d : !T
  return %1 : !B
}

// -----

// RULES: not-equal
// TYPES: int float bool
func.func @f(%x: !T, %y: !T) -> !B {
  %0 = uop.cmpne %x, %y : !T
  %1 = uop.not %0 : !B
  return %1 : !B
}

// -----

// RULES: bool-equal-constant
// TYPES: bool
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<true> : !T
  %1 = uop.cmpne %x, %d : !T
  return %1 : !B
}

// -----

// RULES: bool-equal-constant
// TYPES: bool
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<false> : !T
  %1 = uop.cmpne %x, %d : !T
  return %1 : !B
}

// -----

// RULES: equal-of-add
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<30> : !T
  %0 = uop.add %x, %c : !T
  %1 = uop.cmpne %0, %d : !T
  return %1 : !B
}

// -----

// RULES: equal-of-xor
// TYPES: int
func.func @f(%x: !T) -> !B {
  %c = uop.const dense<100> : !T
  %d = uop.const dense<30> : !T
  %0 = uop.xor %x, %c : !T
  %1 = uop.cmpne %0, %d : !T
  return %1 : !B
}

// -----

// RULES: equal-of-sub
// TYPES: int
func.func @f(%x: !T, %y: !T) -> !B {
  %d = uop.const dense<0> : !T
  %0 = uop.sub %x, %y : !T
  %1 = uop.cmpne %0, %d : !T
  return %1 : !B
}

// -----

// RULES: constant-right
// TYPES: int
func.func @f(%x: !T) -> !B {
  %d = uop.const dense<3> : !T
  %1 = uop.cmpne %d, %x : !T
  return %1 : !B
}

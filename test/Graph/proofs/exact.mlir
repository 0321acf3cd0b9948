// Float algebra that changes no bit. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: combine-powers-of-two
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<2.0> : !T
  %b = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<-4.0> : !T
  %b = uop.const dense<1.5> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %b = uop.const dense<2.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<-5.0> : !T
  %b = uop.const dense<-4.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<0.0> : !T
  %b = uop.const dense<2.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<0.5> : !T
  %b = uop.const dense<-0.5> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: f32 f64 f16 bf16 f8E5M2
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<2.0> : !T
  %b = uop.const dense<16384.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: f16 f8E5M2
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<16384.0> : !T
  %b = uop.const dense<2.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: f8E4M3FN
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<128.0> : !T
  %b = uop.const dense<2.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: f8E4M3FN
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<4.0> : !T
  %b = uop.const dense<112.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: combine-powers-of-two
// TYPES: f8E4M3FN
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<112.0> : !T
  %b = uop.const dense<4.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: fdiv-of-scaled
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<2.0> : !T
  %b = uop.const dense<0.75> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.fdiv %0, %b : !T
  return %1 : !T
}

// -----

// RULES: fdiv-of-scaled
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<-4.0> : !T
  %b = uop.const dense<0.375> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.fdiv %0, %b : !T
  return %1 : !T
}

// -----

// RULES: fdiv-of-scaled
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<2.0> : !T
  %b = uop.const dense<0.3125> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.fdiv %0, %b : !T
  return %1 : !T
}

// -----

// RULES: scaled-fdiv
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<7.0> : !T
  %b = uop.const dense<2.0> : !T
  %0 = uop.fdiv %a, %x : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: scaled-fdiv
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<-12.0> : !T
  %b = uop.const dense<8.0> : !T
  %0 = uop.fdiv %a, %x : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: scaled-fdiv
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<14.0> : !T
  %b = uop.const dense<-2.0> : !T
  %0 = uop.fdiv %a, %x : !T
  %1 = uop.mul %0, %b : !T
  return %1 : !T
}

// -----

// RULES: add-multiples
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.add %x, %x : !T
  return %0 : !T
}

// -----

// RULES: add-multiples
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.add %x, %x : !T
  %1 = uop.add %0, %x : !T
  return %1 : !T
}

// -----

// RULES: add-multiples
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.add %x, %x : !T
  %1 = uop.add %x, %0 : !T
  %2 = uop.add %1, %x : !T
  return %2 : !T
}

// -----

// RULES: add-multiples
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.add %0, %x : !T
  return %1 : !T
}

// -----

// RULES: add-multiples
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.add %x, %0 : !T
  return %1 : !T
}

// -----

// RULES: add-multiples
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<8.0> : !T
  %b = uop.const dense<2.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %x, %b : !T
  %2 = uop.add %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: add-multiples
// TYPES: f8E4M3FN
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<256.0> : !T
  %b = uop.const dense<128.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %x, %b : !T
  %2 = uop.add %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: add-multiples
// TYPES: f8E5M2 f16
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<32768.0> : !T
  %b = uop.const dense<16384.0> : !T
  %0 = uop.mul %x, %a : !T
  %1 = uop.mul %x, %b : !T
  %2 = uop.add %0, %1 : !T
  return %2 : !T
}

// -----

// RULES: neg-of-fdiv
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.fdiv %x, %a : !T
  %1 = uop.neg %0 : !T
  return %1 : !T
}

// -----

// RULES: neg-of-fdiv
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.fdiv %a, %x : !T
  %1 = uop.neg %0 : !T
  return %1 : !T
}

// -----

// RULES: fdiv-of-neg
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.neg %x : !T
  %1 = uop.fdiv %0, %a : !T
  return %1 : !T
}

// -----

// RULES: fdiv-of-neg
// TYPES: float
func.func @f(%x: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.neg %x : !T
  %1 = uop.fdiv %a, %0 : !T
  return %1 : !T
}

// -----

// RULES: neg-of-reciprocal
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.reciprocal %x : !T
  %1 = uop.neg %0 : !T
  return %1 : !T
}

// -----

// RULES: reciprocal-of-neg
// TYPES: float
func.func @f(%x: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.reciprocal %0 : !T
  return %1 : !T
}

// -----

// RULES: fma-of-neg
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.neg %x : !T
  %1 = uop.fma %0, %a, %y : !T
  return %1 : !T
}

// -----

// RULES: fma-of-neg
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %a = uop.const dense<3.0> : !T
  %0 = uop.neg %x : !T
  %1 = uop.fma %a, %0, %y : !T
  return %1 : !T
}

// -----

// RULES: add-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.mul %0, %y : !T
  %2 = uop.add %z, %1 : !T
  return %2 : !T
}

// -----

// RULES: sub-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.mul %0, %y : !T
  %2 = uop.sub %z, %1 : !T
  return %2 : !T
}

// -----

// RULES: neg-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.mul %0, %y : !T
  %2 = uop.neg %1 : !T
  return %2 : !T
}

// -----

// RULES: add-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.mul %y, %0 : !T
  %2 = uop.add %1, %z : !T
  return %2 : !T
}

// -----

// RULES: sub-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.mul %y, %0 : !T
  %2 = uop.sub %z, %1 : !T
  return %2 : !T
}

// -----

// RULES: neg-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.mul %y, %0 : !T
  %2 = uop.neg %1 : !T
  return %2 : !T
}

// -----

// RULES: add-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.fdiv %0, %y : !T
  %2 = uop.add %z, %1 : !T
  return %2 : !T
}

// -----

// RULES: sub-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.fdiv %0, %y : !T
  %2 = uop.sub %z, %1 : !T
  return %2 : !T
}

// -----

// RULES: neg-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.fdiv %0, %y : !T
  %2 = uop.neg %1 : !T
  return %2 : !T
}

// -----

// RULES: add-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.fdiv %y, %0 : !T
  %2 = uop.add %1, %z : !T
  return %2 : !T
}

// -----

// RULES: sub-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T, %z: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.fdiv %y, %0 : !T
  %2 = uop.sub %z, %1 : !T
  return %2 : !T
}

// -----

// RULES: neg-neg-factor
// TYPES: float
func.func @f(%x: !T, %y: !T) -> !T {
  %0 = uop.neg %x : !T
  %1 = uop.fdiv %y, %0 : !T
  %2 = uop.neg %1 : !T
  return %2 : !T
}

// cast and bitcast. Run by SimplifyProofTest: !T is a vector of TYPES, !S its scalar, !B of i1.

// RULES: cast-same
// TYPES: i8
func.func @f(%x: tensor<65536xi8>) -> tensor<65536xi8> {
  %0 = uop.cast %x : tensor<65536xi8> -> tensor<65536xi8>
  return %0 : tensor<65536xi8>
}

// -----

// RULES: cast-same
// TYPES: i8
func.func @f(%x: tensor<65536xf32>) -> tensor<65536xf32> {
  %0 = uop.cast %x : tensor<65536xf32> -> tensor<65536xf32>
  return %0 : tensor<65536xf32>
}

// -----

// RULES: cast-same
// TYPES: i8
func.func @f(%x: tensor<65536xf32>) -> tensor<65536xf32> {
  %0 = uop.bitcast %x : tensor<65536xf32> -> tensor<65536xf32>
  return %0 : tensor<65536xf32>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi8>) -> tensor<65536xi64> {
  %0 = uop.cast %x : tensor<65536xi8> -> tensor<65536xi32>
  %1 = uop.cast %0 : tensor<65536xi32> -> tensor<65536xi64>
  return %1 : tensor<65536xi64>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xui8>) -> tensor<65536xf32> {
  %0 = uop.cast %x : tensor<65536xui8> -> tensor<65536xi16>
  %1 = uop.cast %0 : tensor<65536xi16> -> tensor<65536xf32>
  return %1 : tensor<65536xf32>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi8>) -> tensor<65536xf64> {
  %0 = uop.cast %x : tensor<65536xi8> -> tensor<65536xf32>
  %1 = uop.cast %0 : tensor<65536xf32> -> tensor<65536xf64>
  return %1 : tensor<65536xf64>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi8>) -> tensor<65536xf32> {
  %0 = uop.cast %x : tensor<65536xi8> -> tensor<65536xf16>
  %1 = uop.cast %0 : tensor<65536xf16> -> tensor<65536xf32>
  return %1 : tensor<65536xf32>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi8>) -> tensor<65536xui8> {
  %0 = uop.cast %x : tensor<65536xi8> -> tensor<65536xi32>
  %1 = uop.cast %0 : tensor<65536xi32> -> tensor<65536xui8>
  return %1 : tensor<65536xui8>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xui8>) -> tensor<65536xi8> {
  %0 = uop.cast %x : tensor<65536xui8> -> tensor<65536xi32>
  %1 = uop.cast %0 : tensor<65536xi32> -> tensor<65536xi8>
  return %1 : tensor<65536xi8>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi8>) -> tensor<65536xi16> {
  %0 = uop.cast %x : tensor<65536xi8> -> tensor<65536xui32>
  %1 = uop.cast %0 : tensor<65536xui32> -> tensor<65536xi16>
  return %1 : tensor<65536xi16>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi32>) -> tensor<65536xi8> {
  %0 = uop.cast %x : tensor<65536xi32> -> tensor<65536xui16>
  %1 = uop.cast %0 : tensor<65536xui16> -> tensor<65536xi8>
  return %1 : tensor<65536xi8>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi1>) -> tensor<65536xf32> {
  %0 = uop.cast %x : tensor<65536xi1> -> tensor<65536xi8>
  %1 = uop.cast %0 : tensor<65536xi8> -> tensor<65536xf32>
  return %1 : tensor<65536xf32>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi1>) -> tensor<65536xi8> {
  %0 = uop.cast %x : tensor<65536xi1> -> tensor<65536xf32>
  %1 = uop.cast %0 : tensor<65536xf32> -> tensor<65536xi8>
  return %1 : tensor<65536xi8>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi8>) -> tensor<65536xi16> {
  %0 = uop.cast %x : tensor<65536xi8> -> tensor<65536xf32>
  %1 = uop.cast %0 : tensor<65536xf32> -> tensor<65536xi16>
  return %1 : tensor<65536xi16>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xf16>) -> tensor<65536xi8> {
  %0 = uop.cast %x : tensor<65536xf16> -> tensor<65536xf32>
  %1 = uop.cast %0 : tensor<65536xf32> -> tensor<65536xi8>
  return %1 : tensor<65536xi8>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xf16>) -> tensor<65536xbf16> {
  %0 = uop.cast %x : tensor<65536xf16> -> tensor<65536xf64>
  %1 = uop.cast %0 : tensor<65536xf64> -> tensor<65536xbf16>
  return %1 : tensor<65536xbf16>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xbf16>) -> tensor<65536xf16> {
  %0 = uop.cast %x : tensor<65536xbf16> -> tensor<65536xf32>
  %1 = uop.cast %0 : tensor<65536xf32> -> tensor<65536xf16>
  return %1 : tensor<65536xf16>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xf8E4M3FN>) -> tensor<65536xi8> {
  %0 = uop.cast %x : tensor<65536xf8E4M3FN> -> tensor<65536xf32>
  %1 = uop.cast %0 : tensor<65536xf32> -> tensor<65536xi8>
  return %1 : tensor<65536xi8>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xf8E5M2>) -> tensor<65536xf64> {
  %0 = uop.cast %x : tensor<65536xf8E5M2> -> tensor<65536xf16>
  %1 = uop.cast %0 : tensor<65536xf16> -> tensor<65536xf64>
  return %1 : tensor<65536xf64>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xf32>) -> tensor<65536xi32> {
  %0 = uop.cast %x : tensor<65536xf32> -> tensor<65536xf64>
  %1 = uop.cast %0 : tensor<65536xf64> -> tensor<65536xi32>
  return %1 : tensor<65536xi32>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi8>) -> tensor<65536xi1> {
  %0 = uop.cast %x : tensor<65536xi8> -> tensor<65536xi32>
  %1 = uop.cast %0 : tensor<65536xi32> -> tensor<65536xi1>
  return %1 : tensor<65536xi1>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xui8>) -> tensor<65536xi1> {
  %0 = uop.cast %x : tensor<65536xui8> -> tensor<65536xf32>
  %1 = uop.cast %0 : tensor<65536xf32> -> tensor<65536xi1>
  return %1 : tensor<65536xi1>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xf16>) -> tensor<65536xi1> {
  %0 = uop.cast %x : tensor<65536xf16> -> tensor<65536xf32>
  %1 = uop.cast %0 : tensor<65536xf32> -> tensor<65536xi1>
  return %1 : tensor<65536xi1>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi1>) -> tensor<65536xi1> {
  %0 = uop.cast %x : tensor<65536xi1> -> tensor<65536xi32>
  %1 = uop.cast %0 : tensor<65536xi32> -> tensor<65536xi1>
  return %1 : tensor<65536xi1>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi32>) -> tensor<65536xf32> {
  %0 = uop.cast %x : tensor<65536xi32> -> tensor<65536xf64>
  %1 = uop.cast %0 : tensor<65536xf64> -> tensor<65536xf32>
  return %1 : tensor<65536xf32>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xui8>) -> tensor<65536xf8E5M2> {
  %0 = uop.cast %x : tensor<65536xui8> -> tensor<65536xbf16>
  %1 = uop.cast %0 : tensor<65536xbf16> -> tensor<65536xf8E5M2>
  return %1 : tensor<65536xf8E5M2>
}

// -----

// RULES: cast-cast
// TYPES: i8
func.func @f(%x: tensor<65536xi8>) -> tensor<65536xui32> {
  %0 = uop.cast %x : tensor<65536xi8> -> tensor<65536xi16>
  %1 = uop.cast %0 : tensor<65536xi16> -> tensor<65536xui32>
  return %1 : tensor<65536xui32>
}

// -----

// RULES: bitcast-bitcast
// TYPES: i8
func.func @f(%x: tensor<65536xf32>) -> tensor<65536xui32> {
  %0 = uop.bitcast %x : tensor<65536xf32> -> tensor<65536xi32>
  %1 = uop.bitcast %0 : tensor<65536xi32> -> tensor<65536xui32>
  return %1 : tensor<65536xui32>
}

// -----

// RULES: bitcast-bitcast
// TYPES: i8
func.func @f(%x: tensor<65536xf16>) -> tensor<65536xf16> {
  %0 = uop.bitcast %x : tensor<65536xf16> -> tensor<65536xui16>
  %1 = uop.bitcast %0 : tensor<65536xui16> -> tensor<65536xf16>
  return %1 : tensor<65536xf16>
}

// -----

// RULES: cast-of-signedness
// TYPES: i8
func.func @f(%x: tensor<65536xi32>) -> tensor<65536xi8> {
  %0 = uop.bitcast %x : tensor<65536xi32> -> tensor<65536xui32>
  %1 = uop.cast %0 : tensor<65536xui32> -> tensor<65536xi8>
  return %1 : tensor<65536xi8>
}

// -----

// RULES: cast-of-signedness
// TYPES: i8
func.func @f(%x: tensor<65536xui8>) -> tensor<65536xui8> {
  %0 = uop.bitcast %x : tensor<65536xui8> -> tensor<65536xi8>
  %1 = uop.cast %0 : tensor<65536xi8> -> tensor<65536xui8>
  return %1 : tensor<65536xui8>
}

// -----

// RULES: cast-of-signedness
// TYPES: i8
func.func @f(%x: tensor<65536xui16>) -> tensor<65536xui8> {
  %0 = uop.bitcast %x : tensor<65536xui16> -> tensor<65536xi16>
  %1 = uop.cast %0 : tensor<65536xi16> -> tensor<65536xui8>
  return %1 : tensor<65536xui8>
}

// -----

// RULES: compare-of-bool-cast
// TYPES: int
func.func @f(%b: !B) -> !B {
  %0 = uop.cast %b : !B -> !T
  %z = uop.const dense<0> : !T
  %1 = uop.cmpne %0, %z : !T
  return %1 : !B
}

// -----

// RULES: compare-of-bool-cast
// TYPES: float
func.func @f(%b: !B) -> !B {
  %0 = uop.cast %b : !B -> !T
  %z = uop.const dense<0.0> : !T
  %1 = uop.cmpne %0, %z : !T
  return %1 : !B
}

// -----

// RULES: compare-of-bool-cast
// TYPES: int
func.func @f(%b: !B) -> !B {
  %0 = uop.cast %b : !B -> !T
  %z = uop.const dense<0> : !T
  %1 = uop.cmpeq %0, %z : !T
  return %1 : !B
}

// -----

// RULES: compare-of-bool-cast
// TYPES: float
func.func @f(%b: !B) -> !B {
  %0 = uop.cast %b : !B -> !T
  %z = uop.const dense<0.0> : !T
  %1 = uop.cmpeq %0, %z : !T
  return %1 : !B
}

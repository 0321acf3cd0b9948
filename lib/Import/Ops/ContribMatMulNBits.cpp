//===- ContribMatMulNBits.cpp - Weights of few bits, by blocks ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// The numbers of `bits` bits in bytes [..., bytes], the low bits first: ui8 [..., bytes * 8 /
/// bits].
static Value unpackBits(OnnxNode &n, Value bytes, int64_t bits) {
  if (!bytes || bits == 8)
    return bytes;
  SmallVector<DimAttr> dims = n.getDims(bytes);
  int64_t rank = dims.size(), perByte = 8 / bits;
  if (rank == 0)
    return n.fail("expected packed numbers of rank 1 or more");
  Type type = n.getElementType(bytes);
  DimAttr count = n.dim(perByte);
  SmallVector<DimAttr> split(rank, n.dim(1));
  split.push_back(count);
  Value shift = n.reshape(n.mul(n.iota(count, 0, type), n.scalarInt(bits, type)), split);
  Value numbers = n.binary<AndOp>(n.binary<ShrOp>(n.unsqueeze(bytes, rank), shift),
                                  n.scalarInt((int64_t(1) << bits) - 1, type));
  dims.back() = mulDims(dims.back(), count);
  return n.reshape(numbers, dims);
}

namespace {
/// Weights [N, K] in blocks along K.
struct BlockedWeights {
  int64_t rows, columns, bits, blockSize, blocks;

  static std::optional<BlockedWeights> read(OnnxNode &n);
  /// The zero point of every block, [N, blocks] of `type`.
  Value readZeros(OnnxNode &n, Value zeros, Type type) const;
  /// What a block's parameter [N, blocks] is for every column, [N, K].
  Value repeat(OnnxNode &n, Value parameter, Value groups) const;
};
} // namespace

std::optional<BlockedWeights> BlockedWeights::read(OnnxNode &n) {
  BlockedWeights w{n.getInt("N"), n.getInt("K"), n.getInt("bits", 4), n.getInt("block_size"), 0};
  constexpr int64_t maxSize = int64_t(1) << 31;
  if (n.hasFailed() || !requireInt(n, "weight_prepacked", 0))
    return std::nullopt;
  if (w.bits != 2 && w.bits != 4 && w.bits != 8)
    return n.fail("attribute 'bits' must be 2, 4 or 8"), std::nullopt;
  if (w.rows <= 0 || w.columns <= 0 || w.rows > maxSize || w.columns > maxSize)
    return n.fail("attributes 'N' and 'K' must be positive"), std::nullopt;
  if (w.blockSize < 16 || w.blockSize > maxSize || (w.blockSize & (w.blockSize - 1)))
    return n.fail("attribute 'block_size' must be a power of two, 16 or more"), std::nullopt;
  w.blocks = (w.columns + w.blockSize - 1) / w.blockSize;
  return w;
}

Value BlockedWeights::readZeros(OnnxNode &n, Value zeros, Type type) const {
  DimAttr row = n.dim(rows), count = n.dim(blocks);
  if (!zeros) // The middle of the range.
    return n.broadcastTo(n.scalar(static_cast<double>(int64_t(1) << (bits - 1)), type),
                         {row, count});
  if (isa<FloatType>(n.getElementType(zeros)))
    return n.cast(n.reshape(zeros, {row, count}), type);
  int64_t bytes = (blocks * bits + 7) / 8;
  zeros = unpackBits(n, n.reshape(zeros, {row, n.dim(bytes)}), bits);
  return zeros ? n.cast(n.slice(zeros, 1, n.dim(0), count), type) : Value();
}

Value BlockedWeights::repeat(OnnxNode &n, Value parameter, Value groups) const {
  if (groups)
    return n.gather(parameter, groups, 1);
  Value repeated = n.broadcastTo(n.unsqueeze(parameter, 2), n.dims({rows, blocks, blockSize}));
  repeated = n.reshape(repeated, n.dims({rows, blocks * blockSize}));
  return repeated ? n.slice(repeated, 1, n.dim(0), n.dim(columns)) : Value();
}

/// A * ((B - zero) * scale)' + bias
static void matMulNBits(OnnxNode &n) {
  Value x = n.getInput(0), packed = n.getInput(1), scales = n.getInput(2);
  auto w = BlockedWeights::read(n);
  if (!w || !x || !packed || !scales)
    return;
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  int64_t padded = w->blocks * w->blockSize;
  packed = n.reshape(packed, n.dims({w->rows, padded / 8 * w->bits}));
  Value weights = n.cast(unpackBits(n, packed, w->bits), wide);
  if (!weights)
    return;
  weights = n.slice(weights, 1, n.dim(0), n.dim(w->columns));
  // The block of every column, where they are not in order.
  Value groups = n.getOptionalInput(4);
  if (groups)
    groups = n.slice(n.cast(groups, n.getBuilder().getI64Type()), 0, n.dim(0), n.dim(w->columns));
  scales = n.cast(n.reshape(scales, n.dims({w->rows, w->blocks})), wide);
  Value zeros = w->readZeros(n, n.getOptionalInput(3), wide);
  weights = n.mul(n.sub(weights, w->repeat(n, zeros, groups)), w->repeat(n, scales, groups));
  Value result = n.matmul(n.cast(x, wide), n.transpose(weights, 0, 1));
  if (Value bias = n.getOptionalInput(5))
    result = n.add(result, n.cast(bias, wide));
  n.setOutput(0, n.cast(result, type));
}

/// What the 16 codes of 4-bit floats (type 0) and of quantiles of the normal distribution (type 1)
/// stand for, as the bitsandbytes library defines them.
static Value makeCodes(OnnxNode &n, bool isNormal) {
  static constexpr float floats[] = {
      0.0F, 0.005208333F,  0.6666667F,  1.0F,  0.33333333F,  0.5F,  0.16666667F,  0.25F,
      0.0F, -0.005208333F, -0.6666667F, -1.0F, -0.33333333F, -0.5F, -0.16666667F, -0.25F};
  static constexpr float quantiles[] = {-1.0F,        -0.6961928F,  -0.52507305F, -0.3949175F,
                                        -0.28444138F, -0.18477343F, -0.09105004F, 0.0F,
                                        0.0795803F,   0.1609302F,   0.2461123F,   0.33791524F,
                                        0.44070983F,  0.562617F,    0.72295684F,  1.0F};
  auto type = RankedTensorType::get({16}, n.getBuilder().getF32Type());
  return n.constant(
      DenseElementsAttr::get(type, isNormal ? ArrayRef(quantiles) : ArrayRef(floats)));
}

/// Weights [N, K] of 4-bit codes, flattened and in blocks, each with its largest magnitude.
static void matMulBnb4(OnnxNode &n) {
  Value x = n.getInput(0), packed = n.getInput(1), largest = n.getInput(2);
  int64_t rows = n.getInt("N"), columns = n.getInt("K"), kind = n.getInt("quant_type");
  int64_t blockSize = n.getInt("block_size");
  constexpr int64_t maxSize = int64_t(1) << 30;
  if (!x || !packed || !largest || n.hasFailed() || !requireInt(n, "transB", 1))
    return;
  if (rows <= 0 || columns <= 0 || rows > maxSize || columns > maxSize || blockSize < 16 ||
      blockSize > maxSize || kind < 0 || kind > 1)
    return (void)n.fail("attributes 'N', 'K', 'block_size' and 'quant_type' are out of range");
  int64_t count = rows * columns, bytes = (count + 1) / 2;
  int64_t blocks = (count + blockSize - 1) / blockSize;
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  // Here the first number of a byte is in the high bits.
  Value pairs = n.reshape(unpackBits(n, n.reshape(packed, n.dim(bytes)), 4), n.dims({bytes, 2}));
  Value codes = n.reshape(n.flip(pairs, 1), n.dim(2 * bytes));
  codes = n.cast(n.slice(codes, 0, n.dim(0), n.dim(count)), n.getBuilder().getI64Type());
  Value weights = n.cast(n.gather(makeCodes(n, kind == 1), codes, 0), wide);
  Value scales = n.reshape(n.cast(largest, wide), n.dims({blocks, 1}));
  scales = n.reshape(n.broadcastTo(scales, n.dims({blocks, blockSize})), n.dim(blocks * blockSize));
  weights = n.mul(weights, n.slice(scales, 0, n.dim(0), n.dim(count)));
  weights = n.reshape(weights, n.dims({rows, columns}));
  n.setOutput(0, n.cast(n.matmul(n.cast(x, wide), n.transpose(weights, 0, 1)), type));
}

/// Gather of rows that are quantized by blocks along an axis. Packed bytes hold the last axis.
static void gatherBlockQuantized(OnnxNode &n) {
  Value data = n.getInput(0), indices = n.getInput(1), scales = n.getInput(2);
  Value zeros = n.getOptionalInput(3);
  if (!data || !indices || !scales)
    return;
  auto storage = dyn_cast<IntegerType>(n.getElementType(data));
  if (!storage)
    return (void)n.fail("only integer data is supported");
  bool isPacked = storage.getWidth() == 8;
  int64_t bits = n.getInt("bits", 4), blockSize = n.getInt("block_size", 128);
  if (isPacked && bits != 2 && bits != 4 && bits != 8)
    return (void)n.fail("attribute 'bits' must be 2, 4 or 8");
  if (isPacked) {
    data = unpackBits(n, data, bits);
    zeros = unpackBits(n, zeros, bits);
  }
  if (!data || n.hasFailed())
    return;
  int64_t rank = n.getRank(data);
  int64_t gatherAxis = n.normalizeAxis(n.getInt("gather_axis", 0), rank);
  int64_t quantAxis = n.normalizeAxis(n.getInt("quantize_axis", 1), rank);
  if (n.hasFailed() || blockSize < 16)
    return (void)n.fail("attribute 'block_size' must be 16 or more");
  Type type = n.getElementType(scales), wide = n.getAccumulatorType(type);
  auto align = [&](Value parameter) {
    SmallVector<DimAttr> dims = n.getDims(parameter), have = n.getDims(data);
    if (static_cast<int64_t>(dims.size()) != rank)
      return n.fail("expected scales and zero points of the data's rank");
    // The last byte of packed zero points may not be full.
    dims[quantAxis] = ceilDivDims(have[quantAxis], n.dim(blockSize));
    parameter = n.shrink(parameter, SmallVector<DimAttr>(rank, n.dim(0)), dims);
    SmallVector<DimAttr> repeated(dims), merged(dims);
    repeated.insert(repeated.begin() + quantAxis + 1, n.dim(blockSize));
    merged[quantAxis] = mulDims(dims[quantAxis], n.dim(blockSize));
    parameter = n.reshape(n.broadcastTo(n.unsqueeze(parameter, quantAxis + 1), repeated), merged);
    return parameter ? n.slice(parameter, quantAxis, n.dim(0), have[quantAxis]) : Value();
  };
  Value y = n.cast(data, wide);
  double middle = isPacked ? static_cast<double>(int64_t(1) << (bits - 1)) : 0;
  y = n.sub(y, zeros ? align(n.cast(zeros, wide)) : n.splatLike(middle, y));
  y = n.cast(n.mul(y, align(n.cast(scales, wide))), type);
  // Negative indices count from the end; what is outside gives zeros, as gather does.
  Type i64 = n.getBuilder().getI64Type();
  indices = n.cast(indices, i64);
  Value fromEnd = n.add(indices, n.size(n.getDim(data, gatherAxis)));
  indices = n.where(n.lt(indices, n.scalarInt(0, i64)), fromEnd, indices);
  n.setOutput(0, n.gather(y, indices, gatherAxis));
}

void tg::registerContribMatMulNBits(OnnxOpRegistry &r) {
  r.add("GatherBlockQuantized", 1, gatherBlockQuantized, microsoftDomain);
  r.add("MatMulBnb4", 1, matMulBnb4, microsoftDomain);
  r.add("MatMulNBits", 1, matMulNBits, microsoftDomain);
}

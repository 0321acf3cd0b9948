//===- TapeRunner.cpp - Runs tapes over blocks ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bounded.h"
#include "Tape.h"

#include <algorithm>
#include <cstring>

using namespace tg;
using namespace tg::interp;

TapeRunner::TapeRunner(const Tape &tape)
    : tape(tape), stride(blockSize * sizeof(double) * (tape.bounded ? 2 : 1)),
      data(new char[tape.numRegisters * stride]()),
      index(new int64_t[tape.indices.size() * blockSize]), isVector(tape.indices.size()) {
  for (const TapeInstr &instr : tape.code) {
    if (instr.index >= 0 &&
        (instr.kind != TapeInstr::Kind::Load || instr.mask >= 0 || !tape.getLinearOffset(instr)))
      isVector[instr.index] = true;
    for (auto [constraint, isZero] : instr.constraints)
      isVector[constraint] = true;
  }
  for (size_t i = tape.indices.size(); i-- > 0;)
    if (isVector[i] && tape.indices[i].kind != IndexInstr::Kind::Linear)
      isVector[tape.indices[i].lhs] = isVector[tape.indices[i].rhs] = true;
}

TapeRunner::~TapeRunner() = default;

void TapeRunner::findRuns(int64_t first, size_t count) {
  runs.clear();
  size_t rank = tape.extents.size();
  if (rank == 0) {
    runs.push_back({0, count, {}});
    return;
  }
  llvm::SmallVector<int64_t, 8> position(rank);
  for (size_t axis = rank; axis-- > 0;) {
    position[axis] = first % tape.extents[axis];
    first /= tape.extents[axis];
  }
  for (size_t done = 0; done < count;) {
    size_t length = std::min<size_t>(count - done, tape.extents[rank - 1] - position[rank - 1]);
    runs.push_back({done, length, position});
    done += length;
    position[rank - 1] = 0;
    for (size_t axis = rank - 1; axis-- > 0;) {
      if (++position[axis] < tape.extents[axis])
        break;
      position[axis] = 0;
    }
  }
}

/// The value of `linear` at the start of a run.
static int64_t startOf(const IndexInstr &linear, llvm::ArrayRef<int64_t> position) {
  int64_t value = linear.constant;
  for (size_t axis = 0; axis < position.size(); ++axis)
    value += linear.coefficients[axis] * position[axis];
  return value;
}

static int64_t stepOf(const IndexInstr &linear) {
  return linear.coefficients.empty() ? 0 : linear.coefficients.back();
}

void TapeRunner::computeIndex(size_t i) {
  const IndexInstr &instr = tape.indices[i];
  int64_t *out = indexOf(i);
  if (instr.kind == IndexInstr::Kind::Linear) {
    int64_t step = stepOf(instr);
    for (const Run &run : runs) {
      int64_t start = startOf(instr, run.index);
      for (size_t j = 0; j < run.count; ++j)
        out[run.first + j] = start + int64_t(j) * step;
    }
    return;
  }
  const int64_t *lhs = indexOf(instr.lhs), *rhs = indexOf(instr.rhs);
  switch (instr.kind) {
  case IndexInstr::Kind::Add:
    for (size_t j = 0; j < count; ++j)
      out[j] = lhs[j] + rhs[j];
    return;
  case IndexInstr::Kind::Mul:
    for (size_t j = 0; j < count; ++j)
      out[j] = lhs[j] * rhs[j];
    return;
  case IndexInstr::Kind::FloorDiv:
    for (size_t j = 0; j < count; ++j) {
      int64_t quotient = lhs[j] / rhs[j];
      out[j] = quotient - (lhs[j] % rhs[j] < 0);
    }
    return;
  default:
    for (size_t j = 0; j < count; ++j) {
      int64_t remainder = lhs[j] % rhs[j];
      out[j] = remainder < 0 ? remainder + rhs[j] : remainder;
    }
    return;
  }
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

template <typename T>
void TapeRunner::loadElements(const TapeInstr &instr, const T *source, T *target) const {
  if (instr.mask >= 0) {
    const auto *mask = reinterpret_cast<const uint8_t *>(dataOf(instr.mask));
    const int64_t *offsets = indexOf(instr.index);
    for (size_t j = 0; j < count; ++j)
      target[j] = mask[j] ? source[offsets[j]] : T(0);
    return;
  }
  const IndexInstr *linear = tape.getLinearOffset(instr);
  if (!linear) {
    const int64_t *offsets = indexOf(instr.index);
    for (size_t j = 0; j < count; ++j)
      target[j] = source[offsets[j]];
    return;
  }
  int64_t step = stepOf(*linear);
  for (const Run &run : runs) {
    const T *from = source + startOf(*linear, run.index);
    T *to = target + run.first;
    if (step == 1)
      std::copy_n(from, run.count, to);
    else if (step == 0)
      std::fill_n(to, run.count, *from);
    else
      for (size_t j = 0; j < run.count; ++j)
        to[j] = from[int64_t(j) * step];
  }
}

void TapeRunner::load(const TapeInstr &instr, void *data, double *bounds) {
  const Storage &storage = instr.source->storage;
  bool widens = tape.bounded && isFloat(instr.dtype) && !storage.isWide;
  alignas(16) char narrow[blockSize * sizeof(double)];
  void *target = widens ? narrow : data;
  auto loadAs = [&](auto zero) {
    using T = decltype(zero);
    loadElements(instr, static_cast<const T *>(storage.data), static_cast<T *>(target));
  };
  switch (storage.isWide ? 8 : elementBytes(instr.dtype)) {
  case 1:
    loadAs(uint8_t(0));
    break;
  case 2:
    loadAs(uint16_t(0));
    break;
  case 4:
    loadAs(uint32_t(0));
    break;
  default:
    loadAs(uint64_t(0));
    break;
  }
  if (widens) {
    const void *operands[] = {narrow};
    evalElementwise(uop::ElementwiseKind::Cast, instr.dtype, DType::F64, operands, data, count);
  }
  if (!tape.bounded)
    return;
  if (storage.bounds)
    loadElements(instr, storage.bounds, bounds);
  else
    std::fill_n(bounds, count, 0.0);
}

void TapeRunner::computeMask(const TapeInstr &instr, uint8_t *data) {
  if (instr.mask >= 0)
    std::memcpy(data, dataOf(instr.mask), count);
  else
    std::memset(data, 1, count);
  for (auto [constraint, isZero] : instr.constraints) {
    const int64_t *values = indexOf(constraint);
    if (isZero)
      for (size_t j = 0; j < count; ++j)
        data[j] &= values[j] == 0;
    else
      for (size_t j = 0; j < count; ++j)
        data[j] &= values[j] >= 0;
  }
}

void TapeRunner::elementwise(const TapeInstr &instr, void *data, double *bounds) {
  if (tape.bounded) {
    BoundedArray operands[3];
    for (auto [i, operand] : llvm::enumerate(instr.operands))
      operands[i] = {dataOf(operand), boundsOf(operand)};
    evalBounded(instr.function, instr.operandType, instr.dtype, operands, data, bounds, count);
    return;
  }
  const void *operands[3];
  for (auto [i, operand] : llvm::enumerate(instr.operands))
    operands[i] = dataOf(operand);
  evalElementwise(instr.function, instr.operandType, instr.dtype, operands, data, count);
}

void TapeRunner::iota(const TapeInstr &instr, void *data, double *bounds) {
  const void *operands[] = {indexOf(instr.index)};
  evalElementwise(uop::ElementwiseKind::Cast, DType::I64, instr.dtype, operands, data, count);
  if (!tape.bounded)
    return;
  std::fill_n(bounds, count, 0.0);
  if (isFloat(instr.dtype) && instr.dtype != DType::F64) {
    char narrow[blockSize * sizeof(double)];
    std::memcpy(narrow, data, count * elementBytes(instr.dtype));
    const void *values[] = {narrow};
    evalElementwise(uop::ElementwiseKind::Cast, instr.dtype, DType::F64, values, data, count);
  }
}

void TapeRunner::select(const TapeInstr &instr, void *data, double *bounds) {
  DType held = tape.bounded && isFloat(instr.dtype) ? DType::F64 : instr.dtype;
  const void *operands[] = {dataOf(instr.operands[0]), dataOf(instr.operands[1]),
                            dataOf(instr.operands[2])};
  // Where looks at bits only; storage-only types go by their width.
  DType bits = elementBytes(held) == 1   ? DType::UI8
               : elementBytes(held) == 2 ? DType::UI16
               : elementBytes(held) == 4 ? DType::UI32
                                         : DType::UI64;
  evalElementwise(uop::ElementwiseKind::Where, bits, bits, operands, data, count);
  if (!tape.bounded)
    return;
  const void *inner[] = {operands[0], boundsOf(instr.operands[1]), boundsOf(instr.operands[2])};
  evalElementwise(uop::ElementwiseKind::Where, DType::F64, DType::F64, inner, bounds, count);
}

void TapeRunner::run(int64_t first, size_t size) {
  count = size;
  findRuns(first, size);
  for (size_t i = 0; i < tape.indices.size(); ++i)
    if (isVector[i])
      computeIndex(i);
  for (auto [i, instr] : llvm::enumerate(tape.code)) {
    void *data = dataOf(i);
    double *bounds = tape.bounded ? boundsOf(i) : nullptr;
    switch (instr.kind) {
    case TapeInstr::Kind::Load:
      load(instr, data, bounds);
      break;
    case TapeInstr::Kind::Elementwise:
      elementwise(instr, data, bounds);
      break;
    case TapeInstr::Kind::Select:
      select(instr, data, bounds);
      break;
    case TapeInstr::Kind::Mask:
      computeMask(instr, reinterpret_cast<uint8_t *>(data));
      break;
    case TapeInstr::Kind::Iota:
      iota(instr, data, bounds);
      break;
    case TapeInstr::Kind::Zero:
      std::memset(data, 0, stride);
      break;
    }
  }
}

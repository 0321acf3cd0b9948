//===- DTypeTest.cpp - Conversions of every encoding ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/DType.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace tg;

namespace {

constexpr DType smallFloats[] = {DType::F16,        DType::BF16,     DType::F8E4M3FN,
                                 DType::F8E5M2,     DType::F4E2M1FN, DType::F8E4M3FNUZ,
                                 DType::F8E5M2FNUZ, DType::F8E8M0FNU};

double infinity() { return std::numeric_limits<double>::infinity(); }
double quietNaN() { return std::numeric_limits<double>::quiet_NaN(); }

TEST(RuntimeDType, NamesRoundTrip) {
  for (unsigned i = 0; i < numDTypes; ++i)
    EXPECT_EQ(parseDType(dtypeName(DType(i))), DType(i));
  EXPECT_EQ(parseDType("f8"), std::nullopt);
  EXPECT_EQ(dtypeName(DType::F8E4M3FN), "f8E4M3FN");
}

TEST(RuntimeDType, EveryEncodingRoundTrips) {
  for (DType type : smallFloats)
    for (uint64_t bits = 0; bits < (uint64_t(1) << bitWidth(type)); ++bits) {
      double value = decodeFloat(type, bits);
      uint64_t again = encodeFloat(type, value);
      if (std::isnan(value))
        EXPECT_TRUE(std::isnan(decodeFloat(type, again))) << dtypeName(type) << " " << bits;
      else
        EXPECT_EQ(again, bits) << dtypeName(type) << " " << value;
    }
}

/// Between two neighbors: below, at and above the middle, by a double's last bit.
TEST(RuntimeDType, RoundsToNearestEvenBetweenAllNeighbors) {
  for (DType type : smallFloats) {
    if (type == DType::F8E8M0FNU)
      continue;
    uint64_t sign = uint64_t(1) << (bitWidth(type) - 1);
    for (uint64_t bits = 0; bits + 1 < sign; ++bits) {
      double low = decodeFloat(type, bits), high = decodeFloat(type, bits + 1);
      if (!std::isfinite(low) || !std::isfinite(high))
        break;
      double middle = low + (high - low) / 2;
      EXPECT_EQ(encodeFloat(type, middle), bits + (bits & 1)) << dtypeName(type) << " " << bits;
      EXPECT_EQ(encodeFloat(type, std::nextafter(middle, 0.0)), bits) << dtypeName(type);
      EXPECT_EQ(encodeFloat(type, std::nextafter(middle, high)), bits + 1) << dtypeName(type);
      if (low != 0)
        EXPECT_EQ(encodeFloat(type, -middle), sign | (bits + (bits & 1))) << dtypeName(type);
    }
  }
}

TEST(RuntimeDType, HalfAgreesWithHardware) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; ++i) {
    uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    if (i % 2)
      value = std::ldexp(double(int64_t(bits)), int(bits % 60) - 93);
    if (std::isnan(value))
      continue;
    _Float16 half = static_cast<_Float16>(value);
    uint16_t expected;
    std::memcpy(&expected, &half, sizeof(expected));
    EXPECT_EQ(encodeFloat(DType::F16, value), expected) << value;
  }
}

TEST(RuntimeDType, OutsideTheRange) {
  struct Case {
    DType type;
    double value;
    uint64_t bits;
  };
  const Case cases[] = {
      {DType::F16, 65519.0, 0x7bff},         {DType::F16, 65520.0, 0x7c00},
      {DType::F16, -infinity(), 0xfc00},     {DType::F16, -0.0, 0x8000},
      {DType::BF16, 1e300, 0x7f80},          {DType::F8E5M2, 61440.0, 0x7c},
      {DType::F8E4M3FN, 464.0, 0x7e},        {DType::F8E4M3FN, 465.0, 0x7f},
      {DType::F8E4M3FN, -infinity(), 0xff},  {DType::F8E4M3FN, -0.0, 0x80},
      {DType::F8E4M3FNUZ, -0.0, 0x00},       {DType::F8E4M3FNUZ, 240.0, 0x7f},
      {DType::F8E4M3FNUZ, 1e30, 0x80},       {DType::F8E4M3FNUZ, -1e-30, 0x00},
      {DType::F8E5M2FNUZ, infinity(), 0x80}, {DType::F4E2M1FN, 7.0, 0x7},
      {DType::F4E2M1FN, -1e30, 0xf},         {DType::F4E2M1FN, 5.0, 0x6},
      {DType::F8E8M0FNU, 1.0, 127},          {DType::F8E8M0FNU, 3.0, 0x81},
      {DType::F8E8M0FNU, 2.9, 0x80},         {DType::F8E8M0FNU, 0.0, 0xff},
      {DType::F8E8M0FNU, -1.0, 0xff},        {DType::F8E8M0FNU, infinity(), 0xff},
      {DType::F8E8M0FNU, 1e-300, 0x00},
  };
  for (const Case &c : cases)
    EXPECT_EQ(encodeFloat(c.type, c.value), c.bits) << dtypeName(c.type) << " " << c.value;
  for (DType type : smallFloats)
    if (type != DType::F4E2M1FN)
      EXPECT_TRUE(std::isnan(decodeFloat(type, encodeFloat(type, quietNaN())))) << dtypeName(type);
}

TEST(RuntimeDType, OneRoundingFromDoubleAndFromInt) {
  // Just above the middle of two bf16 values, by less than a float's last bit.
  double value = 1.0 + std::ldexp(1.0, -8) + std::ldexp(1.0, -40);
  EXPECT_EQ(encodeFloat(DType::BF16, value), 0x3f81u);
  // The same for an integer past 2^53.
  int64_t integer = (int64_t(1) << 62) + (int64_t(1) << 54) + 1;
  uint16_t stored = 0;
  storeFromInt(DType::BF16, &stored, 0, integer);
  EXPECT_EQ(stored, encodeFloat(DType::BF16, std::ldexp(1.0, 62)) + 1);
  storeFromInt(DType::BF16, &stored, 0, INT64_MIN);
  EXPECT_EQ(decodeFloat(DType::BF16, stored), -std::ldexp(1.0, 63));
}

TEST(RuntimeDType, PackedStorage) {
  EXPECT_EQ(storageBytes(DType::I4, 3), 2);
  EXPECT_EQ(storageBytes(DType::UI2, 5), 2);
  EXPECT_EQ(storageBytes(DType::I1, 5), 5);
  EXPECT_EQ(storageBytes(DType::F64, INT64_MAX), std::nullopt);
  uint8_t bytes[2] = {0, 0};
  for (int i = 0; i < 3; ++i)
    storeFromInt(DType::I4, bytes, i, i - 2);
  EXPECT_EQ(bytes[0], 0xfe);
  EXPECT_EQ(bytes[1], 0x00);
  EXPECT_EQ(loadAsInt(DType::I4, bytes, 0), -2);
  EXPECT_EQ(loadAsInt(DType::UI4, bytes, 0), 14);
}

TEST(RuntimeDType, IntegersSaturateFromDouble) {
  int64_t wide = 0;
  storeFromDouble(DType::I64, &wide, 0, 1e30);
  EXPECT_EQ(wide, INT64_MAX);
  storeFromDouble(DType::I64, &wide, 0, -1e30);
  EXPECT_EQ(wide, INT64_MIN);
  uint8_t narrow = 0;
  storeFromDouble(DType::I8, &narrow, 0, -1000);
  EXPECT_EQ(loadAsInt(DType::I8, &narrow, 0), -128);
  storeFromDouble(DType::I8, &narrow, 0, -2.9);
  EXPECT_EQ(loadAsInt(DType::I8, &narrow, 0), -2);
  storeFromDouble(DType::UI8, &narrow, 0, quietNaN());
  EXPECT_EQ(narrow, 0);
  storeFromDouble(DType::UI8, &narrow, 0, 300);
  EXPECT_EQ(narrow, 255);
}

} // namespace

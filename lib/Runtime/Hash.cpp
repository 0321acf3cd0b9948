//===- Hash.cpp - Checksums and content addresses ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Hash.h"

#include <algorithm>
#include <cstring>

namespace tg::rt {
namespace {

uint64_t rotateLeft(uint64_t value, unsigned by) { return (value << by) | (value >> (64 - by)); }
uint32_t rotateRight(uint32_t value, unsigned by) { return (value >> by) | (value << (32 - by)); }

// Odd multipliers (from the golden ratio and sqrt 2), so that every step is a bijection of the lane
// and of the word: a change in one word cannot cancel out.
constexpr uint64_t multiplierA = 0x9e3779b97f4a7c15u;
constexpr uint64_t multiplierB = 0x6a09e667f3bcc909u;

uint64_t step(uint64_t lane, uint64_t word) {
  return rotateLeft((lane ^ word) * multiplierA, 29) * multiplierB;
}

uint64_t finish(uint64_t value) {
  value ^= value >> 32;
  value *= multiplierA;
  value ^= value >> 29;
  value *= multiplierB;
  return value ^ (value >> 32);
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr uint32_t roundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

} // namespace

uint64_t checksum64(const void *data, size_t size) {
  const char *bytes = static_cast<const char *>(data);
  uint64_t lanes[4] = {multiplierA, multiplierB, ~multiplierA, ~multiplierB};
  uint64_t words[4];
  size_t left = size;
  for (; left >= sizeof(words); left -= sizeof(words), bytes += sizeof(words)) {
    std::memcpy(words, bytes, sizeof(words));
    for (unsigned i = 0; i < 4; ++i)
      lanes[i] = step(lanes[i], words[i]);
  }
  std::memset(words, 0, sizeof(words));
  if (left)
    std::memcpy(words, bytes, left);
  uint64_t hash = uint64_t(size);
  for (unsigned i = 0; i < 4; ++i)
    hash = step(hash, finish(step(lanes[i], words[i])));
  return finish(hash);
}

SHA256::SHA256()
    : state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19} {}

void SHA256::block(const uint8_t *bytes) {
  uint32_t w[64];
  for (unsigned i = 0; i < 16; ++i)
    w[i] = uint32_t(bytes[4 * i]) << 24 | uint32_t(bytes[4 * i + 1]) << 16 |
           uint32_t(bytes[4 * i + 2]) << 8 | bytes[4 * i + 3];
  for (unsigned i = 16; i < 64; ++i) {
    uint32_t s0 = rotateRight(w[i - 15], 7) ^ rotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3);
    uint32_t s1 = rotateRight(w[i - 2], 17) ^ rotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (unsigned i = 0; i < 64; ++i) {
    uint32_t s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
    uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i] + w[i];
    uint32_t s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
    uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const uint32_t working[8] = {a, b, c, d, e, f, g, h};
  for (unsigned i = 0; i < 8; ++i)
    state[i] += working[i];
}

void SHA256::update(const void *data, size_t size) {
  const auto *bytes = static_cast<const uint8_t *>(data);
  while (size) {
    size_t filled = size_t(length % 64);
    if (filled == 0 && size >= 64) {
      block(bytes);
      bytes += 64, size -= 64, length += 64;
      continue;
    }
    size_t taken = std::min(size, 64 - filled);
    std::memcpy(pending.data() + filled, bytes, taken);
    bytes += taken, size -= taken, length += taken;
    if (length % 64 == 0)
      block(pending.data());
  }
}

std::string SHA256::hex() {
  uint64_t bits = length * 8;
  uint8_t padding[72] = {0x80};
  size_t zeros = (119 - length % 64) % 64;
  for (unsigned i = 0; i < 8; ++i)
    padding[1 + zeros + i] = uint8_t(bits >> (56 - 8 * i));
  update(padding, 1 + zeros + 8);
  std::string text;
  for (uint32_t word : state)
    for (int shift = 28; shift >= 0; shift -= 4)
      text.push_back("0123456789abcdef"[(word >> shift) & 15]);
  return text;
}

std::string sha256Hex(const void *data, size_t size) {
  SHA256 hash;
  hash.update(data, size);
  return hash.hex();
}

} // namespace tg::rt

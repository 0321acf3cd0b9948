//===- Hash.h - Checksums and content addresses -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_HASH_H
#define TG_RUNTIME_HASH_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tg::rt {

/// A fast checksum against damage, not against an adversary. Any change within one aligned 8-byte
/// word changes it. Part of file formats: never changes.
uint64_t checksum64(const void *data, size_t size);

/// SHA-256 (FIPS 180-4), fed in pieces.
class SHA256 {
public:
  SHA256();
  void update(const void *data, size_t size);
  /// 64 lower-case hexadecimal digits. Call once.
  std::string hex();

private:
  void block(const uint8_t *bytes);

  std::array<uint32_t, 8> state;
  std::array<uint8_t, 64> pending;
  uint64_t length = 0;
};

std::string sha256Hex(const void *data, size_t size);

} // namespace tg::rt

#endif // TG_RUNTIME_HASH_H

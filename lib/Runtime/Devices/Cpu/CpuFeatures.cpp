//===- CpuFeatures.cpp - What machine code may need -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Devices/Cpu/CpuFeatures.h"

namespace tg::rt {
namespace {

struct Feature {
  const char *name;
  bool isPresent;
};

std::vector<Feature> features() {
#if defined(__x86_64__)
  __builtin_cpu_init();
#define TG_FEATURE(NAME) {NAME, __builtin_cpu_supports(NAME) != 0}
  return {TG_FEATURE("sse3"),
          TG_FEATURE("ssse3"),
          TG_FEATURE("sse4.1"),
          TG_FEATURE("sse4.2"),
          TG_FEATURE("popcnt"),
          TG_FEATURE("avx"),
          TG_FEATURE("avx2"),
          TG_FEATURE("fma"),
          TG_FEATURE("f16c"),
          TG_FEATURE("bmi"),
          TG_FEATURE("bmi2"),
          TG_FEATURE("lzcnt"),
          TG_FEATURE("movbe"),
          TG_FEATURE("gfni"),
          TG_FEATURE("avxvnni"),
          TG_FEATURE("avx512f"),
          TG_FEATURE("avx512cd"),
          TG_FEATURE("avx512bw"),
          TG_FEATURE("avx512dq"),
          TG_FEATURE("avx512vl"),
          TG_FEATURE("avx512vnni"),
          TG_FEATURE("avx512ifma"),
          TG_FEATURE("avx512vbmi"),
          TG_FEATURE("avx512vbmi2"),
          TG_FEATURE("avx512bitalg"),
          TG_FEATURE("avx512bf16"),
          TG_FEATURE("avx512fp16"),
          TG_FEATURE("amx-tile"),
          TG_FEATURE("amx-int8"),
          TG_FEATURE("amx-bf16"),
          TG_FEATURE("avx512vp2intersect"),
          TG_FEATURE("sse4a"),
          TG_FEATURE("fma4"),
          TG_FEATURE("xop"),
          TG_FEATURE("aes"),
          TG_FEATURE("pclmul"),
          TG_FEATURE("vaes"),
          TG_FEATURE("vpclmulqdq"),
          TG_FEATURE("avx512vpopcntdq")};
#undef TG_FEATURE
#else
  return {};
#endif
}

} // namespace

std::vector<std::string> knownCpuFeatures() {
  std::vector<std::string> names;
  for (const Feature &feature : features())
    names.push_back(feature.name);
  return names;
}

Status checkCpuFeatures(const std::vector<std::string> &wanted) {
  const std::vector<Feature> known = features();
  std::string missing;
  for (const std::string &name : wanted) {
    bool isPresent = false;
    for (const Feature &feature : known)
      isPresent |= feature.isPresent && name == feature.name;
    if (!isPresent)
      missing += (missing.empty() ? "" : ", ") + name;
  }
  if (missing.empty())
    return {};
  return error("the code is for processors with " + missing +
               ", which this one lacks; compile the model for it");
}

} // namespace tg::rt

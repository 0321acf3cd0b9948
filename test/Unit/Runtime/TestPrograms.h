//===- TestPrograms.h - Programs with every kind of command -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_TEST_UNIT_RUNTIME_TESTPROGRAMS_H
#define TG_TEST_UNIT_RUNTIME_TESTPROGRAMS_H

#include "TestUtils.h"

namespace tg::rt::test {

/// state += 1, in place.
inline Program stateProgram() {
  Program program;
  program.name = "state";
  program.buffers = {bufferOf(BufferKind::Input, 16), constantOf(std::vector<float>(4, 1.0f))};
  program.inputs = {portOf("state", DType::F32, {4}, 0)};
  program.inputs[0].tiedOutput = 0;
  program.outputs = {portOf("next", DType::F32, {4}, 0)};
  program.code = {codeOf({{"add", addKernel}})};
  program.kernels = {kernelOf("add", 4)};
  program.commands = {command(Launch{0, {0, 1, 0}})};
  return program;
}

/// The count of positive elements, and these packed: a data-dependent size.
inline void compactKernel(const tg_kernel_args *args, void *, int64_t, int64_t) {
  const float *x = static_cast<const float *>(args->buffers[0]);
  float *packed = static_cast<float *>(args->buffers[1]);
  int64_t *count = static_cast<int64_t *>(args->buffers[2]);
  *count = 0;
  for (int i = 0; i < 8; ++i)
    if (x[i] > 0)
      packed[(*count)++] = x[i];
}
inline void doubleKernel(const tg_kernel_args *args, void *, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    static_cast<float *>(args->buffers[1])[i] = 2 * static_cast<const float *>(args->buffers[0])[i];
}

inline Program compactProgram(int64_t most) {
  Program program;
  program.name = "compact";
  program.vars = {{"count", 0, most}};
  SizeExpr count = SizeExpr::var(0);
  program.buffers = {bufferOf(BufferKind::Input, 32), bufferOf(BufferKind::Temp, 32, 0, 2),
                     bufferOf(BufferKind::Temp, 8, 0, 1),
                     bufferOf(BufferKind::Temp, count * 4, 2, 3),
                     bufferOf(BufferKind::Output, count * 4)};
  program.inputs = {portOf("x", DType::F32, {8}, 0)};
  program.outputs = {portOf("y", DType::F32, {count}, 4)};
  program.code = {codeOf({{"compact", compactKernel}, {"double", doubleKernel}})};
  program.kernels = {kernelOf("compact", 1), kernelOf("double", count)};
  program.commands = {command(Launch{0, {0, 1, 2}}), command(Bind{0, 2}),
                      command(Launch{1, {1, 3}}), command(Launch{1, {3, 4}})};
  return program;
}

inline void lessKernel(const tg_kernel_args *args, void *, int64_t, int64_t) {
  *static_cast<uint8_t *>(args->buffers[1]) = *static_cast<float *>(args->buffers[0]) < 100;
}
inline void accumulateKernel(const tg_kernel_args *args, void *, int64_t, int64_t) {
  *static_cast<float *>(args->buffers[0]) += float(*static_cast<int64_t *>(args->buffers[1]));
}

/// y = x; for (i = 0; i < 5; i += 2) y += i; if (y < 100) while (y < 100) y += 2 * y... as
/// commands.
inline Program controlProgram() {
  Program program;
  program.name = "control";
  program.buffers = {bufferOf(BufferKind::Input, 4),     bufferOf(BufferKind::Output, 4),
                     constantOf<int64_t>({0}),           constantOf<int64_t>({5}),
                     constantOf<int64_t>({2}),           bufferOf(BufferKind::Temp, 8, 0, 9),
                     bufferOf(BufferKind::Temp, 1, 0, 9)};
  program.inputs = {portOf("x", DType::F32, {}, 0)};
  program.outputs = {portOf("y", DType::F32, {}, 1)};
  program.code = {codeOf({{"less", lessKernel}, {"accumulate", accumulateKernel}})};
  program.kernels = {kernelOf("less", 1), kernelOf("accumulate", 1)};
  For loop{2, 3, 4, 5, {command(Launch{1, {1, 5}})}};
  While grow{{command(Launch{0, {1, 6}})}, 6, {command(Launch{1, {1, 3}})}};
  If branch{6, {command(grow)}, {command(Fill{1, 4, 0, 0})}};
  program.commands = {command(Copy{0, 1, 4, 0, 0}), command(loop), command(Launch{0, {1, 6}}),
                      command(branch)};
  return program;
}

} // namespace tg::rt::test

#endif // TG_TEST_UNIT_RUNTIME_TESTPROGRAMS_H

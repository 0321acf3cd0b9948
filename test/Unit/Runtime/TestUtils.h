//===- TestUtils.h - Hand-made programs -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_TEST_UNIT_RUNTIME_TESTUTILS_H
#define TG_TEST_UNIT_RUNTIME_TESTUTILS_H

#include "tg/Runtime/Context.h"
#include "tg/Runtime/KernelABI.h"

#include <cstdlib>
#include <initializer_list>
#include <map>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tg::rt::test {

/// Kernels that are C++ functions of the test.
class FunctionTable : public LoadedCode {
public:
  explicit FunctionTable(std::map<std::string, tg_kernel_fn> functions)
      : functions(std::move(functions)) {}
  void *lookup(const std::string &symbol) const override {
    auto found = functions.find(symbol);
    return found == functions.end() ? nullptr : reinterpret_cast<void *>(found->second);
  }

private:
  std::map<std::string, tg_kernel_fn> functions;
};

/// out[i] = a[i] + b[i] over f32.
inline void addKernel(const tg_kernel_args *args, void *, int64_t begin, int64_t end) {
  auto *const *buffers = reinterpret_cast<float *const *>(args->buffers);
  for (int64_t i = begin; i < end; ++i)
    buffers[2][i] = buffers[0][i] + buffers[1][i];
}

template <typename T>
Tensor tensorOf(DType dtype, std::vector<int64_t> shape, const std::vector<T> &values) {
  Result<Tensor> tensor =
      Tensor::copyOf(dtype, std::move(shape), values.data(), values.size() * sizeof(T));
  return tensor ? *tensor : Tensor();
}
inline Tensor floats(std::vector<int64_t> shape, const std::vector<float> &values) {
  return tensorOf(DType::F32, std::move(shape), values);
}
template <typename T> std::vector<T> valuesOf(const Tensor &tensor) {
  return std::vector<T>(tensor.as<T>(), tensor.as<T>() + tensor.numElements());
}

inline CodeModule codeOf(std::map<std::string, tg_kernel_fn> functions) {
  CodeModule module;
  module.format = "test";
  module.loaded = std::make_shared<FunctionTable>(std::move(functions));
  return module;
}
inline Kernel kernelOf(const std::string &symbol, SizeExpr range) {
  Kernel kernel;
  kernel.name = kernel.symbol = symbol;
  kernel.range = std::move(range);
  return kernel;
}
inline Buffer bufferOf(BufferKind kind, SizeExpr bytes, uint32_t first = 0, uint32_t last = 0) {
  Buffer buffer;
  buffer.kind = kind;
  buffer.bytes = std::move(bytes);
  buffer.firstUse = first;
  buffer.lastUse = last;
  return buffer;
}
template <typename T> Buffer constantOf(const std::vector<T> &values) {
  Buffer buffer = bufferOf(BufferKind::Constant, int64_t(values.size() * sizeof(T)));
  buffer.constant = Blob::copyOf(values.data(), values.size() * sizeof(T));
  return buffer;
}
inline Port portOf(const std::string &name, DType dtype, std::vector<SizeExpr> dims, BufferId id) {
  Port port;
  port.name = name;
  port.dtype = dtype;
  port.dims = std::move(dims);
  port.buffer = id;
  return port;
}
template <typename Op> Command command(Op op) { return Command{std::move(op)}; }

/// y = (x + w) + (x + w) over tensor<Nx4xf32>, w constant ones of one row repeated N <= 8 times,
/// with one temp.
inline Program addProgram() {
  Program program;
  program.name = "add";
  program.vars = {{"N", 0, 8}};
  SizeExpr n = SizeExpr::var(0);
  program.buffers = {bufferOf(BufferKind::Input, n * 16), constantOf(std::vector<float>(32, 1.0f)),
                     bufferOf(BufferKind::Temp, n * 16, 0, 1),
                     bufferOf(BufferKind::Output, n * 16)};
  program.inputs = {portOf("x", DType::F32, {n, 4}, 0)};
  program.outputs = {portOf("y", DType::F32, {n, 4}, 3)};
  program.code = {codeOf({{"add", addKernel}})};
  program.kernels = {kernelOf("add", n * 4)};
  program.kernels[0].location = "model/add";
  program.kernels[0].flops = n * 4;
  program.kernels[0].bytes = n * 48;
  program.commands = {command(Launch{0, {0, 1, 2}}), command(Launch{0, {2, 2, 3}})};
  return program;
}

inline std::shared_ptr<const Program> share(Program program) {
  return std::make_shared<const Program>(std::move(program));
}

/// A folder that goes away with the test.
class TemporaryFolder {
public:
  TemporaryFolder() {
    const char *base = std::getenv("TMPDIR");
    std::string name = std::string(base ? base : "/tmp") + "/tg-test-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    if (!path.empty() && std::system(("rm -rf '" + path + "'").c_str()) != 0)
      path.clear();
  }
  std::string operator/(const std::string &name) const { return path + "/" + name; }
  std::string path;
};

} // namespace tg::rt::test

#endif // TG_TEST_UNIT_RUNTIME_TESTUTILS_H

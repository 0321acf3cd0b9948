//===- Objects.h - What the opaque types are --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_CAPI_OBJECTS_H
#define TG_LIB_CAPI_OBJECTS_H

#include "tg-c/Runtime.h"
#include "tg/Runtime/Context.h"

struct tg_tensor {
  tg::rt::Tensor tensor;
};

struct tg_program {
  explicit tg_program(std::shared_ptr<const tg::rt::Program> program);

  struct Port {
    std::string type;
    std::vector<int64_t> shape;
  };
  std::shared_ptr<const tg::rt::Program> program;
  std::vector<Port> inputs, outputs;
};

struct tg_context_options {
  tg::rt::ContextOptions options;
};

struct tg_context {
  std::unique_ptr<tg::rt::Context> context;
};

#endif // TG_LIB_CAPI_OBJECTS_H

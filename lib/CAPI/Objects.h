//===- Objects.h - What the opaque types are --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_CAPI_OBJECTS_H
#define TG_LIB_CAPI_OBJECTS_H

#include "tg-c/Runtime.h"
#include "tg/Runtime/Context.h"

struct tg_tensor {
  tg::rt::Tensor tensor;
};

struct tg_strings {
  explicit tg_strings(std::shared_ptr<const tg::rt::StringTable> known) : ids(std::move(known)) {}
  tg::rt::StringIds ids;
};

struct tg_program {
  explicit tg_program(std::shared_ptr<const tg::rt::Program> program);

  struct Port {
    std::string type;
    std::vector<int64_t> shape;
    /// Of maps with strings as keys.
    std::vector<const char *> keys;
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

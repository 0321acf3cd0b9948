//===- Arrays.h - Arrays of other libraries as tensors ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_PYTHON_ARRAYS_H
#define TG_PYTHON_ARRAYS_H

#include <nanobind/nanobind.h>

namespace tg::python {

/// tg._runtime.Array, which is an rt::Tensor.
void bindArrays(nanobind::module_ &m);
/// Adds Strings.
void bindStrings(nanobind::module_ &m);

} // namespace tg::python

#endif // TG_PYTHON_ARRAYS_H

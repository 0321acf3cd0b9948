//===- Strings.cpp - Python's strings as numbers ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Arrays.h"

#include "Support.h"
#include "tg/Runtime/Strings.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace tg;
using namespace tg::python;

namespace {

/// Bytes that are no UTF-8 are what Python makes of them with "surrogateescape".
constexpr char errors[] = "surrogateescape";

std::string textOf(nb::handle value, size_t index) {
  if (PyBytes_Check(value.ptr()))
    return std::string(PyBytes_AS_STRING(value.ptr()), size_t(PyBytes_GET_SIZE(value.ptr())));
  if (!PyUnicode_Check(value.ptr()))
    raise("expected strings, element " + std::to_string(index) + " is a " +
          Py_TYPE(value.ptr())->tp_name);
  Py_ssize_t size = 0;
  if (const char *text = PyUnicode_AsUTF8AndSize(value.ptr(), &size))
    return std::string(text, size_t(size));
  PyErr_Clear();
  nb::object bytes = nb::steal(PyUnicode_AsEncodedString(value.ptr(), "utf-8", errors));
  if (!bytes.is_valid()) {
    PyErr_Clear();
    raise("element " + std::to_string(index) + " is no text that UTF-8 can hold");
  }
  return textOf(bytes, index);
}

rt::Tensor encode(rt::StringIds &self, const nb::list &elements, std::vector<int64_t> shape) {
  rt::StringTensor strings{std::move(shape), {}};
  strings.elements.reserve(nb::len(elements));
  for (nb::handle element : elements)
    strings.elements.push_back(textOf(element, strings.elements.size()));
  return take(self.encode(strings));
}

nb::list decode(const rt::StringIds &self, const rt::Tensor &ids) {
  rt::StringTensor strings = take(self.decode(ids));
  nb::list result;
  for (const std::string &text : strings.elements) {
    nb::object element =
        nb::steal(PyUnicode_DecodeUTF8(text.data(), Py_ssize_t(text.size()), errors));
    if (!element.is_valid())
      throw nb::python_error();
    result.append(element);
  }
  return result;
}

} // namespace

void tg::python::bindStrings(nb::module_ &m) {
  nb::class_<rt::StringIds>(m, "Strings",
                            "The strings of a program's inputs and outputs, for one run: the "
                            "program computes with numbers (i64) that stand for them.")
      .def(
          "__init__",
          [](rt::StringIds *self, const Program &program) {
            new (self) rt::StringIds(program.program->strings);
          },
          nb::arg("program"))
      .def("encode", encode, nb::arg("elements"), nb::arg("shape"),
           nb::sig("def encode(self, elements: list[str | bytes], shape: Sequence[int]) -> Array"),
           "The numbers of strings in row-major order; new strings get new numbers.")
      .def("decode", decode, nb::arg("array"),
           nb::sig("def decode(self, array: Array) -> list[str]"),
           "The strings of numbers, in row-major order.");
}

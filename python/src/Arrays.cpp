//===- Arrays.cpp - Arrays of other libraries as tensors --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Arrays.h"

#include "Support.h"
#include "tg/Runtime/Tensor.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <cstring>

namespace nb = nanobind;
using namespace tg;
using namespace tg::python;

namespace {

using nb::dlpack::dtype_code;

/// How DLPack names an element type; bits 0 where it has no name for it.
nb::dlpack::dtype dlpackType(DType type) {
  auto make = [](dtype_code code, unsigned bits) {
    return nb::dlpack::dtype{uint8_t(code), uint8_t(bits), 1};
  };
  switch (type) {
  case DType::I1:
    return make(dtype_code::Bool, 8);
  case DType::BF16:
    return make(dtype_code::Bfloat, 16);
  case DType::F8E4M3FN:
    return make(dtype_code::Float8_E4M3FN, 8);
  case DType::F8E5M2:
    return make(dtype_code::Float8_E5M2, 8);
  case DType::F8E4M3FNUZ:
    return make(dtype_code::Float8_E4M3FNUZ, 8);
  case DType::F8E5M2FNUZ:
    return make(dtype_code::Float8_E5M2FNUZ, 8);
  case DType::F8E8M0FNU:
    return make(dtype_code::Float8_E8M0FNU, 8);
  default:
    break;
  }
  if (isPacked(type))
    return {};
  return make(isFloat(type)           ? dtype_code::Float
              : isSignedInteger(type) ? dtype_code::Int
                                      : dtype_code::UInt,
              storageBits(type));
}

rt::Result<DType> typeOf(nb::dlpack::dtype type) {
  for (unsigned i = 0; i < numDTypes; ++i)
    if (type == dlpackType(DType(i)))
      return DType(i);
  return rt::error("the element type (DLPack code " + std::to_string(type.code) + ", " +
                   std::to_string(type.bits) + " bits, " + std::to_string(type.lanes) +
                   " lanes) is not supported");
}

/// Copies a strided array to dense memory; strides in elements.
void copyStrided(char *&to, const char *from, const int64_t *shape, const int64_t *strides,
                 size_t rank, size_t itemSize) {
  if (rank == 0) {
    std::memcpy(to, from, itemSize);
    to += itemSize;
    return;
  }
  for (int64_t i = 0; i < *shape; ++i)
    copyStrided(to, from + i * *strides * int64_t(itemSize), shape + 1, strides + 1, rank - 1,
                itemSize);
}

template <typename Array> bool isDense(const Array &array) {
  int64_t expected = 1;
  for (size_t i = array.ndim(); i-- > 0;) {
    if (array.shape(i) == 0)
      return true;
    if (array.shape(i) != 1 && array.stride(i) != expected)
      return false;
    expected *= int64_t(array.shape(i));
  }
  return true;
}

/// Keeps `array` until the last tensor that shares its memory is gone, whichever thread that is on.
template <typename Array> std::shared_ptr<void> keep(Array array, void *data) {
  auto *kept = new Array(std::move(array));
  return std::shared_ptr<void>(data, [kept](void *) {
    if (!nb::is_alive())
      return;
    nb::gil_scoped_acquire lock;
    delete kept;
  });
}

/// `dtype` says what the elements are where `array` has unsigned integers of the same size for
/// them, or one byte for each that is smaller.
template <typename Array>
rt::Tensor fromArray(Array array, const std::optional<std::string> &dtype, bool isShared) {
  if (array.device_type() != nb::device::cpu::value)
    raise("the array is not in host memory (DLPack device type " +
          std::to_string(array.device_type()) + "); copy it there first");
  DType stored = take(typeOf(array.dtype()));
  DType type = stored;
  if (dtype) {
    std::optional<DType> named = parseDType(*dtype);
    if (!named)
      raise("there is no element type '" + *dtype + "'");
    type = *named;
    if (isPacked(type) ? stored != DType::UI8 : storageBits(type) != storageBits(stored))
      raise("elements of type " + std::string(dtypeName(stored)) + " cannot hold " + *dtype);
  }
  std::vector<int64_t> shape(array.shape_ptr(), array.shape_ptr() + array.ndim());
  size_t itemSize = storageBits(stored) / 8;
  void *data = const_cast<void *>(static_cast<const void *>(array.data()));
  bool canShare = !isPacked(type) && isDense(array) && uintptr_t(data) % itemSize == 0;
  if (isShared && !canShare)
    raise("the array's memory cannot be used in place: it must be dense, row-major and aligned");
  size_t bytes = array.nbytes();
  if (canShare)
    return take(rt::Tensor::wrap(type, shape, keep(std::move(array), data), bytes));
  rt::Tensor dense = take(rt::Tensor::allocate(stored, shape));
  char *to = dense.as<char>();
  if (dense.numElements())
    copyStrided(to, static_cast<const char *>(data), array.shape_ptr(), array.stride_ptr(),
                array.ndim(), itemSize);
  if (!isPacked(type))
    return take(rt::Tensor::wrap(type, shape, dense.owner(), dense.byteSize()));
  rt::Tensor packed = take(rt::Tensor::zeros(type, shape));
  for (int64_t i = 0; i < packed.numElements(); ++i)
    storeBits(type, packed.data(), i, dense.as<uint8_t>()[i]);
  return packed;
}

/// The elements one by one in whole bytes, sign-extended where the type is signed.
rt::Tensor unpack(const rt::Tensor &tensor) {
  rt::Tensor result = take(rt::Tensor::allocate(DType::UI8, tensor.shape()));
  bool isSigned = isSignedInteger(tensor.dtype());
  for (int64_t i = 0; i < tensor.numElements(); ++i)
    result.as<uint8_t>()[i] =
        uint8_t(isSigned ? tensor.getInt(i) : int64_t(loadBits(tensor.dtype(), tensor.data(), i)));
  return result;
}

/// The tensor's memory for another library, which keeps it alive.
template <typename Array> Array exportAs(const rt::Tensor &tensor, nb::dlpack::dtype type) {
  std::vector<size_t> shape(tensor.shape().begin(), tensor.shape().end());
  nb::capsule owner(new rt::Tensor(tensor),
                    [](void *kept) noexcept { delete static_cast<rt::Tensor *>(kept); });
  return Array(tensor.data(), shape.size(), shape.data(), owner, nullptr, type,
               nb::device::cpu::value);
}

/// A NumPy array of the type, or of unsigned integers where NumPy has no such type.
nb::ndarray<nb::numpy> toNumpy(const rt::Tensor &tensor) {
  if (isPacked(tensor.dtype()))
    return exportAs<nb::ndarray<nb::numpy>>(unpack(tensor), dlpackType(DType::UI8));
  nb::dlpack::dtype type = dlpackType(tensor.dtype());
  if (type.code != uint8_t(dtype_code::Bool) && type.code > uint8_t(dtype_code::Float))
    type.code = uint8_t(dtype_code::UInt);
  return exportAs<nb::ndarray<nb::numpy>>(tensor, type);
}

nb::object toDLPack(const rt::Tensor &tensor, const nb::kwargs &arguments) {
  nb::dlpack::dtype type = dlpackType(tensor.dtype());
  if (type.bits == 0)
    raise(std::string(dtypeName(tensor.dtype())) + " elements cannot be exported with DLPack");
  nb::object array =
      nb::cast(exportAs<nb::ndarray<nb::array_api>>(tensor, type), nb::rv_policy::reference);
  return array.attr("__dlpack__")(**arguments);
}

nb::tuple shapeOf(const rt::Tensor &tensor) {
  nb::list shape;
  for (int64_t extent : tensor.shape())
    shape.append(extent);
  return nb::tuple(shape);
}

} // namespace

void tg::python::bindArrays(nb::module_ &m) {
  nb::class_<rt::Tensor>(m, "Array",
                         "A dense row-major array in host memory, of any of tg's element types. "
                         "NumPy and DLPack consumers share its memory.")
      .def_prop_ro(
          "dtype", [](const rt::Tensor &t) { return std::string(dtypeName(t.dtype())); },
          "The element type as MLIR spells it: 'f32', 'i64', 'bf16', 'f8E4M3FN'.")
      .def_prop_ro("shape", shapeOf, nb::sig("def shape(self) -> tuple[int, ...]"))
      .def_prop_ro("nbytes", &rt::Tensor::byteSize)
      .def_prop_ro(
          "address", [](const rt::Tensor &t) { return uintptr_t(t.data()); },
          "Where the first element is.")
      .def(
          "numpy",
          [](nb::handle self) { return nb::module_::import_("tg._arrays").attr("to_numpy")(self); },
          nb::sig("def numpy(self) -> numpy.typing.NDArray[typing.Any]"),
          "The array's memory as a NumPy array; a copy for types narrower than a byte.")
      .def(
          "__array__",
          [](nb::handle self, nb::object dtype, nb::object copy) {
            return nb::module_::import_("tg._arrays").attr("to_numpy")(self, dtype, copy);
          },
          nb::arg("dtype") = nb::none(), nb::arg("copy") = nb::none(),
          nb::sig("def __array__(self, dtype: typing.Any = None, copy: bool | None = None) -> "
                  "typing.Any"))
      .def("__dlpack__", toDLPack, nb::sig("def __dlpack__(self, **kwargs: typing.Any) -> object"))
      .def(
          "__dlpack_device__",
          [](const rt::Tensor &) { return nb::make_tuple(nb::device::cpu::value, 0); },
          nb::sig("def __dlpack_device__(self) -> tuple[int, int]"))
      .def("__repr__", [](const rt::Tensor &t) { return "tg.Array(" + t.typeName() + ")"; });

  m.def("bits", toNumpy, nb::arg("array"),
        nb::sig("def bits(array: Array) -> numpy.typing.NDArray[typing.Any]"),
        "The array's memory for NumPy, as unsigned integers where NumPy lacks the type.");
  m.def(
      "array",
      [](nb::ndarray<nb::ro> array, std::optional<std::string> dtype) {
        return fromArray(std::move(array), dtype, /*isShared=*/false);
      },
      nb::arg("array").noconvert(), nb::arg("dtype") = nb::none(),
      nb::sig("def array(array: typing.Any, dtype: str | None = None) -> Array"),
      "An Array from what supports DLPack or the buffer protocol: the same memory where it is "
      "dense, "
      "row-major and aligned to its elements, else a copy. `dtype` names the type of the elements "
      "where `array` has unsigned integers for them.");
  m.def(
      "shared_array",
      [](nb::ndarray<> array, std::optional<std::string> dtype) {
        return fromArray(std::move(array), dtype, /*isShared=*/true);
      },
      nb::arg("array").noconvert(), nb::arg("dtype") = nb::none(),
      nb::sig("def shared_array(array: typing.Any, dtype: str | None = None) -> Array"),
      "As `array`, for memory that tg may write to. Never a copy.");
}

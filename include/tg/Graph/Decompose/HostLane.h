//===- HostLane.h - The expansions on the host's own numbers ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// HostLane<T> is one element of type T of the host. An expansion instantiated with it computes,
/// bit for bit, what the same text means when it emits uop operations, provided that the host
/// compiler keeps IEEE semantics and does not contract (-ffp-contract=off).
///
/// The operations here are all that an expansion may use; EmitLane has the same ones.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_HOSTLANE_H
#define TG_GRAPH_DECOMPOSE_HOSTLANE_H

#include <cmath>
#include <cstring>
#include <type_traits>

namespace tg::math {

template <class T> class HostLane {
  static constexpr bool isInt = std::is_integral_v<T>;
  /// Integers wrap.
  using Wrap = typename std::conditional_t<isInt && !std::is_same_v<T, bool>,
                                           std::make_unsigned<std::conditional_t<isInt, T, int>>,
                                           std::common_type<T>>::type;

public:
  HostLane() = default;
  HostLane(T value) : value(value) {}
  T get() const { return value; }

  friend HostLane operator!(HostLane a) { return !a.value; }
  friend HostLane operator+(HostLane a, HostLane b) { return T(Wrap(a.value) + Wrap(b.value)); }
  friend HostLane operator-(HostLane a, HostLane b) { return T(Wrap(a.value) - Wrap(b.value)); }
  friend HostLane operator*(HostLane a, HostLane b) { return T(Wrap(a.value) * Wrap(b.value)); }
  friend HostLane operator/(HostLane a, HostLane b) { return a.value / b.value; }
  friend HostLane operator-(HostLane a) { return T(-a.value); }
  friend HostLane operator&(HostLane a, HostLane b) { return T(a.value & b.value); }
  friend HostLane operator|(HostLane a, HostLane b) { return T(a.value | b.value); }
  friend HostLane operator^(HostLane a, HostLane b) { return T(a.value ^ b.value); }
  friend HostLane operator<<(HostLane a, HostLane b) { return T(Wrap(a.value) << b.value); }
  friend HostLane operator>>(HostLane a, HostLane b) { return T(a.value >> b.value); }
  friend HostLane<bool> operator<(HostLane a, HostLane b) { return a.value < b.value; }
  friend HostLane<bool> operator<=(HostLane a, HostLane b) { return a.value <= b.value; }
  friend HostLane<bool> operator==(HostLane a, HostLane b) { return a.value == b.value; }
  friend HostLane<bool> operator!=(HostLane a, HostLane b) { return a.value != b.value; }
  friend HostLane where(HostLane<bool> m, HostLane a, HostLane b) {
    return m.get() ? a.value : b.value;
  }
  friend HostLane fma(HostLane a, HostLane b, HostLane c) {
    if constexpr (std::is_same_v<T, float>)
      return __builtin_fmaf(a.value, b.value, c.value);
    else
      return __builtin_fma(a.value, b.value, c.value);
  }
  friend HostLane sqrt(HostLane a) {
    if constexpr (std::is_same_v<T, float>)
      return __builtin_sqrtf(a.value);
    else
      return __builtin_sqrt(a.value);
  }
  friend HostLane trunc(HostLane a) {
    if constexpr (std::is_same_v<T, float>)
      return __builtin_truncf(a.value);
    else
      return __builtin_trunc(a.value);
  }

  /// Conversion; expansions only convert what is exact or rounds to nearest.
  template <class U> HostLane<U> cast() const { return U(value); }
  /// The same bits as another type of the same width.
  template <class U> HostLane<U> bitcast() const {
    static_assert(sizeof(U) == sizeof(T));
    U result;
    std::memcpy(&result, &value, sizeof(U));
    return result;
  }

private:
  T value;
};

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_HOSTLANE_H

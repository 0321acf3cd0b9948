//===- EmitLane.h - The expansions as uop operations ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// EmitLane<T> is a tensor of element type T (float is f32, double f64, int32_t i32, int64_t i64,
/// uint64_t ui64, bool i1), or a literal that becomes a splat where it meets a tensor. An expansion
/// instantiated with it emits uop operations; HostLane<T> has the same operations and tells what
/// they compute.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_EMITLANE_H
#define TG_GRAPH_DECOMPOSE_EMITLANE_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Graph/Decompose/HostLane.h"

#include <cassert>
#include <cstdint>

namespace tg::math {

/// Where the operations of one expansion go: a builder, a location, and the shape of all tensors.
class Emitter {
public:
  Emitter(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType shape)
      : builder(builder), loc(loc), shape(shape) {}

  template <class T> mlir::RankedTensorType typeOf() const;

  template <class OpT, class T, class... Operands> mlir::Value create(Operands... operands) {
    return OpT::create(builder, loc, typeOf<T>(), operands...);
  }

  template <class T> mlir::Value constant(T literal);

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::RankedTensorType shape;
  llvm::SmallDenseMap<mlir::Attribute, mlir::Value> constants;

  /// A splat of `element`, cached.
  mlir::Value splat(mlir::RankedTensorType type, mlir::TypedAttr element);
};

template <class T> class EmitLane {
public:
  EmitLane() = default;
  EmitLane(T literal) : literal(literal) {}
  EmitLane(Emitter &emitter, mlir::Value value) : emitter(&emitter), value(value) {}
  mlir::Value get(Emitter &where) const { return value ? value : where.constant(literal); }

  friend EmitLane operator+(EmitLane a, EmitLane b) {
    return binary<uop::AddOp, T>(a, b, [](auto x, auto y) { return x + y; });
  }
  friend EmitLane operator-(EmitLane a, EmitLane b) {
    return binary<uop::SubOp, T>(a, b, [](auto x, auto y) { return x - y; });
  }
  friend EmitLane operator*(EmitLane a, EmitLane b) {
    return binary<uop::MulOp, T>(a, b, [](auto x, auto y) { return x * y; });
  }
  friend EmitLane operator/(EmitLane a, EmitLane b) {
    return binary<uop::FDivOp, T>(a, b, [](auto x, auto y) { return x / y; });
  }
  friend EmitLane operator&(EmitLane a, EmitLane b) {
    return binary<uop::AndOp, T>(a, b, [](auto x, auto y) { return x & y; });
  }
  friend EmitLane operator|(EmitLane a, EmitLane b) {
    return binary<uop::OrOp, T>(a, b, [](auto x, auto y) { return x | y; });
  }
  friend EmitLane operator^(EmitLane a, EmitLane b) {
    return binary<uop::XorOp, T>(a, b, [](auto x, auto y) { return x ^ y; });
  }
  friend EmitLane operator<<(EmitLane a, EmitLane b) {
    return binary<uop::ShlOp, T>(a, b, [](auto x, auto y) { return x << y; });
  }
  friend EmitLane operator>>(EmitLane a, EmitLane b) {
    return binary<uop::ShrOp, T>(a, b, [](auto x, auto y) { return x >> y; });
  }
  friend EmitLane<bool> operator<(EmitLane a, EmitLane b) {
    return binary<uop::CmpLtOp, bool>(a, b, [](auto x, auto y) { return x < y; });
  }
  friend EmitLane<bool> operator<=(EmitLane a, EmitLane b) {
    return binary<uop::CmpLeOp, bool>(a, b, [](auto x, auto y) { return x <= y; });
  }
  friend EmitLane<bool> operator==(EmitLane a, EmitLane b) {
    return binary<uop::CmpEqOp, bool>(a, b, [](auto x, auto y) { return x == y; });
  }
  friend EmitLane<bool> operator!=(EmitLane a, EmitLane b) {
    return binary<uop::CmpNeOp, bool>(a, b, [](auto x, auto y) { return x != y; });
  }
  friend EmitLane operator-(EmitLane a) {
    return unary<uop::NegOp>(a, [](auto x) { return -x; });
  }
  friend EmitLane operator!(EmitLane a) {
    return unary<uop::NotOp>(a, [](auto x) { return !x; });
  }
  friend EmitLane sqrt(EmitLane a) {
    return unary<uop::SqrtOp>(a, [](auto x) { return sqrt(x); });
  }
  friend EmitLane trunc(EmitLane a) {
    return unary<uop::TruncOp>(a, [](auto x) { return trunc(x); });
  }
  friend EmitLane where(EmitLane<bool> m, EmitLane a, EmitLane b) {
    Emitter &e = m.context();
    return {e, e.create<uop::WhereOp, T>(m.get(e), a.get(e), b.get(e))};
  }
  friend EmitLane fma(EmitLane a, EmitLane b, EmitLane c) {
    Emitter &e = a.emitter ? *a.emitter : b.emitter ? *b.emitter : c.context();
    return {e, e.create<uop::FmaOp, T>(a.get(e), b.get(e), c.get(e))};
  }

  template <class U> EmitLane<U> cast() const {
    return {*emitter, emitter->create<uop::CastOp, U>(value)};
  }
  template <class U> EmitLane<U> bitcast() const {
    if (!emitter)
      return HostLane<T>(literal).template bitcast<U>().get();
    return {*emitter, emitter->create<uop::BitcastOp, U>(value)};
  }

  /// The emitter of a tensor; not for literals.
  Emitter &context() const {
    assert(emitter && "a literal alone has no shape");
    return *emitter;
  }

private:
  Emitter *emitter = nullptr;
  mlir::Value value;
  T literal{};

  /// Emits OpT, or computes on the host where both operands are literals.
  template <class OpT, class Result, class Host>
  static EmitLane<Result> binary(EmitLane a, EmitLane b, Host host) {
    if (!a.emitter && !b.emitter)
      return host(HostLane<T>(a.literal), HostLane<T>(b.literal)).get();
    Emitter &e = a.emitter ? *a.emitter : *b.emitter;
    return {e, e.create<OpT, Result>(a.get(e), b.get(e))};
  }

  template <class OpT, class Host> static EmitLane unary(EmitLane a, Host host) {
    if (!a.emitter)
      return host(HostLane<T>(a.literal)).get();
    return {*a.emitter, a.emitter->create<OpT, T>(a.value)};
  }
};

template <class T> mlir::RankedTensorType Emitter::typeOf() const {
  mlir::Type element;
  if constexpr (std::is_same_v<T, float>)
    element = builder.getF32Type();
  else if constexpr (std::is_same_v<T, double>)
    element = builder.getF64Type();
  else
    element = mlir::IntegerType::get(
        builder.getContext(), std::is_same_v<T, bool> ? 1 : sizeof(T) * 8,
        std::is_signed_v<T> || std::is_same_v<T, bool> ? mlir::IntegerType::Signless
                                                       : mlir::IntegerType::Unsigned);
  return mlir::RankedTensorType::get(shape.getShape(), element, shape.getEncoding());
}

template <class T> mlir::Value Emitter::constant(T literal) {
  mlir::RankedTensorType type = typeOf<T>();
  if constexpr (std::is_floating_point_v<T>)
    return splat(type, mlir::FloatAttr::get(type.getElementType(), llvm::APFloat(literal)));
  else
    return splat(type, mlir::IntegerAttr::get(type.getElementType(),
                                              llvm::APInt(type.getElementTypeBitWidth(),
                                                          uint64_t(literal), false, true)));
}

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_EMITLANE_H

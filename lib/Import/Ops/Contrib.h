//===- Contrib.h - ONNX Runtime's own operators -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the files of the domain com.microsoft share. They follow ONNX Runtime's documentation of its
// operators, and where it is silent what its processor kernels compute.
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_OPS_CONTRIB_H
#define TG_LIB_IMPORT_OPS_CONTRIB_H

#include "Families.h"

namespace tg {

/// The domain of ONNX Runtime's own operators.
inline constexpr llvm::StringLiteral microsoftDomain = "com.microsoft";

/// The parameters of a fused activation: alpha, beta, gamma, as many as are given.
using ActivationParams = llvm::SmallVector<double, 3>;

/// The activation of this name, as FusedConv and FusedGemm have it; `x` where the name is empty.
mlir::Value activateFused(OnnxNode &n, mlir::Value x, llvm::StringRef name,
                          llvm::ArrayRef<double> params);

/// `x` with its last axis as axis 1, or back.
mlir::Value toChannelsFirst(OnnxNode &n, mlir::Value x);
mlir::Value toChannelsLast(OnnxNode &n, mlir::Value x);

/// Fails, naming it, where an attribute has another value than `only`. False on failure.
bool requireInt(OnnxNode &n, llvm::StringRef attribute, int64_t only);
/// Fails, naming it, where an input is given. False on failure.
bool refuseInput(OnnxNode &n, unsigned input, llvm::StringRef name);

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// [B, S, H * D] as [B, H, S, D].
mlir::Value splitIntoHeads(OnnxNode &n, mlir::Value x, int64_t heads);

/// softmax(query key^T * scale + what `mask` adds) value, of [B, H, S, D], [B, G, T, D] and
/// [B, G, T, E], where every one of G heads serves H / G.
struct ContribAttention {
  mlir::Value query, key, value;
  /// 1 / sqrt(D) where it is 0.
  double scale = 0;
  /// Of the scores, before anything is added; 0 for none.
  double softcap = 0;
  /// Added to the scores; broadcasts to [B, H, S, T]. Any may be null.
  llvm::SmallVector<mlir::Value> biases;
  /// i1, broadcasts to [B, H, S, T]: where not to look at all. Null for nowhere.
  mlir::Value hidden;
  /// One more score per head [H], which nothing is read for; null for none.
  mlir::Value sink;

  /// The scores before and after everything was added to them, and their softmax; set by build.
  mlir::Value rawScores, scores, probabilities;

  /// [B, S, H * E]
  mlir::Value build(OnnxNode &n);
};

/// i1 [S, T]: which keys come after the query of their row, of which the first is at `past`.
mlir::Value isLaterKey(OnnxNode &n, DimAttr queries, DimAttr keys, DimAttr past);
/// What a mask of any of the forms of Attention and MultiHeadAttention adds to scores of
/// [B, H, S, T]: `filter` where it hides a key. Null after a failure.
mlir::Value readPaddingMask(OnnxNode &n, mlir::Value mask, mlir::Value scoresLike, DimAttr batch,
                            DimAttr keys, double filter);
/// The rest of Attention and QAttention, from the projections [B, S, Q + K + V].
void attendProjected(OnnxNode &n, mlir::Value projected, mlir::Value mask, mlir::Value past,
                     mlir::Value bias);

//===----------------------------------------------------------------------===//
// Families
//===----------------------------------------------------------------------===//

void registerContribActivations(OnnxOpRegistry &registry);
void registerContribAttention(OnnxOpRegistry &registry);
void registerContribConvolutions(OnnxOpRegistry &registry);
void registerContribGroupQueryAttention(OnnxOpRegistry &registry);
void registerContribMatMul(OnnxOpRegistry &registry);
void registerContribMatMulNBits(OnnxOpRegistry &registry);
void registerContribMoE(OnnxOpRegistry &registry);
void registerContribNchwc(OnnxOpRegistry &registry);
void registerContribNormalizations(OnnxOpRegistry &registry);
void registerContribOdds(OnnxOpRegistry &registry);
void registerContribQLinear(OnnxOpRegistry &registry);
void registerContribQuantizedMatMul(OnnxOpRegistry &registry);

} // namespace tg

#endif // TG_LIB_IMPORT_OPS_CONTRIB_H

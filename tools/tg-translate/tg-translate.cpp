//===- tg-translate.cpp - Translations into and out of MLIR ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/OutputErrors.h"
#include "tg/Tooling/Translate.h"

#include "tg/Export/Dot.h"
#include "tg/Export/LLVMIR.h"
#include "tg/Export/Object.h"
#include "tg/Export/Page.h"
#include "tg/Import/Onnx.h"

#include "mlir/InitAllTranslations.h"

int main(int argc, char **argv) {
  tg::reportOutputErrors("tg-translate", argv);
  mlir::registerAllTranslations();
  tg::registerOnnxTranslation();
  tg::registerDotTranslation();
  tg::registerLLVMIRTranslation();
  tg::registerObjectTranslations();
  tg::registerPageTranslations();
  return mlir::failed(tg::translateMain(argc, argv, "tg: translations of tensor programs\n"));
}

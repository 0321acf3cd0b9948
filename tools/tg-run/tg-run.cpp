//===- tg-run.cpp - Compiles and runs a model ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Mains.h"

int main(int argc, char **argv) { return tg::runMain(argc, argv); }

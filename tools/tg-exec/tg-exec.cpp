//===- tg-exec.cpp - Runs compiled programs without a compiler ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Mains.h"

int main(int argc, char **argv) { return tg::execMain(argc, argv); }

//===- tg-random.cpp - Random programs against the interpreter ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Mains.h"

int main(int argc, char **argv) { return tg::randomMain(argc, argv); }

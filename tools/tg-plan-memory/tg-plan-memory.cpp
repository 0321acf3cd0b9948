//===- tg-plan-memory.cpp - Places buffers in one arena ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Mains.h"

int main(int argc, char **argv) { return tg::planMemoryMain(argc, argv); }

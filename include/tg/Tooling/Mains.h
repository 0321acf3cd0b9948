//===- Mains.h - The main functions of the tools -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_MAINS_H
#define TG_TOOLING_MAINS_H

namespace tg {

/// The main function of the tool of that name: takes its command line, prints to standard output,
/// messages to standard error, and returns the exit status. A tool of another project that adds
/// passes or operations calls one from its own main.
int runMain(int argc, char **argv);        ///< tg-run
int randomMain(int argc, char **argv);     ///< tg-random
int execMain(int argc, char **argv);       ///< tg-exec, which links the runtime alone
int planMemoryMain(int argc, char **argv); ///< tg-plan-memory, which links the runtime alone

} // namespace tg

#endif // TG_TOOLING_MAINS_H

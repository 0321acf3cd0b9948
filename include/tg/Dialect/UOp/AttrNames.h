//===- AttrNames.h - Names of attributes on functions and arguments -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The discardable attributes by which the stages of the compiler speak to each other on operations
// of other dialects. docs/architecture.md says who writes each and who reads it.
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_ATTRNAMES_H
#define TG_DIALECT_UOP_ATTRNAMES_H

#include "llvm/ADT/StringRef.h"

namespace tg::attrs {

using Name = llvm::StringLiteral;

//===--- The model's function
//------------------------------------------------------------------===//

/// Of an argument or result: the name that the user's model gives it, a string.
constexpr Name name = "tg.name";
/// Of an argument or result: that it holds numbers of strings (unit), and the strings, by number,
/// of an output's keys (an array).
constexpr Name string = "tg.string", keys = "tg.keys";
/// Of a function: the strings that its numbers of strings mean, an array.
constexpr Name strings = "tg.strings";
/// Of a function: outputs of the model that are constants, as arrays of name and value.
constexpr Name constants = "tg.constants";
/// Of an argument: that a run may overwrite it (unit).
constexpr Name donated = "tg.donated";

//===--- The same with buffers
//-----------------------------------------------------------------===//

/// Of an argument: its tensor type, which says more than the buffer's.
constexpr Name type = "tg.type";
/// Of an argument: that it is a result (unit).
constexpr Name output = "tg.output";
/// Of a result's argument: the number of the input whose memory it shares.
constexpr Name tied = "tg.tied";

//===--- A kernel's function
//-------------------------------------------------------------------===//

/// Of a function: that it is a kernel (unit), and its schedule.
constexpr Name kernel = "tg.kernel", schedule = "tg.schedule";
/// Of a module with kernels: names of the program's variables in the order of its table.
constexpr Name vars = "tg.vars";
/// Of a result: the number of the argument whose buffer it has.
constexpr Name alias = "tg.alias";
/// Of a loop: the axis of the kernel's plan that it is (a string; see tg/Analysis/NestPlan.h), and
/// that its iterations are independent (unit).
constexpr Name axis = "tg.axis", parallel = "tg.parallel";
/// Of an argument: the variable that it is (a string), the first unit of work and the one behind
/// the last, the worker's scratch memory, and where to store an error (units).
constexpr Name var = "tg.var", begin = "tg.begin", end = "tg.end", workspace = "tg.workspace",
               error = "tg.error";
/// Of a function, as dimension expressions: units of work, arithmetic operations, and bytes of all
/// buffers; `tg.workspace` is the bytes of scratch memory that a worker needs.
constexpr Name range = "tg.range", flops = "tg.flops", bytes = "tg.bytes";

} // namespace tg::attrs

#endif // TG_DIALECT_UOP_ATTRNAMES_H

//===- Commands.h - Walking the command tree --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_COMMANDS_H
#define TG_LIB_RUNTIME_COMMANDS_H

#include "tg/Runtime/Program/Program.h"

namespace tg::rt {

/// How deep the tree may be: keeps recursion over a damaged file's commands bounded.
constexpr unsigned maxCommandDepth = 64;

/// The nested lists of a command, in order; null where it has fewer.
struct Bodies {
  const std::vector<Command> *first = nullptr;
  const std::vector<Command> *second = nullptr;
};
inline Bodies bodiesOf(const Command &command) {
  if (const auto *branch = std::get_if<If>(&command.op))
    return {&branch->thenBody, &branch->elseBody};
  if (const auto *loop = std::get_if<For>(&command.op))
    return {&loop->body, nullptr};
  if (const auto *loop = std::get_if<While>(&command.op))
    return {&loop->before, &loop->after};
  return {};
}

/// Calls visit(command, index, depth) in preorder, the order that numbers commands.
template <typename Visit>
void forEachCommand(const std::vector<Command> &commands, uint32_t &index, unsigned depth,
                    Visit &&visit) {
  for (const Command &command : commands) {
    visit(command, index++, depth);
    Bodies bodies = bodiesOf(command);
    if (bodies.first)
      forEachCommand(*bodies.first, index, depth + 1, visit);
    if (bodies.second)
      forEachCommand(*bodies.second, index, depth + 1, visit);
  }
}

inline bool nestsWithin(const std::vector<Command> &commands, unsigned depth) {
  for (const Command &command : commands) {
    Bodies bodies = bodiesOf(command);
    for (const auto *body : {bodies.first, bodies.second})
      if (body && !body->empty() && (depth == 0 || !nestsWithin(*body, depth - 1)))
        return false;
  }
  return true;
}

template <typename... Cases> struct Overload : Cases... {
  using Cases::operator()...;
};
template <typename... Cases> Overload(Cases...) -> Overload<Cases...>;

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_COMMANDS_H

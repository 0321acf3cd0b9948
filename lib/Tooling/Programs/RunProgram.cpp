//===- RunProgram.cpp - Runs compiled programs without a compiler ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an embedder of the runtime writes, as a tool: it links tg_runtime and nothing of LLVM.
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Mains.h"
#include "tg/Tooling/Programs/Execute.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

using namespace tg;
using namespace tg::run;

static rt::Status runProgram(const Options &options, Clock::time_point start) {
  rt::Result<std::shared_ptr<const rt::Program>> program = rt::loadProgram(options.model);
  if (!program.ok())
    return program.status();
  Signature signature = signatureOf(**program);
  if (rt::Status status = checkOutputFiles(signature.outputs, options.output); !status.ok())
    return status;
  rt::Result<std::vector<rt::Tensor>> inputs = makeInputs(signature, options);
  if (!inputs.ok())
    return inputs.status();
  rt::Result<Execution> result = execute(*program, *inputs, options, start);
  if (!result.ok())
    return result.status();
  if (!options.output.empty())
    if (rt::Status status = writeOutputs(signature, result->outputs, options.output); !status.ok())
      return status;
  for (size_t i = 0; i < result->outputs.size(); ++i)
    std::printf("%s: %s\n", rt::printable(signature.outputs[i].name).c_str(),
                preview(signature, i, result->outputs[i]).c_str());
  if (!result->samePlanners.empty())
    std::printf("%s\n", result->printPlanners().c_str());
  if (result->latency)
    std::printf("%s\n", result->latency->print().c_str());
  return checkExpected(signature, result->outputs, options);
}

int tg::execMain(int argc, char **argv) {
  Clock::time_point start = Clock::now();
  rt::Result<Options> options = parseOptions(argc, argv, Tool::Exec);
  rt::Status status = options.status();
  if (options.ok() && options->help)
    std::printf("%s", helpText(Tool::Exec).c_str());
  else if (options.ok() && options->version)
    std::printf("tg %s\n", TG_VERSION);
  else if (options.ok())
    status = runProgram(*options, start);
  if (status.ok() && std::fflush(stdout) != 0)
    status =
        rt::Status::error("cannot write to standard output: " + std::string(std::strerror(errno)));
  if (status.ok())
    return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "tg-exec: error: %s\n",
               rt::printable(status.message(), /*keepsLines=*/true).c_str());
  return 1;
}

//===- SessionTest.cpp - What compilations share ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/Session.h"

#include "tg/Target/Target.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"

#include "gtest/gtest.h"

using namespace tg;

namespace {

constexpr const char *text = R"(
  func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = uop.add %x, %x : tensor<8xf32>
    return %0 : tensor<8xf32>
  })";

TEST(Session, KeepsContextTargetsAndKernels) {
  llvm::SmallString<64> folder;
  ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("tg-session", folder));
  Session session(/*isParallel=*/false);
  CompileOptions options;
  options.cacheDirectory = folder.str().str();
  auto compileOnce = [&]() -> Compilation {
    auto context = session.getContext();
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
    mlir::FailureOr<Compilation> result = session.compile(*module, options);
    EXPECT_TRUE(mlir::succeeded(result));
    return mlir::succeeded(result) ? std::move(*result) : Compilation();
  };
  auto context = session.getContext();
  EXPECT_FALSE(compileOnce().kernels.at(0).fromCache);
  ASSERT_FALSE(llvm::sys::fs::remove_directories(folder));
  Compilation second = compileOnce();
  EXPECT_TRUE(second.kernels.at(0).fromCache);
  EXPECT_EQ(session.getContext(), context);
  EXPECT_EQ(*session.getTarget(options), *session.getTarget(options));

  // The program does not need the session, its runs may share the session's threads.
  auto running = rt::Context::create(second.program, session.makeContextOptions());
  ASSERT_TRUE(running.ok()) << running.message();
  auto input = rt::Tensor::allocate(DType::F32, {8});
  ASSERT_TRUE(input.ok());
  for (int i = 0; i < 8; ++i)
    static_cast<float *>(input->data())[i] = float(i);
  auto output = (*running)->run({*input});
  ASSERT_TRUE(output.ok()) << output.message();
  EXPECT_EQ(static_cast<const float *>(output->front().data())[7], 14);
  (void)llvm::sys::fs::remove_directories(folder);
}

TEST(Session, RenewsTheContextOfLargeModels) {
  Session session(/*isParallel=*/false);
  auto first = session.getContext();
  session.noteModel(uint64_t(300) << 20);
  EXPECT_NE(session.getContext(), first);
}

TEST(Targets, AreFoundByName) {
  EXPECT_EQ(checkTargetName("cpu"), "");
  EXPECT_EQ(checkTargetName("abacus"), "unknown device 'abacus'; there are: cpu");
  auto made = createTarget("", {});
  ASSERT_TRUE(bool(made));
  EXPECT_EQ((*made)->getName(), getDefaultTargetName());
  TargetOptions options;
  options.processor = "z80";
  auto unknown = createTarget("cpu", options);
  ASSERT_FALSE(bool(unknown));
  EXPECT_EQ(llvm::toString(unknown.takeError()), "unknown target processor 'z80'");
}

} // namespace

// A plug-in's dialect parses, and its pass makes operations of uop's.

// RUN: tg-opt %s --load-dialect-plugin=%tg_plugin --load-pass-plugin=%tg_plugin \
// RUN:   --pass-pipeline='builtin.module(tiny-expand, tg-simplify)' | FileCheck %s
// RUN: not tg-opt %s --load-dialect-plugin=%tg_plugin --pass-pipeline='builtin.module(tiny-expand)' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NOPASS
// RUN: not tg-opt %s --load-pass-plugin=%tg_plugin --pass-pipeline='builtin.module(tiny-expand)' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NODIALECT
// RUN: not tg-opt %s --load-pass-plugin=%t.missing.so 2>&1 | FileCheck %s --check-prefix=MISSING
// NOPASS: error: 'tiny-expand' does not refer to a registered pass
// NODIALECT: error: operation being parsed with an unregistered dialect
// MISSING: {{.*}}.missing.so

// CHECK-LABEL: func.func @main
// CHECK: uop.mul %arg0, %{{.*}} : tensor<4xf32>
// CHECK-NOT: tiny
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "tiny.twice"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

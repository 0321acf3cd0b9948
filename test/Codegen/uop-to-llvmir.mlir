// RUN: tg-translate --uop-to-llvmir %s --uop-target-cpu=haswell -o %t.ll
// RUN: FileCheck %s --input-file=%t.ll
// RUN: llc-22 -mcpu=haswell %t.ll -filetype=obj -o %t.o
// RUN: not tg-translate --uop-to-llvmir %s --uop-target-cpu=nothing 2>&1 | FileCheck %s --check-prefix=CPU

// CPU: error: {{.*}}'nothing'

// Two kernels in one LLVM module, with vectors of the processor that is asked for.

// CHECK-DAG: ; [[SUM:tg_[0-9a-f]+]]: reduce_8
// CHECK-DAG: ; [[MAP:tg_[0-9a-f]+]]: map_8x64
// CHECK: target triple =
// CHECK-DAG: define {{.*}}@[[SUM]](
// CHECK-DAG: define {{.*}}@[[MAP]](
// CHECK-DAG: fadd <{{[0-9]+}} x float>
func.func @main(%a: tensor<8x64xf32>, %b: tensor<8x64xf32>) -> (tensor<8xf32>, tensor<8x64xf32>) {
  %0 = uop.reduce add %a axes [1] : (tensor<8x64xf32>) -> tensor<8xf32>
  %1 = uop.add %b, %b : tensor<8x64xf32>
  return %0, %1 : tensor<8xf32>, tensor<8x64xf32>
}

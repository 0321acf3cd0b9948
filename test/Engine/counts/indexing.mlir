// What indices from outside pick.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/gather.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/gather.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/gather.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/cross-entropy.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-opt %t/cross-entropy.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-run %t/cross-entropy.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/cross-entropy-gather.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-opt %t/cross-entropy-gather.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-run %t/cross-entropy-gather.mlir --random-inputs=1 --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-1-COUNT-1: uop.kernel
// KERNELS-1-NOT: uop.kernel
// KERNELS-2-COUNT-2: uop.kernel
// KERNELS-2-NOT: uop.kernel
// RESULT: : ok

//--- gather.mlir
// Rows of a table by index.
func.func @main(%x: tensor<1000x64xf32> {tg.name = "x"}, %i: tensor<128xi64> {tg.name = "i"})
    -> (tensor<128x64xf32> {tg.name = "y"}) {
  %y = uop.gather %x, %i axis 0 : (tensor<1000x64xf32>, tensor<128xi64>) -> tensor<128x64xf32>
  return %y : tensor<128x64xf32>
}

//--- cross-entropy.mlir
// Sparse cross entropy, averaged over labels other than -1. The label's log-probability is
// picked by comparing with all classes.
func.func @main(%x: tensor<128x1000xf32> {tg.name = "x"}, %t: tensor<128xi64> {tg.name = "t"})
    -> (tensor<f32> {tg.name = "loss"}) {
  %max = uop.reduce max %x axes [1] : (tensor<128x1000xf32>) -> tensor<128xf32>
  %max_r = uop.reshape %max : tensor<128xf32> -> tensor<128x1xf32>
  %max_e = uop.expand %max_r : tensor<128x1xf32> -> tensor<128x1000xf32>
  %d = uop.sub %x, %max_e : tensor<128x1000xf32>
  %e = uop.exp %d : tensor<128x1000xf32>
  %sum = uop.reduce add %e axes [1] : (tensor<128x1000xf32>) -> tensor<128xf32>
  %log_sum = uop.log %sum : tensor<128xf32>
  %log_sum_r = uop.reshape %log_sum : tensor<128xf32> -> tensor<128x1xf32>
  %log_sum_e = uop.expand %log_sum_r : tensor<128x1xf32> -> tensor<128x1000xf32>
  %log_p = uop.sub %d, %log_sum_e : tensor<128x1000xf32>
  %k = uop.iota axis 1 : tensor<128x1000xi64>
  %t_r = uop.reshape %t : tensor<128xi64> -> tensor<128x1xi64>
  %t_e = uop.expand %t_r : tensor<128x1xi64> -> tensor<128x1000xi64>
  %hot = uop.cmpeq %t_e, %k : tensor<128x1000xi64>
  %z = uop.const dense<0.0> : tensor<128x1000xf32>
  %picked = uop.where %hot, %log_p, %z : tensor<128x1000xf32>
  %pick = uop.reduce add %picked axes [1] : (tensor<128x1000xf32>) -> tensor<128xf32>
  %ignore = uop.const dense<-1> : tensor<128xi64>
  %on = uop.cmpne %t, %ignore : tensor<128xi64>
  %zb = uop.const dense<0.0> : tensor<128xf32>
  %counted = uop.where %on, %pick, %zb : tensor<128xf32>
  %total = uop.reduce add %counted axes [0] : (tensor<128xf32>) -> tensor<f32>
  %on_f = uop.cast %on : tensor<128xi1> -> tensor<128xf32>
  %n = uop.reduce add %on_f axes [0] : (tensor<128xf32>) -> tensor<f32>
  %mean = uop.fdiv %total, %n : tensor<f32>
  %loss = uop.neg %mean : tensor<f32>
  return %loss : tensor<f32>
}

//--- cross-entropy-gather.mlir
// The same, picked by a gather.
func.func @main(%x: tensor<128x1000xf32> {tg.name = "x"}, %t: tensor<128xi64> {tg.name = "t"})
    -> (tensor<f32> {tg.name = "loss"}) {
  %max = uop.reduce max %x axes [1] : (tensor<128x1000xf32>) -> tensor<128xf32>
  %max_r = uop.reshape %max : tensor<128xf32> -> tensor<128x1xf32>
  %max_e = uop.expand %max_r : tensor<128x1xf32> -> tensor<128x1000xf32>
  %d = uop.sub %x, %max_e : tensor<128x1000xf32>
  %e = uop.exp %d : tensor<128x1000xf32>
  %sum = uop.reduce add %e axes [1] : (tensor<128x1000xf32>) -> tensor<128xf32>
  %log_sum = uop.log %sum : tensor<128xf32>
  %log_sum_r = uop.reshape %log_sum : tensor<128xf32> -> tensor<128x1xf32>
  %log_sum_e = uop.expand %log_sum_r : tensor<128x1xf32> -> tensor<128x1000xf32>
  %log_p = uop.sub %d, %log_sum_e : tensor<128x1000xf32>
  %pick = uop.gather %log_p, %t axis 1 batch 1
     : (tensor<128x1000xf32>, tensor<128xi64>) -> tensor<128xf32>
  %ignore = uop.const dense<-1> : tensor<128xi64>
  %on = uop.cmpne %t, %ignore : tensor<128xi64>
  %zb = uop.const dense<0.0> : tensor<128xf32>
  %counted = uop.where %on, %pick, %zb : tensor<128xf32>
  %total = uop.reduce add %counted axes [0] : (tensor<128xf32>) -> tensor<f32>
  %on_f = uop.cast %on : tensor<128xi1> -> tensor<128xf32>
  %n = uop.reduce add %on_f axes [0] : (tensor<128xf32>) -> tensor<f32>
  %mean = uop.fdiv %total, %n : tensor<f32>
  %loss = uop.neg %mean : tensor<f32>
  return %loss : tensor<f32>
}

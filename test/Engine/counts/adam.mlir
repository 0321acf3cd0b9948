// A step of Adam on a linear layer with ReLU, whose sum is the loss.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/adam.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-3
// RUN: tg-opt %t/adam.mlir --tg-pipeline=fusion=aggressive | FileCheck %s --check-prefix=KERNELS-3
// RUN: tg-run %t/adam.mlir --random-inputs=1 --verify \
// RUN:   --input=vw=0.1,0.2,0.3 --input=vb=0.1,0.2 --input=b1t=0.81 --input=b2t=0.998 \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/adam.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   --input=vw=0.1,0.2,0.3 --input=vb=0.1,0.2 --input=b1t=0.81 --input=b2t=0.998 \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-3-COUNT-3: uop.kernel
// KERNELS-3-NOT: uop.kernel
// RESULT: : ok

//--- adam.mlir
// Linear layer 32 to 128 on 4 x 64 rows: new weights, moments and powers of beta.
func.func @main(%x: tensor<4x64x32xf32> {tg.name = "x"}, %w: tensor<128x32xf32> {tg.name = "w"},
                %b: tensor<128xf32> {tg.name = "b"}, %mw: tensor<128x32xf32> {tg.name = "mw"},
                %mb: tensor<128xf32> {tg.name = "mb"}, %vw: tensor<128x32xf32> {tg.name = "vw"},
                %vb: tensor<128xf32> {tg.name = "vb"}, %b1t: tensor<f32> {tg.name = "b1t"},
                %b2t: tensor<f32> {tg.name = "b2t"}, %lr: tensor<f32> {tg.name = "lr"})
    -> (tensor<128x32xf32> {tg.name = "new_mw"}, tensor<128x32xf32> {tg.name = "new_vw"},
        tensor<128x32xf32> {tg.name = "new_w"}, tensor<128xf32> {tg.name = "new_mb"},
        tensor<128xf32> {tg.name = "new_vb"}, tensor<128xf32> {tg.name = "new_b"},
        tensor<f32> {tg.name = "new_b1t"}, tensor<f32> {tg.name = "new_b2t"}) {
  // The layer and its gradients.
  %wt = uop.permute %w [1, 0] : tensor<128x32xf32> -> tensor<32x128xf32>
  %rows = uop.reshape %x : tensor<4x64x32xf32> -> tensor<256x32xf32>
  %rows_r = uop.reshape %rows : tensor<256x32xf32> -> tensor<256x32x1xf32>
  %rows_e = uop.expand %rows_r : tensor<256x32x1xf32> -> tensor<256x32x128xf32>
  %wt_r = uop.reshape %wt : tensor<32x128xf32> -> tensor<1x32x128xf32>
  %wt_e = uop.expand %wt_r : tensor<1x32x128xf32> -> tensor<256x32x128xf32>
  %xw_p = uop.mul %rows_e, %wt_e : tensor<256x32x128xf32>
  %xw = uop.reduce add %xw_p axes [1] : (tensor<256x32x128xf32>) -> tensor<256x128xf32>
  %b_r = uop.reshape %b : tensor<128xf32> -> tensor<1x128xf32>
  %b_e = uop.expand %b_r : tensor<1x128xf32> -> tensor<256x128xf32>
  %l = uop.add %xw, %b_e : tensor<256x128xf32>
  %z = uop.const dense<0.0> : tensor<256x128xf32>
  %h = uop.max %l, %z : tensor<256x128xf32>
  %one = uop.const dense<1.0> : tensor<256x128xf32>
  %gl_z = uop.const dense<0.0> : tensor<256x128xf32>
  %gl_on = uop.cmplt %gl_z, %l : tensor<256x128xf32>
  %gl = uop.where %gl_on, %one, %gl_z : tensor<256x128xf32>
  %glt = uop.permute %gl [1, 0] : tensor<256x128xf32> -> tensor<128x256xf32>
  %glt_r = uop.reshape %glt : tensor<128x256xf32> -> tensor<128x256x1xf32>
  %glt_e = uop.expand %glt_r : tensor<128x256x1xf32> -> tensor<128x256x32xf32>
  %rows_r_1 = uop.reshape %rows : tensor<256x32xf32> -> tensor<1x256x32xf32>
  %rows_e_1 = uop.expand %rows_r_1 : tensor<1x256x32xf32> -> tensor<128x256x32xf32>
  %gw_p = uop.mul %glt_e, %rows_e_1 : tensor<128x256x32xf32>
  %gw = uop.reduce add %gw_p axes [1] : (tensor<128x256x32xf32>) -> tensor<128x32xf32>
  %gb = uop.reduce add %gl axes [0] : (tensor<256x128xf32>) -> tensor<128xf32>
  // beta1^t and beta2^t.
  %beta1 = uop.const dense<0.9> : tensor<f32>
  %p1 = uop.mul %b1t, %beta1 : tensor<f32>
  %beta2 = uop.const dense<0.999> : tensor<f32>
  %p2 = uop.mul %b2t, %beta2 : tensor<f32>
  %new_b1t = uop.assign %b1t, %p1 : tensor<f32>, tensor<f32>
  %new_b2t = uop.assign %b2t, %p2 : tensor<f32>, tensor<f32>
  %unit = uop.const dense<1.0> : tensor<f32>
  %c1 = uop.sub %unit, %new_b1t : tensor<f32>
  %c2 = uop.sub %unit, %new_b2t : tensor<f32>
  // The step of w.
  %beta1_w = uop.const dense<0.9> : tensor<128x32xf32>
  %mkw = uop.mul %mw, %beta1_w : tensor<128x32xf32>
  %rest1_w = uop.const dense<0.1> : tensor<128x32xf32>
  %mgw = uop.mul %gw, %rest1_w : tensor<128x32xf32>
  %m1w = uop.add %mkw, %mgw : tensor<128x32xf32>
  %new_mw = uop.assign %mw, %m1w : tensor<128x32xf32>, tensor<128x32xf32>
  %g2w = uop.mul %gw, %gw : tensor<128x32xf32>
  %beta2_w = uop.const dense<0.999> : tensor<128x32xf32>
  %vkw = uop.mul %vw, %beta2_w : tensor<128x32xf32>
  %rest2_w = uop.const dense<0.001> : tensor<128x32xf32>
  %vgw = uop.mul %g2w, %rest2_w : tensor<128x32xf32>
  %v1w = uop.add %vkw, %vgw : tensor<128x32xf32>
  %new_vw = uop.assign %vw, %v1w : tensor<128x32xf32>, tensor<128x32xf32>
  %c1w_r = uop.reshape %c1 : tensor<f32> -> tensor<1x1xf32>
  %c1w_e = uop.expand %c1w_r : tensor<1x1xf32> -> tensor<128x32xf32>
  %mhw = uop.fdiv %new_mw, %c1w_e : tensor<128x32xf32>
  %c2w_r = uop.reshape %c2 : tensor<f32> -> tensor<1x1xf32>
  %c2w_e = uop.expand %c2w_r : tensor<1x1xf32> -> tensor<128x32xf32>
  %vhw = uop.fdiv %new_vw, %c2w_e : tensor<128x32xf32>
  %rootw = uop.sqrt %vhw : tensor<128x32xf32>
  %epsw = uop.const dense<1.0e-08> : tensor<128x32xf32>
  %denw = uop.add %rootw, %epsw : tensor<128x32xf32>
  %lrw_r = uop.reshape %lr : tensor<f32> -> tensor<1x1xf32>
  %lrw_e = uop.expand %lrw_r : tensor<1x1xf32> -> tensor<128x32xf32>
  %ratiow = uop.fdiv %mhw, %denw : tensor<128x32xf32>
  %dw = uop.mul %lrw_e, %ratiow : tensor<128x32xf32>
  %nextw = uop.sub %w, %dw : tensor<128x32xf32>
  %new_w = uop.assign %w, %nextw : tensor<128x32xf32>, tensor<128x32xf32>
  // The step of b.
  %beta1_b = uop.const dense<0.9> : tensor<128xf32>
  %mkb = uop.mul %mb, %beta1_b : tensor<128xf32>
  %rest1_b = uop.const dense<0.1> : tensor<128xf32>
  %mgb = uop.mul %gb, %rest1_b : tensor<128xf32>
  %m1b = uop.add %mkb, %mgb : tensor<128xf32>
  %new_mb = uop.assign %mb, %m1b : tensor<128xf32>, tensor<128xf32>
  %g2b = uop.mul %gb, %gb : tensor<128xf32>
  %beta2_b = uop.const dense<0.999> : tensor<128xf32>
  %vkb = uop.mul %vb, %beta2_b : tensor<128xf32>
  %rest2_b = uop.const dense<0.001> : tensor<128xf32>
  %vgb = uop.mul %g2b, %rest2_b : tensor<128xf32>
  %v1b = uop.add %vkb, %vgb : tensor<128xf32>
  %new_vb = uop.assign %vb, %v1b : tensor<128xf32>, tensor<128xf32>
  %c1b_r = uop.reshape %c1 : tensor<f32> -> tensor<1xf32>
  %c1b_e = uop.expand %c1b_r : tensor<1xf32> -> tensor<128xf32>
  %mhb = uop.fdiv %new_mb, %c1b_e : tensor<128xf32>
  %c2b_r = uop.reshape %c2 : tensor<f32> -> tensor<1xf32>
  %c2b_e = uop.expand %c2b_r : tensor<1xf32> -> tensor<128xf32>
  %vhb = uop.fdiv %new_vb, %c2b_e : tensor<128xf32>
  %rootb = uop.sqrt %vhb : tensor<128xf32>
  %epsb = uop.const dense<1.0e-08> : tensor<128xf32>
  %denb = uop.add %rootb, %epsb : tensor<128xf32>
  %lrb_r = uop.reshape %lr : tensor<f32> -> tensor<1xf32>
  %lrb_e = uop.expand %lrb_r : tensor<1xf32> -> tensor<128xf32>
  %ratiob = uop.fdiv %mhb, %denb : tensor<128xf32>
  %db = uop.mul %lrb_e, %ratiob : tensor<128xf32>
  %nextb = uop.sub %b, %db : tensor<128xf32>
  %new_b = uop.assign %b, %nextb : tensor<128xf32>, tensor<128xf32>
  return %new_mw, %new_vw, %new_w, %new_mb, %new_vb, %new_b, %new_b1t, %new_b2t
    : tensor<128x32xf32>, tensor<128x32xf32>, tensor<128x32xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<f32>, tensor<f32>
}

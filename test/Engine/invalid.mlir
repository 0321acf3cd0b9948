// What cannot be given a buffer is refused by name.
// RUN: tg-opt %s --split-input-file --tg-bufferize --verify-diagnostics

func.func @scalars(%x: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  %0 = tensor.extract %c[] : tensor<i1>
  // expected-error @+1 {{'scf.if' op must carry tensors only}}
  %1:2 = scf.if %0 -> (tensor<4xf32>, i1) {
    scf.yield %x, %0 : tensor<4xf32>, i1
  } else {
    scf.yield %x, %0 : tensor<4xf32>, i1
  }
  return %1#0 : tensor<4xf32>
}

// -----

// expected-error @+1 {{'func.func' op has several blocks; control flow must be scf's}}
func.func @blocks(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
^bb1(%y: tensor<4xf32>):
  return %y : tensor<4xf32>
}

// -----

func.func @buffer(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'uop.buffer' op does not run on this device: the engine has no rule for it}}
  %0 = uop.buffer [4] : memref<4xf32>
  return %x : tensor<4xf32>
}

// Schedules by hand of kernels that are not all loops over independent elements: every one gives what
// the interpreter does.
// RUN: tg-run %s --random-inputs=3 --verify --dim=N=5 2>&1 | FileCheck %s
// RUN: tg-run %s --random-inputs=4 --verify --dim=N=1 2>&1 | FileCheck %s
// RUN: tg-run %s --random-inputs=5 --verify --dim=N=0 2>&1 | FileCheck %s
// RUN: tg-run %s --random-inputs=6 --verify --dim=N=33 --opt-level=0 2>&1 | FileCheck %s

// CHECK-COUNT-6: verify {{.*}}: ok

uop.var @N in [0, 100]
func.func @main(%a: tensor<32x64xf32>, %b: tensor<6x8x5x4xf32>, %c: tensor<9x?xf32, #uop.dims<9, N>>,
                %d: tensor<4x6x3xf32>, %i: tensor<5xi64>)
    -> (tensor<32x64xf32>, tensor<5x6x4x8xf32>, tensor<?xf32, #uop.dims<N>>, tensor<4x6x3xf32>,
        tensor<4x6x3xf32>, tensor<4x5x3xf32>) {
  // Rows that are kept: eight at a time.
  %0 = uop.kernel ins(%a : tensor<32x64xf32>)
      schedule <[split(d0, 8), unroll(d0.i, 8), vectorize(d1, 16), vectorize(r0, 8), accumulate(r0, 2)]>
      -> tensor<32x64xf32> {
  ^bb0(%x: tensor<32x64xf32>):
    %1 = uop.mul %x, %x : tensor<32x64xf32>
    %2 = uop.contiguous %1 rows [0] : tensor<32x64xf32>
    %3 = uop.reduce add %2 axes [1] : (tensor<32x64xf32>) -> tensor<32xf32>
    %4 = uop.reshape %3 : tensor<32xf32> -> tensor<32x1xf32>
    %5 = uop.expand %4 : tensor<32x1xf32> -> tensor<32x64xf32>
    %6 = uop.fdiv %2, %5 : tensor<32x64xf32>
    uop.yield %6 : tensor<32x64xf32>
  }
  // Blocks of one axis fused with another, and an order across them.
  %7 = uop.kernel ins(%b : tensor<6x8x5x4xf32>)
      schedule <[split(d1, 4), reorder(d1.o, d2, d1.i), fuse(d1.o, d2), reorder(d3, d0)]>
      -> tensor<5x6x4x8xf32> {
  ^bb0(%x: tensor<6x8x5x4xf32>):
    %8 = uop.permute %x [2, 0, 3, 1] : tensor<6x8x5x4xf32> -> tensor<5x6x4x8xf32>
    uop.yield %8 : tensor<5x6x4x8xf32>
  }
  // A size that is not known, in blocks of vectors; a reduction in blocks.
  %9 = uop.kernel ins(%c : tensor<9x?xf32, #uop.dims<9, N>>)
      schedule <[split(d0, 7), split(r0, 4), vectorize(d0.i, 4), unroll(d0.i, 2), accumulate(r0.i, 3)]>
      -> tensor<?xf32, #uop.dims<N>> {
  ^bb0(%x: tensor<9x?xf32, #uop.dims<9, N>>):
    %10 = uop.reduce add %x axes [0] : (tensor<9x?xf32, #uop.dims<9, N>>) -> tensor<?xf32, #uop.dims<N>>
    uop.yield %10 : tensor<?xf32, #uop.dims<N>>
  }
  %11 = uop.kernel ins(%d : tensor<4x6x3xf32>) schedule <[fuse(d0, d1), split(r0, 4)]>
      -> tensor<4x6x3xf32> {
  ^bb0(%x: tensor<4x6x3xf32>):
    %12 = uop.scan add %x axis 1 : (tensor<4x6x3xf32>) -> tensor<4x6x3xf32>
    uop.yield %12 : tensor<4x6x3xf32>
  }
  %13 = uop.kernel ins(%d : tensor<4x6x3xf32>) schedule <[split(d0, 5), split(r0, 4)]>
      -> tensor<4x6x3xf32> {
  ^bb0(%x: tensor<4x6x3xf32>):
    %14 = uop.sort %x axis 1 : (tensor<4x6x3xf32>) -> tensor<4x6x3xf32>
    uop.yield %14 : tensor<4x6x3xf32>
  }
  %15 = uop.kernel ins(%d, %i : tensor<4x6x3xf32>, tensor<5xi64>)
      schedule <[reorder(d2, d0, d1), bind(d2, unit), unroll(d1, 3)]> -> tensor<4x5x3xf32> {
  ^bb0(%x: tensor<4x6x3xf32>, %at: tensor<5xi64>):
    %16 = uop.gather %x, %at axis 1 : (tensor<4x6x3xf32>, tensor<5xi64>) -> tensor<4x5x3xf32>
    uop.yield %16 : tensor<4x5x3xf32>
  }
  return %0, %7, %9, %11, %13, %15 : tensor<32x64xf32>, tensor<5x6x4x8xf32>, tensor<?xf32, #uop.dims<N>>,
      tensor<4x6x3xf32>, tensor<4x6x3xf32>, tensor<4x5x3xf32>
}

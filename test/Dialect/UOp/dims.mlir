// RUN: tg-opt %s | tg-opt | FileCheck %s

// Equal expressions are one attribute: whatever way a dimension is written, it prints the same.

// CHECK: @sum(tensor<?xf32, #uop.dims<M + N * 3 + 2>>)
func.func private @sum(tensor<?xf32, #uop.dims<2 * N + 5 + M + N - 3>>)
// CHECK: @product(tensor<?xf32, #uop.dims<[[P:.*]]>>)
func.func private @product(tensor<?xf32, #uop.dims<(N + 1) * (M + 2)>>)
// CHECK: @product_again(tensor<?xf32, #uop.dims<[[P]]>>)
func.func private @product_again(tensor<?xf32, #uop.dims<2 * N + N * M + M + 2>>)
// CHECK: @exact_division(tensor<?xf32, #uop.dims<N * 2 + 1>>)
func.func private @exact_division(tensor<?xf32, #uop.dims<(4 * N + 2) floordiv 2>>)
// CHECK: @mod(tensor<?xf32, #uop.dims<N mod 4>>)
func.func private @mod(tensor<?xf32, #uop.dims<(8 * M + N) mod 4>>)
// CHECK: @by_variable(tensor<?xf32, #uop.dims<N floordiv M>>)
func.func private @by_variable(tensor<?xf32, #uop.dims<N floordiv M>>)
// CHECK: @cancels(tensor<4xf32>)
func.func private @cancels(tensor<4xf32>)
// CHECK: #uop.dim<N * 2 + 1>
func.func private @scalar() attributes {d = #uop.dim<1 + N + N>}

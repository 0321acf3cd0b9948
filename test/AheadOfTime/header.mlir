// What --uop-to-header writes is C and C++ whatever the model's names are.

// RUN: tg-translate --uop-to-header --uop-object-name=odd %s -o %t.h
// RUN: FileCheck %s < %t.h
// RUN: echo '#include "header.mlir.tmp.h"' > %t.c
// RUN: clang -std=c99 -Wall -Wextra -pedantic -Werror -fsyntax-only -I %tg_src_root/include %t.c
// RUN: clang -std=c++17 -Wall -Wextra -Werror -fsyntax-only -I %tg_src_root/include -x c++ %t.c

// CHECK: input  x_y: tensor<Nx2xf32>, in the model 'x/y'
// CHECK: input  x_y_2: tensor<(N floordiv 2)xbf16>, in the model 'x y'
// CHECK: input  int_2: tensor<i1>, in the model 'int'
// CHECK: input  tg_input_: tensor<(N mod 3)x3xi4>, in the model 'tg_input'
// CHECK: output _2__: tensor<Nx2xf32>, in the model '2*?'
// CHECK: output found: tensor<Kxi64>
// CHECK: size   N: from 1 to 64
// CHECK: size   K: from 0 to 4, computed by the program
// CHECK: #ifndef ODD_H
// CHECK: extern const tg_linked_program odd_program;
// CHECK: static inline int64_t odd_floordiv_(int64_t a, int64_t b)
// CHECK: static inline bool odd_run(tg_context *context, int64_t N, const float *x_y, const uint16_t *x_y_2, const uint8_t *int_2, const uint8_t *tg_input_, float *_2__, int64_t *order, tg_tensor **found, tg_error **error) {
// CHECK: {NULL, "x/y", 0}
// CHECK: const int64_t shape[] = {odd_floordiv_(N, INT64_C(2))};
// CHECK: ok = ok && tg_context_run(context, inputs, 4, bindings, 1, outputs, 3, error);
// CHECK: *found = outputs[2];

// RUN: not tg-translate --uop-to-header --uop-object-name=a-b %s 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not tg-translate --uop-to-object --uop-object-name=9 %s 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: error: --uop-object-name: expected a C identifier, got '{{a-b|9}}'

uop.var @N in [1, 64]
uop.var @K in [0, 4]

func.func @main(%x: tensor<?x2xf32, #uop.dims<N, 2>> {tg.name = "x/y"},
                %y: tensor<?xbf16, #uop.dims<N floordiv 2>> {tg.name = "x y"},
                %c: tensor<i1> {tg.name = "int"},
                %z: tensor<?x3xi4, #uop.dims<N mod 3, 3>> {tg.name = "tg_input"})
    -> (tensor<?x2xf32, #uop.dims<N, 2>> {tg.name = "2*/"}, tensor<4xi64> {tg.name = "order"},
        tensor<?xi64, #uop.dims<K>> {tg.name = "found"}) {
  %0 = uop.neg %x : tensor<?x2xf32, #uop.dims<N, 2>>
  %1 = uop.iota axis 0 : tensor<4xi64>
  %2 = uop.const dense<[true, false, true, true]> : tensor<4xi1>
  %mask = uop.contiguous %2 : tensor<4xi1>
  %3, %n = uop.compact %mask : tensor<4xi1> -> tensor<4xi64>, tensor<i64>
  uop.bind @K = %n : tensor<i64>
  %4 = uop.shrink %3 offsets [0] sizes [K] : tensor<4xi64> -> tensor<?xi64, #uop.dims<K>>
  return %0, %1, %4 : tensor<?x2xf32, #uop.dims<N, 2>>, tensor<4xi64>, tensor<?xi64, #uop.dims<K>>
}

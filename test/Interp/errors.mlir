// What the interpreter says when a program cannot run on these values.
// REQUIRES: tg-run
// RUN: not tg-run %s --device=interp --input=arg0=1 --input=arg1=7 --dim=N=3 --check-indices 2>&1 | FileCheck %s --check-prefix=INDEX
// RUN: not tg-run %s --device=interp --input=arg0=1 --input=arg1=1 --dim=N=9 2>&1 | FileCheck %s --check-prefix=BOUNDS
// RUN: tg-run %s --device=interp --input=arg0=1,2,3 --input=arg1=2,7 --dim=N=3 | FileCheck %s --check-prefix=FINE

uop.var @N in [1, 8]

// INDEX: errors.mlir:[[#@LINE+4]]:8: 'uop.gather' op index 7 is out of range for axis 0 of size 3
// BOUNDS: variable N = 9 is outside of its bounds [1, 8]
// FINE: out0: tensor<2xf32> = [3, 0]
func.func @main(%x: tensor<?xf32, #uop.dims<N>>, %i: tensor<2xi64>) -> tensor<2xf32> {
  %0 = uop.gather %x, %i axis 0 : (tensor<?xf32, #uop.dims<N>>, tensor<2xi64>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

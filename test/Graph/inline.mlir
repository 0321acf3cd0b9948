// RUN: tg-opt %s --split-input-file --tg-inline --verify-diagnostics | FileCheck %s

// Calls of calls; the callee stays, and what it carries out keeps its place with the call's.
// CHECK-LABEL: func.func @main
// CHECK-NEXT: %[[A:.*]] = uop.mul %arg0, %arg0
// CHECK-NEXT: %[[B:.*]] = uop.mul %[[A]], %[[A]]
// CHECK-NEXT: return %[[B]]
// CHECK: func.func private @twice
// CHECK: func.func private @square
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = func.call @twice(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = func.call @square(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = func.call @square(%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
func.func private @square(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.mul %x, %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Control flow stays as it was written, a condition that is constant and what is passed on twice
// included; calls inside of it are inlined too.
// CHECK-LABEL: func.func @control
// CHECK: scf.while
// CHECK: scf.condition(%{{.*}}) %[[W:.*]], %[[W]], %{{.*}} :
// CHECK: scf.if %true
// CHECK-NEXT: uop.neg
func.func @control(%a: tensor<i64>) -> (tensor<i64>, tensor<i64>) {
  %limit = uop.const dense<5> : tensor<i64>
  %true = arith.constant true
  %r:3 = scf.while (%s = %a) : (tensor<i64>) -> (tensor<i64>, tensor<i64>, tensor<i64>) {
    %0 = uop.cmplt %s, %limit : tensor<i64>
    %k = tensor.extract %0[] : tensor<i1>
    scf.condition(%k) %s, %s, %a : tensor<i64>, tensor<i64>, tensor<i64>
  } do {
  ^bb0(%x: tensor<i64>, %y: tensor<i64>, %z: tensor<i64>):
    %n = scf.if %true -> tensor<i64> {
      %1 = func.call @negate(%x) : (tensor<i64>) -> tensor<i64>
      scf.yield %1 : tensor<i64>
    } else {
      scf.yield %y : tensor<i64>
    }
    scf.yield %n : tensor<i64>
  }
  return %r#0, %r#2 : tensor<i64>, tensor<i64>
}
func.func private @negate(%x: tensor<i64>) -> tensor<i64> {
  %0 = uop.neg %x : tensor<i64>
  return %0 : tensor<i64>
}

// -----

func.func @outer(%x: tensor<f32>) -> tensor<f32> {
  %0 = func.call @even(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @even(%x: tensor<f32>) -> tensor<f32> {
  %0 = func.call @odd(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @odd(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @+1 {{is recursive (@even -> @odd -> @even): functions are inlined; use scf.while instead}}
  %0 = func.call @even(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @caller(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @+1 {{calls a function without a body}}
  %0 = func.call @nowhere(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @nowhere(tensor<f32>) -> tensor<f32>

// -----

func.func @caller(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @+1 {{calls a function of several blocks; control flow must be scf's}}
  %0 = func.call @blocks(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @blocks(%x: tensor<f32>) -> tensor<f32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<f32>
}

// -----

// What a callee binds ends with it.
uop.var @N in [0, 100]
func.func @leaks(%y: tensor<i64>) -> (tensor<i64>, tensor<i64>) {
  // expected-error @+1 {{binds variable 'N', which its caller knows too; give it another name}}
  %a = func.call @f(%y) : (tensor<i64>) -> tensor<i64>
  %b = uop.size [N * 3] : tensor<i64>
  return %a, %b : tensor<i64>, tensor<i64>
}
func.func private @f(%n: tensor<i64>) -> tensor<i64> {
  uop.bind @N = %n : tensor<i64>
  %r = uop.size [N * 2] : tensor<i64>
  return %r : tensor<i64>
}

// -----

uop.var @N in [0, 100]
func.func @twice(%y: tensor<i64>) -> tensor<i64> {
  %a = func.call @f(%y) : (tensor<i64>) -> tensor<i64>
  // expected-error @+1 {{binds variable 'N', which its caller knows too; give it another name}}
  %b = func.call @f(%a) : (tensor<i64>) -> tensor<i64>
  return %b : tensor<i64>
}
func.func private @f(%n: tensor<i64>) -> tensor<i64> {
  uop.bind @N = %n : tensor<i64>
  %r = uop.size [N * 2] : tensor<i64>
  return %r : tensor<i64>
}

// -----

uop.var @N in [0, 100]
func.func @other(%y: tensor<i64>) -> (tensor<i64>, tensor<i64>) {
  %a = func.call @f(%y) : (tensor<i64>) -> tensor<i64>
  // expected-error @+1 {{uses variable 'N', which another call binds; give that another name}}
  %b = func.call @g() : () -> tensor<i64>
  return %a, %b : tensor<i64>, tensor<i64>
}
func.func private @f(%n: tensor<i64>) -> tensor<i64> {
  uop.bind @N = %n : tensor<i64>
  %r = uop.size [N * 2] : tensor<i64>
  return %r : tensor<i64>
}
func.func private @g() -> tensor<i64> {
  %r = uop.size [N] : tensor<i64>
  return %r : tensor<i64>
}

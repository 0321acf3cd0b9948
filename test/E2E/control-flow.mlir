// scf.if, scf.for and scf.while on tensors: the count, the bounds and the conditions are computed.

// RUN: tg-run %s --device=cpu --input=x=27 --input=n=50 --input=c=1 --verify | FileCheck %s --check-prefixes=CHECK,NEG,VERIFY
// RUN: tg-run %s --device=interp --input=x=27 --input=n=50 --input=c=1 | FileCheck %s --check-prefixes=CHECK,NEG
// RUN: tg-run %s --device=cpu --input=x=27 --input=n=50 --input=c=0 --verify | FileCheck %s --check-prefixes=CHECK,POS

// NEG: chosen: tensor<i32> = [-27]
// POS: chosen: tensor<i32> = [27]
// CHECK: fibonacci: tensor<i64> = [12586269025]
// CHECK: indices: tensor<i64> = [1225]
// CHECK: collatz: tensor<i32> = [111]
// VERIFY-COUNT-4: : ok

func.func @main(%x: tensor<i32> {tg.name = "x"}, %n: tensor<i64> {tg.name = "n"}, %c: tensor<i1> {tg.name = "c"})
    -> (tensor<i32> {tg.name = "chosen"}, tensor<i64> {tg.name = "fibonacci"},
        tensor<i64> {tg.name = "indices"}, tensor<i32> {tg.name = "collatz"}) {
  %cond = tensor.extract %c[] : tensor<i1>
  %chosen = scf.if %cond -> tensor<i32> {
    %0 = uop.neg %x : tensor<i32>
    scf.yield %0 : tensor<i32>
  } else {
    scf.yield %x : tensor<i32>
  }

  %zero = uop.const dense<0> : tensor<i64>
  %one = uop.const dense<1> : tensor<i64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = tensor.extract %n[] : tensor<i64>
  %count = arith.index_cast %s : i64 to index
  %r:3 = scf.for %i = %c0 to %count step %c1 iter_args(%a = %zero, %b = %one, %sum = %zero)
      -> (tensor<i64>, tensor<i64>, tensor<i64>) {
    %next = uop.add %a, %b : tensor<i64>
    %j = arith.index_cast %i : index to i64
    %t = tensor.from_elements %j : tensor<i64>
    %total = uop.add %sum, %t : tensor<i64>
    scf.yield %b, %next, %total : tensor<i64>, tensor<i64>, tensor<i64>
  }

  %zero32 = uop.const dense<0> : tensor<i32>
  %one32 = uop.const dense<1> : tensor<i32>
  %two = uop.const dense<2> : tensor<i32>
  %three = uop.const dense<3> : tensor<i32>
  %w:2 = scf.while (%v = %x, %k = %zero32) : (tensor<i32>, tensor<i32>) -> (tensor<i32>, tensor<i32>) {
    %0 = uop.cmpne %v, %one32 : tensor<i32>
    %1 = tensor.extract %0[] : tensor<i1>
    scf.condition(%1) %v, %k : tensor<i32>, tensor<i32>
  } do {
  ^bb0(%v: tensor<i32>, %k: tensor<i32>):
    %odd = uop.floormod %v, %two : tensor<i32>
    %isOdd = uop.cast %odd : tensor<i32> -> tensor<i1>
    %half = uop.cdiv %v, %two : tensor<i32>
    %triple = uop.mul %v, %three : tensor<i32>
    %up = uop.add %triple, %one32 : tensor<i32>
    %next = uop.where %isOdd, %up, %half : tensor<i32>
    %steps = uop.add %k, %one32 : tensor<i32>
    scf.yield %next, %steps : tensor<i32>, tensor<i32>
  }
  return %chosen, %r#0, %r#2, %w#1 : tensor<i32>, tensor<i64>, tensor<i64>, tensor<i32>
}

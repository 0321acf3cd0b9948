// Scalars of control flow, whatever computes them: bounds that are induction variables, arithmetic
// on them, scalars that loops and branches carry, bounds of other types, elements and sizes.

// RUN: tg-run %s --device=cpu --input=n=5 --input=x=1.5,2.5,-4 --verify | FileCheck %s
// RUN: tg-run %s --device=interp --input=n=5 --input=x=1.5,2.5,-4 | FileCheck %s

// 0+1+2+3+4 inner steps; and 1, 2+1, 3+1, 4+1 where each bound follows from the outer step.
// CHECK: triangle: tensor<i64> = [10]
// CHECK: steps: tensor<i64> = [13]
// CHECK: carried: tensor<i64> = [31]
// CHECK: chosen: tensor<i64> = [5]
// CHECK: narrow: tensor<i32> = [-6]
// CHECK: unsigned: tensor<i64> = [55]
// CHECK: compared: tensor<7xi64> = [1, 0, 1, 1, 0, 1, 1]
// CHECK: size: tensor<i64> = [3]

func.func @main(%n: tensor<i64> {tg.name = "n"}, %x: tensor<3xf32> {tg.name = "x"})
    -> (tensor<i64> {tg.name = "triangle"}, tensor<i64> {tg.name = "steps"},
        tensor<i64> {tg.name = "carried"}, tensor<i64> {tg.name = "chosen"},
        tensor<i32> {tg.name = "narrow"}, tensor<i64> {tg.name = "unsigned"},
        tensor<7xi64> {tg.name = "compared"}, tensor<i64> {tg.name = "size"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = uop.const dense<0> : tensor<i64>
  %one = uop.const dense<1> : tensor<i64>
  %ns = tensor.extract %n[] : tensor<i64>
  %count = arith.index_cast %ns : i64 to index

  %triangle = scf.for %i = %c0 to %count step %c1 iter_args(%a = %zero) -> tensor<i64> {
    %r = scf.for %j = %c0 to %i step %c1 iter_args(%b = %a) -> tensor<i64> {
      %0 = uop.add %b, %one : tensor<i64>
      scf.yield %0 : tensor<i64>
    }
    scf.yield %r : tensor<i64>
  }

  // i to 2i+1 in steps of i+1 is i alone, from 2 on.
  %steps = scf.for %i = %c0 to %count step %c1 iter_args(%a = %zero) -> tensor<i64> {
    %up = arith.addi %i, %i : index
    %bound = arith.addi %up, %c1 : index
    %step = arith.addi %i, %c1 : index
    %square = arith.muli %i, %i : index
    %end = arith.minsi %bound, %square : index
    %r = scf.for %j = %i to %end step %step iter_args(%b = %a) -> tensor<i64> {
      %k = arith.index_cast %j : index to i64
      %t = tensor.from_elements %k : tensor<i64>
      %0 = uop.add %b, %t : tensor<i64>
      scf.yield %0 : tensor<i64>
    }
    %k = arith.index_cast %i : index to i64
    %t = tensor.from_elements %k : tensor<i64>
    %half = uop.cmplt %t, %one : tensor<i64>
    %small = tensor.extract %half[] : tensor<i1>
    %q = scf.if %small -> tensor<i64> {
      scf.yield %a : tensor<i64>
    } else {
      %0 = uop.add %r, %one : tensor<i64>
      scf.yield %0 : tensor<i64>
    }
    scf.yield %q : tensor<i64>
  }

  // 2^5 - 1 by scalars that the loop carries: an i64 and an index.
  %s0 = arith.constant 0 : i64
  %carried:2 = scf.for %i = %c0 to %count step %c1 iter_args(%a = %s0, %w = %c1) -> (i64, index) {
    %k = arith.index_cast %w : index to i64
    %0 = arith.addi %a, %k : i64
    %1 = arith.addi %w, %w : index
    scf.yield %0, %1 : i64, index
  }
  %total = tensor.from_elements %carried#0 : tensor<i64>

  // What a while and a branch pass on as scalars.
  %found = scf.while (%i = %c0) : (index) -> index {
    %goes = arith.cmpi ult, %i, %count : index
    scf.condition(%goes) %i : index
  } do {
  ^bb0(%i: index):
    %odd = arith.cmpi ne, %i, %c0 : index
    %next = scf.if %odd -> index {
      %0 = arith.addi %i, %c1 : index
      scf.yield %0 : index
    } else {
      scf.yield %c1 : index
    }
    scf.yield %next : index
  }
  %fi = arith.index_cast %found : index to i64
  %chosen = tensor.from_elements %fi : tensor<i64>

  // Bounds of i32, from negative numbers; the induction variable keeps its type.
  %m3 = arith.constant -3 : i32
  %p3 = arith.constant 3 : i32
  %st = arith.constant 2 : i32
  %zero32 = uop.const dense<0> : tensor<i32>
  %narrow = scf.for %i = %m3 to %p3 step %st iter_args(%a = %zero32) -> tensor<i32> : i32 {
    %d = arith.subi %i, %p3 : i32
    %half = arith.addi %d, %p3 : i32
    %m = arith.minsi %half, %m3 : i32
    %p = arith.cmpi slt, %i, %p3 : i32
    %s = arith.select %p, %half, %m : i32
    %t = tensor.from_elements %s : tensor<i32>
    %e = tensor.from_elements %m : tensor<i32>
    %b = uop.add %a, %t : tensor<i32>
    %less = uop.cmplt %t, %e : tensor<i32>
    %f = uop.cast %less : tensor<i1> -> tensor<i32>
    %g = uop.add %b, %f : tensor<i32>
    %neg1 = uop.const dense<-1> : tensor<i32>
    %h = uop.add %g, %neg1 : tensor<i32>
    scf.yield %h : tensor<i32>
  }

  // 250 to 255 of i8, without a sign.
  %u0 = arith.constant -6 : i8
  %u1 = arith.constant -1 : i8
  %us = arith.constant 1 : i8
  %unsigned = scf.for unsigned %i = %u0 to %u1 step %us iter_args(%a = %zero) -> tensor<i64> : i8 {
    %w = arith.extui %i : i8 to i64
    %v = arith.extsi %i : i8 to i64
    %c = arith.constant -239 : i64
    %y = arith.addi %w, %c : i64
    %d = arith.subi %w, %v : i64
    %c256 = arith.constant 256 : i64
    %is = arith.cmpi eq, %d, %c256 : i64
    %z = arith.extui %is : i1 to i64
    %yz = arith.muli %y, %z : i64
    %t = tensor.from_elements %yz : tensor<i64>
    %ten = uop.const dense<2> : tensor<i64>
    %b = uop.add %a, %t : tensor<i64>
    %e = uop.sub %b, %ten : tensor<i64>
    scf.yield %e : tensor<i64>
  }

  // Comparisons, and the elements of a vector.
  %e0 = tensor.extract %x[%c0] : tensor<3xf32>
  %c2 = arith.constant 2 : index
  %e2 = tensor.extract %x[%c2] : tensor<3xf32>
  %f0 = arith.cmpf olt, %e2, %e0 : f32
  %f1 = arith.cmpf uno, %e2, %e0 : f32
  %f2 = arith.cmpf une, %e2, %e0 : f32
  %f3 = arith.cmpf uge, %e0, %e2 : f32
  %f4 = arith.cmpf oeq, %e0, %e2 : f32
  %neg = arith.negf %e2 : f32
  %f5 = arith.cmpf ogt, %neg, %e0 : f32
  // A set i1 is -1 as a signed number.
  %w5 = arith.extsi %f5 : i1 to i64
  %w0 = arith.cmpi slt, %w5, %s0 : i64
  %b0 = tensor.from_elements %f0 : tensor<i1>
  %b1 = tensor.from_elements %f1 : tensor<i1>
  %b2 = tensor.from_elements %f2 : tensor<i1>
  %b3 = tensor.from_elements %f3 : tensor<i1>
  %b4 = tensor.from_elements %f4 : tensor<i1>
  %b5 = tensor.from_elements %f5 : tensor<i1>
  %b6 = tensor.from_elements %w0 : tensor<i1>
  %r0 = uop.reshape %b0 : tensor<i1> -> tensor<1xi1>
  %r1 = uop.reshape %b1 : tensor<i1> -> tensor<1xi1>
  %r2 = uop.reshape %b2 : tensor<i1> -> tensor<1xi1>
  %r3 = uop.reshape %b3 : tensor<i1> -> tensor<1xi1>
  %r4 = uop.reshape %b4 : tensor<i1> -> tensor<1xi1>
  %r5 = uop.reshape %b5 : tensor<i1> -> tensor<1xi1>
  %r6 = uop.reshape %b6 : tensor<i1> -> tensor<1xi1>
  %flags = uop.concat %r0, %r1, %r2, %r3, %r4, %r5, %r6 axis 0 : tensor<1xi1>, tensor<1xi1>, tensor<1xi1>, tensor<1xi1>, tensor<1xi1>, tensor<1xi1>, tensor<1xi1> -> tensor<7xi1>
  %compared = uop.cast %flags : tensor<7xi1> -> tensor<7xi64>

  %dim = tensor.dim %x, %c0 : tensor<3xf32>
  %di = arith.index_cast %dim : index to i64
  %size = tensor.from_elements %di : tensor<i64>
  return %triangle, %steps, %total, %chosen, %narrow, %unsigned, %compared, %size
    : tensor<i64>, tensor<i64>, tensor<i64>, tensor<i64>, tensor<i32>, tensor<i64>, tensor<7xi64>, tensor<i64>
}

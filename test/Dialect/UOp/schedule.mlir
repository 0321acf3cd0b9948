// RUN: tg-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// Every action as it is written, alone and in a list.

// CHECK: func.func private @all() attributes {tg.schedule = #uop.schedule<[split(d0, 14), bind(d0.o, unit), fuse(d1, d2), reorder(r0.o, r0.i, n1.d0), unroll(d0.i, 14), vectorize(d1_d2, 16), accumulate(r0.i, 4), stage(in1, r0.o, r0.i, d1_d2), pad(d0.i)]>}
func.func private @all() attributes {tg.schedule = #uop.schedule<[
  split(d0, 14), bind(d0.o, unit), fuse(d1, d2), reorder(r0.o, r0.i, n1.d0), unroll(d0.i, 14),
  vectorize(d1_d2, 16), accumulate(r0.i, 4), stage(in1, r0.o, r0.i, d1_d2), pad(d0.i)]>}
// CHECK: func.func private @none() attributes {tg.schedule = #uop.schedule<[]>}
func.func private @none() attributes {tg.schedule = #uop.schedule<[]>}
// CHECK: func.func private @targets() attributes {a = #uop.action<bind(d0, block)>, b = #uop.action<bind(d1, thread)>, c = #uop.action<bind(d2, subgroup)>}
func.func private @targets() attributes {a = #uop.action<bind(d0, block)>,
  b = #uop.action<bind(d1, thread)>, c = #uop.action<bind(d2, subgroup)>}

// -----

// expected-error @below {{unknown action 'tile'; there are: split, fuse, reorder, unroll, vectorize, accumulate, bind, stage, pad}}
func.func private @f() attributes {a = #uop.schedule<[tile(d0, 14)]>}

// -----

// expected-error @below {{split: expected a number of at least 1, got 0}}
func.func private @f() attributes {a = #uop.schedule<[split(d0)]>}

// -----

// expected-error @below {{unroll: expected a number of at least 1, got -2}}
func.func private @f() attributes {a = #uop.schedule<[unroll(d0, -2)]>}

// -----

// expected-error @below {{fuse: expected 2 axes, got 1}}
func.func private @f() attributes {a = #uop.schedule<[fuse(d0)]>}

// -----

// expected-error @below {{reorder: expected at least 2 axes, got 1}}
func.func private @f() attributes {a = #uop.schedule<[reorder(d0)]>}

// -----

// expected-error @below {{reorder: d0 occurs twice}}
func.func private @f() attributes {a = #uop.schedule<[reorder(d0, d0)]>}

// -----

// expected-error @below {{split: expected 1 axis, got 2}}
func.func private @f() attributes {a = #uop.schedule<[split(d0, d1, 4)]>}

// -----

// expected-error @below {{fuse: expected an axis, got a number}}
func.func private @f() attributes {a = #uop.schedule<[fuse(d0, 4)]>}

// -----

// expected-error @below {{expected unit, block, thread or subgroup, got 'core'}}
func.func private @f() attributes {a = #uop.schedule<[bind(d0, core)]>}

// -----

// expected-error @below {{bind: expected unit, block, thread or subgroup behind the axis}}
func.func private @f() attributes {a = #uop.schedule<[bind(d0)]>}

// -----

// expected-error @below {{split: expected ')'}}
func.func private @f() attributes {a = #uop.schedule<[split(d0, 4, 5)]>}

// -----

// expected-error @below {{bind: expected ')'}}
func.func private @f() attributes {a = #uop.schedule<[bind(d0, unit, block)]>}

// -----

// expected-error @below {{stage: expected an operand, the axis in which it is copied and the axes of the copy, got 2 names}}
func.func private @f() attributes {a = #uop.schedule<[stage(in0, d0)]>}

// -----

// expected-error @below {{pad: expected an axis, got a number}}
func.func private @f() attributes {a = #uop.schedule<[pad(d0, 4)]>}

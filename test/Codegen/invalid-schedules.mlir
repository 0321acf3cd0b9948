// RUN: tg-opt %s --pass-pipeline='builtin.module(tg-kernel-to-loops,func.func(tg-apply-schedule))' -split-input-file -verify-diagnostics

// Why an action is not possible.

// expected-error @below {{cannot apply split(d7, 4): there is no axis d7; there are: d0, d1, r0}}
func.func @no_axis(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d7, 4)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// The axis that was split has other names then.
// expected-error @below {{cannot apply vectorize(d0, 4): there is no axis d0; there are: d0.o, d0.i}}
func.func @gone(%a: tensor<8xf32>) -> tensor<8xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 4), vectorize(d0, 4)]>} {
  %0 = uop.neg %a : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// expected-error @below {{cannot apply split(d0, 4): d0 is bound already; split it before}}
func.func @bound(%a: tensor<8xf32>) -> tensor<8xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[bind(d0, unit), split(d0, 4)]>} {
  %0 = uop.neg %a : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// expected-error @below {{cannot apply unroll(d0, 4): an iteration of d0 is a unit of work; split it, and unroll d0.i}}
func.func @unit(%a: tensor<8xf32>) -> tensor<8xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[unroll(d0, 4)]>} {
  %0 = uop.neg %a : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// expected-error @below {{cannot apply vectorize(d0.i, 3): lanes are a power of two of at most 64}}
func.func @lanes(%a: tensor<8xf32>) -> tensor<8xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 4), vectorize(d0.i, 3)]>} {
  %0 = uop.neg %a : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// expected-error @below {{cannot apply unroll(d0.i, 65): at most 64 iterations at a time}}
func.func @copies(%a: tensor<8xf32>) -> tensor<8xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 4), unroll(d0.i, 65)]>} {
  %0 = uop.neg %a : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// expected-error @below {{cannot apply unroll(r0, 4): r0 combines values; accumulate(r0, 4) gives each copy an accumulator}}
func.func @unrolled_reduction(%a: tensor<4x8xf32>) -> tensor<4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[unroll(r0, 4)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// expected-error @below {{cannot apply accumulate(d1, 4): d1 combines nothing; unroll(d1, 4) computes several iterations at a time}}
func.func @accumulated_data(%a: tensor<4x8xf32>) -> tensor<8x4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[accumulate(d1, 4)]>} {
  %0 = uop.permute %a [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// expected-error @below {{cannot apply accumulate(r0, 2): iterations of r0 follow each other}}
func.func @scan(%a: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[accumulate(r0, 2)]>} {
  %0 = uop.scan add %a axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// expected-error @below {{cannot apply vectorize(d1, 4): r0 is vectorized already, and one of them lies in the other}}
func.func @two_vectors(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[vectorize(r0, 4), vectorize(d1, 4)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply unroll(d1.o, 2): d1.i begins where d1.o says; name d1.i}}
func.func @outer_part(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d1, 2), unroll(d1.o, 2)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply reorder(d1.i, d1.o): d1.i lies in d1.o}}
func.func @inside_out(%a: tensor<4x8xf32>) -> tensor<8x4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d1, 2), reorder(d1.i, d1.o)]>} {
  %0 = uop.permute %a [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// expected-error @below {{cannot apply reorder(r0, d0, d1): an iteration of d0 is a unit of work; split it, and name d0.i}}
func.func @hoist_unit(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[reorder(r0, d0, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply reorder(r0, d0): r0 can go outside of the data axes that lead to it, from the outside in, each with nothing but the next one in it}}
func.func @hoist_not_all(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[reorder(r0, d0)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply reorder(r0, d1): d1 is unrolled or vectorized already; reorder it before}}
func.func @hoist_expanded(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[vectorize(d1, 2), reorder(r0, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply reorder(r0, d1): several iterations of d0.i are computed at a time, and there is memory for one; unroll or vectorize a loop inside}}
func.func @hoist_in_copies(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 2), unroll(d0.i, 2), reorder(r0, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply unroll(d0.i, 2): values that an iteration of d0.i keeps have room for 1 at a time}}
func.func @unroll_around_kept(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 2), reorder(r0, d1), unroll(d0.i, 2)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply stage(in3, d0, r0, d1): an iteration of d0 reads no in3 at an index that the loops make; it reads: in0}}
func.func @stage_no_operand(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[stage(in3, d0, r0, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply stage(in0, d0, r0): an iteration of d0 reads in0 along d1, r0; name all of these and no other}}
func.func @stage_axes(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[stage(in0, d0, r0)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// Without columns no row is read, and there may be no rows then.
uop.var @N in [0, 8]
// expected-error @below {{cannot apply stage(in0, d0.o, d0.i): d1 may be empty, and in0 not be read at all}}
func.func @stage_empty(%a: tensor<8xf32>) -> tensor<8x?xf32, #uop.dims<8, N>> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 4), reorder(d0.o, d1, d0.i), stage(in0, d0.o, d0.i)]>} {
  %0 = uop.reshape %a : tensor<8xf32> -> tensor<8x1xf32>
  %1 = uop.expand %0 : tensor<8x1xf32> -> tensor<8x?xf32, #uop.dims<8, N>>
  return %1 : tensor<8x?xf32, #uop.dims<8, N>>
}

// -----

// expected-error @below {{cannot apply stage(in0, r0, d1): an iteration of r0 reads one element of in0}}
func.func @stage_one(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[stage(in0, r0, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply stage(in0, d0, r0, d1): an iteration of d0 reads no in0 at an index that the loops make; it reads: nothing that can be staged}}
func.func @stage_twice(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[stage(in0, d0, r0, d1), stage(in0, d0, r0, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply stage(in0, d0, r0, d1.i, d1.o): d1.i lies in d1.o}}
func.func @stage_inside_out(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d1, 2), stage(in0, d0, r0, d1.i, d1.o)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply pad(r0.i): r0.i combines values, and there are none beyond its end}}
func.func @pad_reduction(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(r0, 3), pad(r0.i)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply pad(d1): d1 has no blocks; split it, and pad d1.i}}
func.func @pad_no_blocks(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[pad(d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply pad(d1.i): beyond the end of d1.i there is nothing to read or write; stage what is read, and move a reduction outside}}
func.func @pad_reads(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d1, 4), pad(d1.i)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply pad(in0.d1.i): in0.d1.i copies an operand; pad d1.i}}
func.func @pad_copy(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d1, 4), stage(in0, d0, d1.o, d1.i, r0), pad(in0.d1.i)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply pad(d1.i): in0.d1.i is changed already; pad d1.i before}}
func.func @pad_changed_copy(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d1, 4), reorder(r0, d1.o, d1.i), stage(in0, d0, d1.o, d1.i, r0), vectorize(in0.d1.i, 4), pad(d1.i)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply pad(d1.i): memory is laid out for the iterations that there are; split before that is staged}}
func.func @pad_behind_places(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[reorder(r0, d1), stage(in0, r0, d1), split(d1, 4), pad(d1.i)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// An update in place would be done once more.
// expected-error @below {{cannot apply pad(d0.i): beyond the end of d0.i there is nothing to read or write; stage what is read, and move a reduction outside}}
func.func @pad_update(%x: tensor<8xi64>, %i: tensor<31xi32>, %u: tensor<31xi64>) -> tensor<8xi64>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[split(d0, 33), pad(d0.i)]>} {
  %0 = uop.scatter mul %x, %i, %u axis 0 : (tensor<8xi64>, tensor<31xi32>, tensor<31xi64>) -> tensor<8xi64>
  return %0 : tensor<8xi64>
}

// -----

// Blocks within the last block would begin behind the end.
// expected-error @below {{cannot apply pad(d1.i.o): beyond the end of d1.i.o there is nothing to read or write; stage what is read, and move a reduction outside}}
func.func @pad_blocks_of_blocks(%a: tensor<4x8x70xf32>) -> tensor<4x70xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d1, 64), split(d1.i, 16), reorder(r0, d1.i.o, d1.i.i),
                                 stage(in0, r0, d1.i.o, d1.i.i), pad(d1.i.o)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x70xf32>) -> tensor<4x70xf32>
  return %0 : tensor<4x70xf32>
}

// -----

// Rows that a kernel keeps have no place beyond their end.
// expected-error @below {{cannot apply pad(d2.i): beyond the end of d2.i there is nothing to read or write; stage what is read, and move a reduction outside}}
func.func @pad_kept_rows(%x: tensor<32x70xf32>, %y: tensor<32x70xf32>) -> tensor<32x70xf32>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[
      split(d0, 8), split(d2, 64), stage(in0, d0.o, d0.i, d2.o, d2.i), pad(d2.i)]>} {
  %0 = uop.mul %x, %x : tensor<32x70xf32>
  %1 = uop.contiguous %0 rows [0] : tensor<32x70xf32>
  %2 = uop.reduce add %1 axes [1] : (tensor<32x70xf32>) -> tensor<32xf32>
  %3 = uop.reshape %2 : tensor<32xf32> -> tensor<32x1xf32>
  %4 = uop.expand %3 : tensor<32x1xf32> -> tensor<32x70xf32>
  %5 = uop.fdiv %1, %4 : tensor<32x70xf32>
  %6 = uop.add %5, %y : tensor<32x70xf32>
  return %6 : tensor<32x70xf32>
}

// -----

// A fused copy has no zeros behind one of its axes.
// expected-error @below {{cannot apply pad(d0.i): in0.d0.i_in0.d1 is changed already; pad d0.i before}}
func.func @pad_fused_copy(%a: tensor<10x8x6xf32>) -> tensor<10x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 4), stage(in0, d0.o, r0, d0.i, d1),
                                 fuse(in0.d0.i, in0.d1), pad(d0.i)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<10x8x6xf32>) -> tensor<10x6xf32>
  return %0 : tensor<10x6xf32>
}

// -----

// expected-error @below {{cannot apply pad(d1.i): d1.i is unrolled or vectorized already; pad it before}}
func.func @pad_expanded(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d1, 4), vectorize(d1.i, 4), pad(d1.i)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

uop.var @N in [1, 1000]
// expected-error @below {{cannot apply reorder(r0, d1): the size of d1 is not known; split it}}
func.func @hoist_unknown(%a: tensor<4x8x?xf32, #uop.dims<4, 8, N>>) -> tensor<4x?xf32, #uop.dims<4, N>>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[reorder(r0, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x?xf32, #uop.dims<4, 8, N>>) -> tensor<4x?xf32, #uop.dims<4, N>>
  return %0 : tensor<4x?xf32, #uop.dims<4, N>>
}

// -----

// expected-error @below {{cannot apply reorder(r0, d1): it would take 40000000 bytes, more than 16777216}}
func.func @hoist_large(%a: tensor<4x8x10000000xf32>) -> tensor<4x10000000xf32>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[reorder(r0, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x10000000xf32>) -> tensor<4x10000000xf32>
  return %0 : tensor<4x10000000xf32>
}

// -----

// expected-error @below {{cannot apply reorder(r0, d1): values of r0 are of a type that does not lie in memory}}
func.func @hoist_bool(%a: tensor<4x8x6xi1>) -> tensor<4x6xi1>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[reorder(r0, d1)]>} {
  %0 = uop.reduce max %a axes [1] : (tensor<4x8x6xi1>) -> tensor<4x6xi1>
  return %0 : tensor<4x6xi1>
}

// -----

// expected-error @below {{cannot apply fuse(d0, r0): r0 is not all that there is in d0}}
func.func @fused_reduction(%a: tensor<4x8x6xf32>) -> tensor<4x6xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[fuse(d0, r0)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// expected-error @below {{cannot apply fuse(d1.o, d1.i): d1.i is the inner part of an axis; fuse before that is split}}
func.func @fused_parts(%a: tensor<4x8xf32>) -> tensor<8x4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d1, 2), fuse(d1.o, d1.i)]>} {
  %0 = uop.permute %a [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// expected-error @below {{cannot apply bind(d1, unit): units of work are iterations of an outermost data axis}}
func.func @inner_units(%a: tensor<4x8xf32>) -> tensor<8x4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[bind(d1, unit)]>} {
  %0 = uop.permute %a [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// expected-error @below {{cannot apply bind(d0, block): this device has units of work and no blocks}}
func.func @blocks(%a: tensor<4x8xf32>) -> tensor<8x4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[bind(d0, block)]>} {
  %0 = uop.permute %a [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// Of a part that is split again: the iterations of its inner part say where the other one begins.
// expected-error @below {{cannot apply vectorize(d0.o.i, 4): d0.i begins where d0.o.i says; name d0.i}}
func.func @part_of_part(%a: tensor<64xf32>) -> tensor<64xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 4), split(d0.o, 8), vectorize(d0.o.i, 4)]>} {
  %0 = uop.neg %a : tensor<64xf32>
  return %0 : tensor<64xf32>
}

// -----

// A loop that is not named stays where it is: here the inner part would be outside.
// expected-error @below {{cannot apply reorder(d1, d0.o): d0.i lies in d0.o}}
func.func @part_between(%a: tensor<4x8xf32>) -> tensor<8x4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 2), reorder(d1, d0.o)]>} {
  %0 = uop.permute %a [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// Rows that are kept have eight places, and those of the outer of two axes none of their own.
// expected-error @below {{cannot apply unroll(d0.i, 16): values that an iteration of d0.i keeps have room for 8 at a time}}
func.func @slots(%a: tensor<32x64xf32>) -> tensor<32x64xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 16), unroll(d0.i, 16)]>} {
  %0 = uop.mul %a, %a : tensor<32x64xf32>
  %1 = uop.contiguous %0 rows [0] : tensor<32x64xf32>
  %2 = uop.reduce add %1 axes [1] : (tensor<32x64xf32>) -> tensor<32xf32>
  %3 = uop.reshape %2 : tensor<32xf32> -> tensor<32x1xf32>
  %4 = uop.expand %3 : tensor<32x1xf32> -> tensor<32x64xf32>
  %5 = uop.fdiv %1, %4 : tensor<32x64xf32>
  return %5 : tensor<32x64xf32>
}

// -----

// expected-error @below {{cannot apply unroll(d1, 65): at most 64 iterations at a time}}
func.func @many(%a: tensor<64x80x6xf32>) -> tensor<6x80x64xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[unroll(d1, 65)]>} {
  %0 = uop.permute %a [2, 1, 0] : tensor<64x80x6xf32> -> tensor<6x80x64xf32>
  return %0 : tensor<6x80x64xf32>
}

// -----

// expected-error @below {{cannot apply unroll(d2, 64): with the loops around and in it, it would have 1024 copies, more than 256}}
func.func @copies_of_copies(%a: tensor<64x80x6xf32>) -> tensor<6x80x64xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[unroll(d1, 16), unroll(d2, 64)]>} {
  %0 = uop.permute %a [2, 1, 0] : tensor<64x80x6xf32> -> tensor<6x80x64xf32>
  return %0 : tensor<6x80x64xf32>
}

// -----

// expected-error @below {{cannot apply unroll(d1, 4): d1 is unrolled already}}
func.func @twice(%a: tensor<4x8xf32>) -> tensor<8x4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[unroll(d1, 2), unroll(d1, 4)]>} {
  %0 = uop.permute %a [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// expected-error @below {{cannot apply vectorize(r0, 4): values are combined in r1; vectorize that, or reorder them}}
func.func @outer_reduction(%a: tensor<3x16x5x16xf32>) -> tensor<3x5xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[vectorize(r0, 4)]>} {
  %0 = uop.reduce add %a axes [1, 3] : (tensor<3x16x5x16xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// -----

// expected-error @below {{cannot apply unroll(r0, 4): iterations of r0 follow each other}}
func.func @steps(%a: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[unroll(r0, 4)]>} {
  %0 = uop.scan add %a axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// expected-error @below {{cannot apply fuse(d0, d1): d1 has no iterations}}
func.func @empty(%a: tensor<4x6x0xf32>) -> tensor<4x6x0xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[fuse(d0, d1)]>} {
  %0 = uop.scan add %a axis 1 : (tensor<4x6x0xf32>) -> tensor<4x6x0xf32>
  return %0 : tensor<4x6x0xf32>
}

// -----

// expected-error @below {{cannot apply fuse(d0, d9): there is no axis d9; there are: d0, d1}}
func.func @no_inner_axis(%a: tensor<4x8xf32>) -> tensor<8x4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[fuse(d0, d9)]>} {
  %0 = uop.permute %a [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// expected-error @below {{tg.schedule must be a #uop.schedule, got "split(d0, 4)"}}
func.func @text(%a: tensor<8xf32>) -> tensor<8xf32> attributes {tg.kernel,
    tg.schedule = "split(d0, 4)"} {
  %0 = uop.neg %a : tensor<8xf32>
  return %0 : tensor<8xf32>
}

//===- Passes.td - Code generation passes -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_CODEGEN_PASSES_TD
#define TG_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

def KernelToLoops : Pass<"tg-kernel-to-loops", "::mlir::ModuleOp"> {
  let summary = "Kernels of uop operations as affine loop nests over flat buffers";
  let description = [{
    Each function marked `tg.kernel` becomes a function of flat buffers, inputs before results, and
    of the variables that it uses. Its body is one nest of affine loops per group of results of one
    shape; `tg.axis` names the axis that a loop is (docs/schedules.md), and loops marked `tg.parallel` have
    independent iterations. Values of integer types are
    signless, floats narrower than f32 are integers of their bits.

    The function gets attributes of dimension expressions: `tg.range`, the number of units of work
    (iterations of the nests' outermost loops); `tg.workspace`, bytes of scratch per worker;
    `tg.flops` and `tg.bytes`, the arithmetic operations and the sizes of all buffers. A result
    attribute `tg.alias = i` of the kernel states that the result's buffer is that of argument `i`.

    ```mlir
    func.func @k(%a: tensor<4xf32>) -> tensor<4xf32> attributes {tg.kernel} {
      %0 = uop.neg %a : tensor<4xf32>
      return %0 : tensor<4xf32>
    }
    // becomes
    func.func @k(%a: memref<?xf32>, %out: memref<?xf32>) attributes {tg.kernel, ...} {
      affine.for %i = 0 to 4 {
        %0 = memref.load %a[%i] : memref<?xf32>
        %1 = arith.negf %0 : f32
        memref.store %1, %out[%i] : memref<?xf32>
      } {tg.axis = "d0", tg.parallel}
      return
    }
    ```
  }];
  let options = [Option<"checkIndices", "check-indices", "bool", "false",
                        "Store an error where gather or scatter meet an index out of range">];
  let dependentDialects = ["::tg::uop::UOpDialect", "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def FuseMultiplyAdd : Pass<"tg-fuse-multiply-add", "::mlir::func::FuncOp"> {
  let summary = "Accumulate sums of products with fused multiply-adds";
  let description = [{
    Where a loop adds products of floats to a value that it carries, product and sum become one
    operation with one rounding. For targets that have it.

    ```mlir
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    // becomes
    %s = math.fma %x, %y, %acc : f32
    ```
  }];
  let dependentDialects = ["::mlir::math::MathDialect"];
}

def ApplySchedule : Pass<"tg-apply-schedule", "::mlir::func::FuncOp"> {
  let summary = "Arrange the loops of kernels as their schedule says";
  let description = [{
    Applies the actions of `tg.schedule` (see `uop.schedule`) in order. Iterations of an outermost
    loop are then units of work, which `tg.range` counts. An action that is not possible is an error
    that says why. What has no vector form stays scalar.

    ```mlir
    // [split(d0, 4096), bind(d0.o, unit), vectorize(d0.i, 16)]
    affine.for %i = 0 to 4096 {
      %0 = memref.load %a[%i] : memref<?xf32>
      memref.store %0, %out[%i] : memref<?xf32>
    } {tg.axis = "d0", tg.parallel}
    // becomes
    affine.for %unit = 0 to 1 {
      scf.for %i = %c0 to %c4096 step %c16 {
        %0 = vector.load %a[%i] : memref<?xf32>, vector<16xf32>
        vector.store %0, %out[%i] : memref<?xf32>, vector<16xf32>
      }
    } {tg.axis = "d0.o", tg.parallel}
    ```
  }];
  let dependentDialects = ["::tg::uop::UOpDialect", "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def PartitionUnits : Pass<"tg-partition-units", "::mlir::func::FuncOp"> {
  let summary = "Restrict a kernel's outermost loops to a range of units";
  let description = [{
    Adds two arguments `%begin` and `%end` and lets the outermost parallel loops do only the units in
    `[begin, end)`. With several nests, the units of one follow those of the one before. A nest of one
    unit becomes a branch.

    ```mlir
    affine.for %i = 0 to 4 { ... } {tg.parallel}
    // becomes
    affine.for %i = max(%begin, 0) to min(%end, 4) { ... } {tg.parallel}
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
}

def BlockSums : Pass<"tg-block-sums", "::mlir::func::FuncOp"> {
  let summary = "Add up long sums block by block";
  let description = [{
    A loop that carries float sums and adds more than two blocks of terms to them becomes a loop over
    blocks, each of which is added up from zero; so do the sums of blocks in turn. Additions that
    loops within loops do in a row count together. No such chain has more than 512 additions, where
    nothing is known of the iterations the outermost of four loops excepted. A sum that anything
    else reads on the way, as a scan does, or that a branch adds to is left as it is.

    ```mlir
    %s = scf.for %i = %c0 to %n step %c1 iter_args(%a = %init) -> (f32) {
      %b = arith.addf %a, %x : f32
      scf.yield %b : f32
    }
    // becomes
    %s = scf.for %o = %c0 to %n step %c64 iter_args(%total = %init) -> (f32) {
      %1 = arith.addi %o, %c64 : index
      %end = arith.minsi %1, %n : index
      %part = scf.for %i = %o to %end step %c1 iter_args(%a = %minusZero) -> (f32) { ... }
      %t = arith.addf %total, %part : f32
      scf.yield %t : f32
    }
    ```
  }];
  let options = [
    Option<"block", "block", "int64_t", "64", "Additions in a row, about">,
    Option<"wideBlock", "wide-block", "int64_t", "256",
           "The same for loops that carry more than 8 values">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

def GuardDivisions : Pass<"tg-guard-divisions", "::mlir::func::FuncOp"> {
  let summary = "Keep sizes of 0 from dividing indices";
  let description = [{
    Divisors of `index` that are no constants become at least one. Where such a size is 0 the loops
    around hold no element, but a division may stand outside of the one that says so.

    ```mlir
    %0 = arith.divsi %i, %n : index
    // becomes
    %d = arith.maxsi %n, %c1 : index
    %0 = arith.divsi %i, %d : index
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

#endif // TG_CODEGEN_PASSES_TD

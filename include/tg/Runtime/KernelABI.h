/*===- KernelABI.h - How the runtime calls a CPU kernel ---------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */
/* Plain C. A change of layout or meaning raises TG_KERNEL_ABI_VERSION.      */
#ifndef TG_RUNTIME_KERNELABI_H
#define TG_RUNTIME_KERNELABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TG_KERNEL_ABI_VERSION 1u

/* What a kernel may store to *error; the runtime sets it to TG_KERNEL_OK before. */
#define TG_KERNEL_OK 0
/* gather or scatter met an index out of range; an error only when the context checks indices. */
#define TG_KERNEL_INDEX_OUT_OF_RANGE 1

typedef struct tg_kernel_args {
  uint32_t version;     /* TG_KERNEL_ABI_VERSION */
  uint32_t num_buffers; /* entries of buffers */
  /* The launch's buffers in its order: each the start of a whole dense row-major tensor.
     Temporaries, constants and outputs are aligned to 64 bytes, inputs and caller-given outputs to
     the element. A buffer of zero bytes may be null. Buffers that the program does not tie do not
     overlap. */
  void *const *buffers;
  /* The program's whole table of vars, indexed by var id. */
  const int64_t *vars;
  /* The worker's own slot: no other thread writes it during the call. */
  int32_t *error;
} tg_kernel_args;

/* Does the work units [begin, end) of the kernel's range. `workspace` is the worker's own scratch
   of the size that the program states (64-byte aligned, undefined contents; null when the size is
   0). Keeps no state, allocates nothing. */
typedef void (*tg_kernel_fn)(const tg_kernel_args *args, void *workspace, int64_t begin,
                             int64_t end);

#ifdef __cplusplus
}
#endif

#endif /* TG_RUNTIME_KERNELABI_H */

/*===- Kernel.c - A kernel in C, as a shared object -------------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */

#include "tg/Runtime/KernelABI.h"

void add(const tg_kernel_args *args, void *workspace, int64_t begin, int64_t end);

/* out[i] = a[i] + b[i] over f32. */
void add(const tg_kernel_args *args, void *workspace, int64_t begin, int64_t end) {
  const float *a = args->buffers[0];
  const float *b = args->buffers[1];
  float *out = args->buffers[2];
  (void)workspace;
  for (int64_t i = begin; i < end; ++i)
    out[i] = a[i] + b[i];
}

/*===- Object.c - Kernels in C, as a relocatable object ---------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */
/* What a loader of objects has to get right: constants, tables of pointers, calls within the object
   and to the C libraries. */

#include "tg/Runtime/KernelABI.h"

#include <math.h>
#include <string.h>

void library_calls(const tg_kernel_args *args, void *workspace, int64_t begin, int64_t end);
void pointer_table(const tg_kernel_args *args, void *workspace, int64_t begin, int64_t end);

/* out[i] = cbrt(in[i]) over f64, by way of memcpy. */
void library_calls(const tg_kernel_args *args, void *workspace, int64_t begin, int64_t end) {
  const double *in = args->buffers[0];
  double *out = args->buffers[1];
  (void)workspace;
  memcpy(out + begin, in + begin, (size_t)(end - begin) * sizeof(double));
  for (int64_t i = begin; i < end; ++i)
    out[i] = cbrt(out[i]);
}

static const double first[] = {1.5, 2.5, 4.0};
static const double second[] = {10.25, 20.0};
static const double third[] = {-7.0};
static const double *const tables[] = {first, second, third};

__attribute__((noinline)) static const double *pick(int64_t i) { return tables[i % 3]; }

/* out[i] = in[i] * (one of the tables)[0] over f64. */
void pointer_table(const tg_kernel_args *args, void *workspace, int64_t begin, int64_t end) {
  const double *in = args->buffers[0];
  double *out = args->buffers[1];
  (void)workspace;
  for (int64_t i = begin; i < end; ++i)
    out[i] = in[i] * pick(i)[0];
}

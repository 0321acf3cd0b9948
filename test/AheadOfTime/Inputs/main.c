/*===- main.c - Runs models that are in objects -----------------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */

#include "digits.h"
#include "indexed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const tg_linked_program twin_program;

static void stop(tg_error *error) {
  fprintf(stderr, "error: %s\n", tg_error_message(error));
  exit(1);
}

static void refused(tg_error *error) {
  printf("refused: %s\n", tg_error_message(error));
  tg_error_free(error);
}

static int is_right(const float *actual, const tg_tensor *expected) {
  const float *values = tg_tensor_data(expected);
  for (int64_t i = 0; i < tg_tensor_elements(expected); ++i)
    if (!(fabsf(actual[i] - values[i]) <= 1e-5f))
      return 0;
  return 1;
}

static tg_context *context_of(tg_program *program, tg_error **error) {
  tg_context *context = program ? tg_context_create(program, NULL, error) : NULL;
  tg_program_free(program);
  if (!context)
    stop(*error);
  return context;
}

int main(int argc, char **argv) {
  tg_error *error = NULL;
  tg_tensor *image = argc == 3 ? tg_tensor_read_npy(argv[1], &error) : NULL;
  tg_tensor *expected = image ? tg_tensor_read_npy(argv[2], &error) : NULL;
  if (!expected)
    stop(error);
  int64_t rows = tg_tensor_shape(image)[0];
  float *actual = calloc((size_t)rows * 10, sizeof(float));

  tg_context *digits = context_of(digits_create(&error), &error);
  if (!digits_run(digits, rows, tg_tensor_data(image), actual, &error))
    stop(error);
  printf("digits: %d rows, %s\n", (int)rows, is_right(actual, expected) ? "right" : "wrong");

  tg_context *twin = context_of(tg_program_link(&twin_program, &error), &error);
  memset(actual, 0, (size_t)rows * 10 * sizeof(float));
  if (!digits_run(twin, rows, tg_tensor_data(image), actual, &error))
    stop(error);
  printf("twin: %s\n", is_right(actual, expected) ? "right" : "wrong");

  tg_context *indexed = context_of(indexed_create(&error), &error);
  const int32_t x[] = {4, 1, 3, 2}, u[] = {10, 20, 30};
  const int64_t i[] = {3, 0, 9};
  int32_t gathered[3], scattered[4], sorted[4], summed[4], before[4];
  int64_t order[4];
  tg_tensor *positions = NULL;
  if (!indexed_run(indexed, x, i, u, gathered, scattered, sorted, order, summed, before, &positions,
                   &error))
    stop(error);
  printf("indexed: gathered %d %d %d, found", gathered[0], gathered[1], gathered[2]);
  for (int64_t k = 0; k < tg_tensor_elements(positions); ++k)
    printf(" %d", (int)((int64_t *)tg_tensor_data(positions))[k]);
  printf("\n");

  if (!digits_run(digits, rows, NULL, actual, &error))
    refused(error);
  if (!digits_run(digits, 0, tg_tensor_data(image), actual, &error))
    refused(error);
  tg_linked_program damaged = digits_program;
  char *data = aligned_alloc(64, (damaged.size + 63) / 64 * 64);
  memcpy(data, damaged.data, damaged.size);
  data[damaged.size - 100] ^= 1;
  damaged.data = data;
  if (!tg_program_link(&damaged, &error))
    refused(error);

  free(data);
  free(actual);
  tg_tensor_free(positions);
  tg_tensor_free(image);
  tg_tensor_free(expected);
  tg_context_free(digits);
  tg_context_free(twin);
  tg_context_free(indexed);
  return 0;
}

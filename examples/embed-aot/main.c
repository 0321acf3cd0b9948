/*===- main.c - A model inside a C program ----------------------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */
/*
 *   embed-aot INPUT.npy EXPECTED.npy
 *
 * Runs the digits model, which is part of this program, and compares. Exit status 1, with a message,
 * when anything fails.
 */

#include "digits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(tg_error *error) {
  fprintf(stderr, "error: %s\n", tg_error_message(error));
  tg_error_free(error);
  return 1;
}

int main(int argc, char **argv) {
  tg_error *error = NULL;
  if (argc != 3) {
    fprintf(stderr, "usage: embed-aot INPUT.npy EXPECTED.npy\n");
    return 1;
  }
  tg_program *program = digits_create(&error);
  tg_context *context = program ? tg_context_create(program, NULL, &error) : NULL;
  tg_tensor *image = context ? tg_tensor_read_npy(argv[1], &error) : NULL;
  tg_tensor *expected = image ? tg_tensor_read_npy(argv[2], &error) : NULL;
  if (!expected)
    return fail(error);

  int64_t rows = tg_tensor_shape(image)[0], count = tg_tensor_elements(expected);
  float *probability = calloc((size_t)count, sizeof(float));
  if (!probability || tg_tensor_shape(expected)[0] != rows)
    return 1;
  if (!digits_run(context, rows, tg_tensor_data(image), probability, &error))
    return fail(error);
  float worst = 0;
  for (int64_t i = 0; i < count; ++i)
    worst = fmaxf(worst, fabsf(probability[i] - ((float *)tg_tensor_data(expected))[i]));
  printf("%d images, largest error %g\n", (int)rows, worst);

  free(probability);
  tg_tensor_free(expected);
  tg_tensor_free(image);
  tg_context_free(context);
  tg_program_free(program);
  return worst < 1e-4f ? 0 : 1;
}

/*===- check.h - Runs a program on a file, and compares ---------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */
#ifndef CHECK_H
#define CHECK_H

#include "tg-c/Runtime.h"

#include <stdio.h>

/* Prints the error, if there is one, and frees it. */
static void report(tg_error *error) {
  if (error)
    fprintf(stderr, "error: %s\n", tg_error_message(error));
  tg_error_free(error);
}

/* The largest difference of two tensors of f32; -1 where they are of other types. */
static double largest_error(const tg_tensor *a, const tg_tensor *b) {
  if (tg_tensor_dtype(a) != TG_F32 || tg_tensor_dtype(b) != TG_F32 ||
      tg_tensor_elements(a) != tg_tensor_elements(b))
    return -1;
  const float *x = tg_tensor_data(a), *y = tg_tensor_data(b);
  double worst = 0;
  for (int64_t i = 0; i < tg_tensor_elements(a); ++i) {
    double difference = x[i] > y[i] ? x[i] - y[i] : y[i] - x[i];
    worst = difference > worst ? difference : worst;
  }
  return worst;
}

/* Runs a program of one input and one output. 0 when the output is as expected. */
static int run_and_check(const tg_program *program, const char *input_path,
                         const char *expected_path) {
  int status = 1;
  tg_error *error = NULL;
  tg_port port;
  if (tg_program_input(program, 0, &port))
    printf("input %s: %s\n", port.name, port.type);

  tg_tensor *expected = NULL, *output = NULL;
  tg_context *context = NULL;
  tg_tensor *input = tg_tensor_read_npy(input_path, &error);
  if (input)
    expected = tg_tensor_read_npy(expected_path, &error);
  if (expected)
    context = tg_context_create(program, NULL, &error);
  if (context) {
    tg_input argument = {input, NULL, 0};
    if (tg_context_run(context, &argument, 1, NULL, 0, &output, 1, &error)) {
      double worst = largest_error(output, expected);
      printf("largest error %g\n", worst);
      status = worst >= 0 && worst < 1e-4 ? 0 : 1;
    }
  }
  report(error);
  tg_context_free(context);
  tg_tensor_free(output);
  tg_tensor_free(expected);
  tg_tensor_free(input);
  return status;
}

#endif /* CHECK_H */

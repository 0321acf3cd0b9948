/*===- run.c - A compiled model without the compiler ------------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */
/*
 *   embed-c-runtime PROGRAM.tgp INPUT.npy EXPECTED.npy
 */

#include "check.h"

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: embed-c-runtime PROGRAM.tgp INPUT.npy EXPECTED.npy\n");
    return 1;
  }
  tg_error *error = NULL;
  tg_program *program = tg_program_load(argv[1], &error);
  report(error);
  int status = program ? run_and_check(program, argv[2], argv[3]) : 1;
  tg_program_free(program);
  return status;
}

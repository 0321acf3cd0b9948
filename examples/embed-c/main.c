/*===- main.c - tg as a C library -------------------------------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */
/*
 *   embed-c MODEL.onnx INPUT.npy EXPECTED.npy [PROGRAM.tgp]
 *
 * Compiles the model, runs it and compares; saves the program where a name for it is given. Exit
 * status 1, with a message, when anything fails.
 */

#include "check.h"
#include "tg-c/Compiler.h"

static tg_program *compile(const char *path) {
  tg_error *error = NULL;
  tg_program *program = NULL;
  tg_session *session = tg_session_create(&error);
  tg_compile_options *options = tg_compile_options_create();
  if (session && options && tg_compile_options_set(options, "fusion", "default", &error))
    program = tg_compile_file(session, path, options, &error);
  tg_compile_options_free(options);
  tg_session_free(session);
  report(error);
  return program;
}

int main(int argc, char **argv) {
  if (argc != 4 && argc != 5) {
    fprintf(stderr, "usage: embed-c MODEL.onnx INPUT.npy EXPECTED.npy [PROGRAM.tgp]\n");
    return 1;
  }
  tg_program *program = compile(argv[1]);
  if (!program)
    return 1;
  int status = run_and_check(program, argv[2], argv[3]);
  tg_error *error = NULL;
  if (argc == 5 && !tg_program_save(program, argv[4], &error)) {
    report(error);
    status = 1;
  }
  tg_program_free(program);
  return status;
}

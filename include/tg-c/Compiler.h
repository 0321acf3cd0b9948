/*===- Compiler.h - C API: compiling models ---------------------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */
/* In libtg-c, which links libMLIR and libLLVM. */
#ifndef TG_C_COMPILER_H
#define TG_C_COMPILER_H

#include "tg-c/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Since 0.1. A compiler. Compiles one model at a time; further callers wait. What takes time to
   make is kept from model to model, the code of kernels too. Programs do not depend on the session
   that made them. */
typedef struct tg_session tg_session;

/* Since 0.1. Settings by name. */
typedef struct tg_compile_options tg_compile_options;

/* Since 0.1. What a model is written in. */
typedef enum tg_format {
  /* A serialized ONNX ModelProto. */
  TG_FORMAT_ONNX = 0,
  /* MLIR, as text or bytecode. */
  TG_FORMAT_MLIR = 1
} tg_format;

/* Since 0.1. An internal error while compiling (a failed assertion, an invalid access) becomes an
   error of the call: from the first session to the last, handlers for SIGABRT, SIGBUS, SIGFPE,
   SIGILL, SIGSEGV and SIGTRAP are installed, which pass on what is none of the compiler's. The
   session is unusable afterwards. */
TG_C_API tg_session *tg_session_create(tg_error **error);

/* Since 0.1. */
TG_C_API void tg_session_free(tg_session *session);

/* Since 0.1. The defaults; NULL when there is no memory. */
TG_C_API tg_compile_options *tg_compile_options_create(void);

/* Since 0.1. */
TG_C_API void tg_compile_options_free(tg_compile_options *options);

/* Since 0.1. Sets one option; an unknown name or value is an error. The options are those of
   docs/reference/options.md, the same as of tg-run and Python; flags are `true` or `false`. And
     dim              NAME=SIZE, a size for a named dimension of an ONNX model; may be repeated
     threads          1 (the default): the calling thread compiles; 0: as many as there are
                      processors, and then an internal error in another thread ends the process */
TG_C_API bool tg_compile_options_set(tg_compile_options *options, const char *name,
                                     const char *value, tg_error **error);

/* Since 0.1. Compiles a file: ONNX where its name ends in .onnx, otherwise MLIR. `options` may be
   NULL. The message is what the compiler says about the model. */
TG_C_API tg_program *tg_compile_file(tg_session *session, const char *path,
                                     const tg_compile_options *options, tg_error **error);

/* Since 0.1. The same for a model in memory. `name` stands for the file in messages; external data
   of an ONNX model is looked up in its folder. */
TG_C_API tg_program *tg_compile_memory(tg_session *session, tg_format format, const void *data,
                                       size_t size, const char *name,
                                       const tg_compile_options *options, tg_error **error);

#ifdef __cplusplus
}
#endif

#endif /* TG_C_COMPILER_H */

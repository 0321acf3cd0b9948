/*===- Runtime.h - C API: running programs ----------------------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */
/*
 * In libtg-c-runtime, which needs the C library alone, and in libtg-c, which has the compiler too.
 * A process links one of the two.
 */
#ifndef TG_C_RUNTIME_H
#define TG_C_RUNTIME_H

#include "tg-c/Base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Since 0.1. A dense row-major tensor in host memory. */
typedef struct tg_tensor tg_tensor;
/* Since 0.1. A compiled model: immutable, usable by many threads at once. */
typedef struct tg_program tg_program;
/* Since 0.1. How contexts run. */
typedef struct tg_context_options tg_context_options;
/* Since 0.1. Memory and threads for running one program. Does one run at a time; further callers
   wait. Any number of contexts run one program at once. */
typedef struct tg_context tg_context;

/*===--------------------------------------------------------------------===*/
/* Tensors                                                                   */
/*===--------------------------------------------------------------------===*/

/* Since 0.1. Element types. i1 takes a byte per element (0 or 1); the other types narrower than a
   byte are packed, low bits first. */
typedef enum tg_dtype {
  TG_I1 = 0,
  TG_I2 = 1,
  TG_I4 = 2,
  TG_I8 = 3,
  TG_I16 = 4,
  TG_I32 = 5,
  TG_I64 = 6,
  TG_UI2 = 7,
  TG_UI4 = 8,
  TG_UI8 = 9,
  TG_UI16 = 10,
  TG_UI32 = 11,
  TG_UI64 = 12,
  TG_F16 = 13,
  TG_BF16 = 14,
  TG_F32 = 15,
  TG_F64 = 16,
  TG_F8E4M3FN = 17,
  TG_F8E5M2 = 18,
  TG_F4E2M1FN = 19,
  TG_F8E4M3FNUZ = 20,
  TG_F8E5M2FNUZ = 21,
  TG_F8E8M0FNU = 22
} tg_dtype;

/* Since 0.1. As MLIR spells it, "f32"; NULL for a value that is no type. */
TG_C_API const char *tg_dtype_name(tg_dtype dtype);

/* Since 0.1. All zero, aligned to 64 bytes. */
TG_C_API tg_tensor *tg_tensor_create(tg_dtype dtype, const int64_t *shape, size_t rank,
                                     tg_error **error);

/* Since 0.1. A view of `bytes` bytes at `data` (at least the tensor's size; SIZE_MAX where the
   caller answers for it), which the caller keeps until the tensor is freed. */
TG_C_API tg_tensor *tg_tensor_borrow(tg_dtype dtype, const int64_t *shape, size_t rank, void *data,
                                     size_t bytes, tg_error **error);

/* Since 0.1. Reads a NumPy .npy file. */
TG_C_API tg_tensor *tg_tensor_read_npy(const char *path, tg_error **error);

/* Since 0.1. Writes a NumPy .npy file. */
TG_C_API bool tg_tensor_write_npy(const tg_tensor *tensor, const char *path, tg_error **error);

/* Since 0.1. */
TG_C_API void tg_tensor_free(tg_tensor *tensor);

/* Since 0.1. */
TG_C_API tg_dtype tg_tensor_dtype(const tg_tensor *tensor);

/* Since 0.1. */
TG_C_API size_t tg_tensor_rank(const tg_tensor *tensor);

/* Since 0.1. `rank` extents. */
TG_C_API const int64_t *tg_tensor_shape(const tg_tensor *tensor);

/* Since 0.1. The product of the extents. */
TG_C_API int64_t tg_tensor_elements(const tg_tensor *tensor);

/* Since 0.1. Bytes that the elements take. */
TG_C_API size_t tg_tensor_bytes(const tg_tensor *tensor);

/* Since 0.1. The elements. */
TG_C_API void *tg_tensor_data(const tg_tensor *tensor);

/*===--------------------------------------------------------------------===*/
/* Programs                                                                  */
/*===--------------------------------------------------------------------===*/

/* Since 0.1. Maps and checks a .tgp file. */
TG_C_API tg_program *tg_program_load(const char *path, tg_error **error);

/* Since 0.1. The same for the bytes of one, which are copied. `name` stands for it in messages. */
TG_C_API tg_program *tg_program_load_memory(const void *data, size_t size, const char *name,
                                            tg_error **error);

/* Since 0.1. A kernel of a linked program. */
typedef struct tg_linked_kernel {
  const char *symbol;
  void (*function)(void);
} tg_linked_kernel;

/* Since 0.1. A program in the process's own data and code, as `tg-translate --uop-to-object` makes
   it and `--uop-to-header` declares it. */
typedef struct tg_linked_program {
  /* TG_LINKED_PROGRAM_VERSION of the compiler. */
  uint64_t version;
  const char *name;
  const void *data;
  uint64_t size;
  const tg_linked_kernel *kernels;
  uint64_t num_kernels;
} tg_linked_program;

/* Since 0.1. */
#define TG_LINKED_PROGRAM_VERSION 1u

/* Since 0.1. Checks a linked program; copies nothing. */
TG_C_API tg_program *tg_program_link(const tg_linked_program *linked, tg_error **error);

/* Since 0.1. Writes a .tgp file: all of it, or nothing. Fails for linked programs. */
TG_C_API bool tg_program_save(const tg_program *program, const char *path, tg_error **error);

/* Since 0.1. Contexts keep what they need of it. */
TG_C_API void tg_program_free(tg_program *program);

/* Since 0.1. An input or an output. */
typedef struct tg_port {
  const char *name;
  /* As MLIR prints it, with expressions for what varies: "tensor<Nx10xf32>". */
  const char *type;
  tg_dtype dtype;
  size_t rank;
  /* -1 where the extent depends on variables. */
  const int64_t *shape;
} tg_port;

/* Since 0.1. A named integer that sizes depend on, with inclusive bounds. */
typedef struct tg_variable {
  const char *name;
  int64_t min;
  int64_t max;
} tg_variable;

/* Since 0.1. */
TG_C_API size_t tg_program_num_inputs(const tg_program *program);

/* Since 0.1. */
TG_C_API size_t tg_program_num_outputs(const tg_program *program);

/* Since 0.1. */
TG_C_API size_t tg_program_num_variables(const tg_program *program);

/* Since 0.1. False when there is no such input. */
TG_C_API bool tg_program_input(const tg_program *program, size_t index, tg_port *port);

/* Since 0.1. False when there is no such output. */
TG_C_API bool tg_program_output(const tg_program *program, size_t index, tg_port *port);

/* Since 0.1. False when there is no such variable. */
TG_C_API bool tg_program_variable(const tg_program *program, size_t index, tg_variable *variable);

/* Since 0.1. What the elements of an input or output mean. */
typedef enum tg_port_kind {
  TG_PORT_NUMBERS = 0,
  /* i64 that stand for strings: see tg_strings. */
  TG_PORT_STRINGS = 1,
  /* The values of maps, one map for each row of the last axis. */
  TG_PORT_MAPS = 2
} tg_port_kind;

/* Since 0.1. Of maps the keys, one for each element of a row, are either `int_keys` or
   `string_keys`; the other one is NULL, as both are otherwise. */
typedef struct tg_meaning {
  tg_port_kind kind;
  size_t num_keys;
  const int64_t *int_keys;
  const char *const *string_keys;
} tg_meaning;

/* Since 0.1. False when there is no such input. */
TG_C_API bool tg_program_input_meaning(const tg_program *program, size_t index,
                                       tg_meaning *meaning);

/* Since 0.1. False when there is no such output. */
TG_C_API bool tg_program_output_meaning(const tg_program *program, size_t index,
                                        tg_meaning *meaning);

/*===--------------------------------------------------------------------===*/
/* Strings                                                                   */
/*===--------------------------------------------------------------------===*/

/* Since 0.1. The strings of a program's inputs and outputs, for one run or several. A program
   computes with numbers that stand for them: encode the inputs, run, look up the outputs. One
   thread at a time. */
typedef struct tg_strings tg_strings;

/* Since 0.1. Those that the program knows: its labels and categories. */
TG_C_API tg_strings *tg_strings_create(const tg_program *program, tg_error **error);

/* Since 0.1. */
TG_C_API void tg_strings_free(tg_strings *strings);

/* Since 0.1. A tensor (i64) of the numbers of row-major strings; new ones get a number. `lengths`
   has the bytes of each string; NULL where they end with a zero byte. */
TG_C_API tg_tensor *tg_strings_encode(tg_strings *strings, const char *const *elements,
                                      const size_t *lengths, const int64_t *shape, size_t rank,
                                      tg_error **error);

/* Since 0.1. The string with this number, which an output has; its bytes without the zero byte at
   the end are stored to `length` unless that is NULL. NULL if there is none. */
TG_C_API const char *tg_strings_get(const tg_strings *strings, int64_t id, size_t *length);

/*===--------------------------------------------------------------------===*/
/* Contexts                                                                  */
/*===--------------------------------------------------------------------===*/

/* Since 0.1. The defaults; NULL when there is no memory. */
TG_C_API tg_context_options *tg_context_options_create(void);

/* Since 0.1. Contexts keep what they need of it. */
TG_C_API void tg_context_options_free(tg_context_options *options);

/* Since 0.1. Threads to use, the caller's included; 0, the default: one per processor. */
TG_C_API void tg_context_options_set_threads(tg_context_options *options, unsigned threads);

/* Since 0.1. Whether launches are timed, for tg_context_write_profile. */
TG_C_API void tg_context_options_set_profile(tg_context_options *options, bool profile);

/* Since 0.1. Whether an index out of range fails the run, in programs compiled to notice it. */
TG_C_API void tg_context_options_set_check_indices(tg_context_options *options, bool check);

/* Since 0.1. Notes of the runtime, one line each, go to `log` instead of standard error. `level` is
   0 for debug, 1 info, 2 warning, 3 error. Called from several threads at once. */
TG_C_API void tg_context_options_set_log(tg_context_options *options,
                                         void (*log)(void *user, int level, const char *line),
                                         void *user);

/* Since 0.1. Where tensors, arenas and workspaces come from. `allocate` gives `bytes` bytes at a
   multiple of `alignment` (a power of two), or NULL; `release` gets what it gave, with the same
   numbers. Called from several threads at once, until the context and its outputs are freed. */
TG_C_API void tg_context_options_set_allocator(
    tg_context_options *options, void *(*allocate)(void *user, size_t bytes, size_t alignment),
    void (*release)(void *user, void *memory, size_t bytes, size_t alignment), void *user);

/* Since 0.1. Does units [begin, end) of a loop, as worker `worker`. */
typedef void (*tg_loop_body)(void *data, unsigned worker, int64_t begin, int64_t end);

/* Since 0.1. The threads to use. `parallel_for` calls `body` for disjoint pieces that cover
   [0, units), with worker numbers below `max_workers` (at most `workers`) that no two threads have
   at the same time, and returns when all are done. Called from several threads at once. */
TG_C_API void tg_context_options_set_thread_pool(tg_context_options *options, unsigned workers,
                                                 void (*parallel_for)(void *user, int64_t units,
                                                                      unsigned max_workers,
                                                                      tg_loop_body body,
                                                                      void *data),
                                                 void *user);

/* Since 0.1. Loads the program's code. `options` may be NULL. */
TG_C_API tg_context *tg_context_create(const tg_program *program, const tg_context_options *options,
                                       tg_error **error);

/* Since 0.1. Not while it runs. */
TG_C_API void tg_context_free(tg_context *context);

/* Since 0.1. Flags of tg_input. The run may write to the tensor, where the program updates this
   input in place; without it the run works on a copy. */
#define TG_INPUT_DONATED 1u

/* Since 0.1. An argument of a run. */
typedef struct tg_input {
  const tg_tensor *tensor;
  /* NULL: by position among the inputs of the run. */
  const char *name;
  /* Of TG_INPUT_DONATED. */
  uint64_t flags;
} tg_input;

/* Since 0.1. The value of a variable. */
typedef struct tg_binding {
  const char *name;
  int64_t value;
} tg_binding;

/* Since 0.1. Runs the program. `outputs` has one entry per output of the program: a tensor that the
   result is written to, of its type and without overlap, or NULL, which becomes a new tensor of the
   caller's. Variables that the inputs' shapes tell need no binding. After a failure `outputs` is as
   before. */
TG_C_API bool tg_context_run(tg_context *context, const tg_input *inputs, size_t num_inputs,
                             const tg_binding *bindings, size_t num_bindings, tg_tensor **outputs,
                             size_t num_outputs, tg_error **error);

/* Since 0.1. Writes the launches so far in Chrome's trace format, which Perfetto opens. */
TG_C_API bool tg_context_write_profile(const tg_context *context, const char *path,
                                       tg_error **error);

#ifdef __cplusplus
}
#endif

#endif /* TG_C_RUNTIME_H */

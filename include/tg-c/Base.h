/*===- Base.h - C API: versions and errors ----------------------*- C -*-===*/
/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                   */
/*
 * tg's stable C API. What is declared under include/tg-c keeps its meaning: functions, enumerators
 * and structs are added, never changed or removed within a major version (0.x counts as one from
 * 0.1 on). Each says since which version it exists.
 *
 * Conventions: objects are opaque; whoever gets one from a `create`, `load`, `compile` or `link`
 * function frees it with the `free` function of its type, which takes NULL too. A function that can
 * fail has a last parameter `error`: on failure it returns false or NULL and, if `error` is not
 * NULL, stores an error there that the caller frees; on success it leaves *error alone. Strings are
 * UTF-8 and end with a zero byte; those that are returned live as long as the object they come
 * from. No C++ exception leaves a function; NULL, wrong sizes and wrong values given to a
 * function that can fail are errors, and an object given to any other function must not be NULL.
 * Objects may be used from any thread; two threads may use one object at once where it says so.
 */
#ifndef TG_C_BASE_H
#define TG_C_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define TG_C_API
#else
#define TG_C_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Since 0.1. Why a call failed. */
typedef struct tg_error tg_error;

/* Since 0.1. The version of the library, "0.1.0". */
TG_C_API const char *tg_version(void);

/* Since 0.1. What went wrong and where: one line, or several where a compiler message has notes. */
TG_C_API const char *tg_error_message(const tg_error *error);

/* Since 0.1. */
TG_C_API void tg_error_free(tg_error *error);

#ifdef __cplusplus
}
#endif

#endif /* TG_C_BASE_H */

// First match among many patterns, on RE2 (linear time whatever the text) behind a C interface.
#ifndef MILLRACE_CRE2_H
#define MILLRACE_CRE2_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Patterns in order, with an automaton that says in one pass over the text which of them can match at all.
typedef struct millrace_patterns millrace_patterns;

// A group of the match as offset and length in the text; offset -1 when the group took no part.
typedef struct {
  int32_t offset;
  int32_t length;
} millrace_group;

// NULL when there is no memory.
millrace_patterns *millrace_patterns_new(void);
void millrace_patterns_free(millrace_patterns *patterns);

// Adds a pattern. 0, or -1 with a reason (cut to the buffer, always terminated).
int millrace_patterns_add(millrace_patterns *patterns, const char *pattern, size_t length, int ignore_case,
                          char *reason, size_t reason_capacity);

// To be called once, after the last add and before the first match. 0, or -1 without memory.
int millrace_patterns_compile(millrace_patterns *patterns);

// The index of the first pattern in order of adding that matches somewhere in the text, -1 when none does. Fills
// groups[0..<group_count]: 0 is the whole match; groups that the pattern does not have get offset -1.
// Any number of threads at once.
int millrace_patterns_first(const millrace_patterns *patterns, const char *text, size_t length, millrace_group *groups,
                            size_t group_count);

#ifdef __cplusplus
}
#endif
#endif

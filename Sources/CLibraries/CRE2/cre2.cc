#include "cre2.h"
extern "C" const char *millrace_re2_contract(void) { return ""; }

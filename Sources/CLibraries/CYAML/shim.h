#ifndef MILLRACE_CYAML_H
#define MILLRACE_CYAML_H
#include <yaml.h>
#endif

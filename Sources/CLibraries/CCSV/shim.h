#ifndef MILLRACE_CCSV_H
#define MILLRACE_CCSV_H
#include <csv.h>
#endif

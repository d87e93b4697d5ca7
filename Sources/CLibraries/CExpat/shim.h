#ifndef MILLRACE_CEXPAT_H
#define MILLRACE_CEXPAT_H
#include <expat.h>
#endif

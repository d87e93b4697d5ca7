#ifndef MILLRACE_CZIP_H
#define MILLRACE_CZIP_H
#include <zip.h>
#endif

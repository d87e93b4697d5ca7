#ifndef MILLRACE_CMAXMINDDB_H
#define MILLRACE_CMAXMINDDB_H
#include <maxminddb.h>
#endif

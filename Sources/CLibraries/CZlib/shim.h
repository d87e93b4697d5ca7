#ifndef MILLRACE_CZLIB_H
#define MILLRACE_CZLIB_H
#include <zlib.h>
// A macro, which Swift cannot import. 16 + 15: a gzip header and nothing else, the largest window.
static inline int millrace_inflate_gzip(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }
#endif

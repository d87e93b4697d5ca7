#ifndef MILLRACE_CRE2_H
#define MILLRACE_CRE2_H
#ifdef __cplusplus
extern "C" {
#endif
const char *millrace_re2_contract(void);
#ifdef __cplusplus
}
#endif
#endif

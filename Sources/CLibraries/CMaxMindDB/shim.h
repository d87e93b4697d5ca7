#ifndef MILLRACE_CMAXMINDDB_H
#define MILLRACE_CMAXMINDDB_H
#include <maxminddb.h>
#include <string.h>

// Paths into a record are arrays of C strings and answers a union: both are plainer here than in Swift.
// 1 and the two letters when the record names a country, as `country.iso_code` (GeoLite2, DB-IP) or as a flat
// `country_code` (the registries' own data); 0 otherwise.
static inline int millrace_mmdb_country(const MMDB_entry_s *entry, unsigned char code[2]) {
  static const char *const nested[] = {"country", "iso_code", 0};
  static const char *const flat[] = {"country_code", 0};
  const char *const *const paths[] = {nested, flat};
  for (int i = 0; i < 2; ++i) {
    MMDB_entry_s start = *entry;
    MMDB_entry_data_s data;
    if (MMDB_aget_value(&start, &data, paths[i]) == MMDB_SUCCESS && data.has_data &&
        data.type == MMDB_DATA_TYPE_UTF8_STRING && data.data_size == 2) {
      memcpy(code, data.utf8_string, 2);
      return 1;
    }
  }
  return 0;
}
#endif

/* One pass over JSON text before json-c may build a tree of it: RFC 8259 to the letter, within
 * CB_JSON_DEPTH_MAX and CB_JSON_VALUES_MAX.
 *
 * Refused beside what the grammar refuses: invalid UTF-8, half a surrogate pair (neither can be
 * kept as UTF-8), two members of one object with the same name (whatever their escapes), and
 * U+0000 in a name (json-c would cut the name there). Allocates nothing but a list of names of the
 * objects that are open. */
#ifndef CB_COMMON_FETCH_JSON_SCAN_H
#define CB_COMMON_FETCH_JSON_SCAN_H

#include "common/error.h"
#include "common/span.h"

/* `*long_numbers`: there is an integer that an int64_t cannot give back digit by digit (-0
 * included). On failure CB_ERR_ANSWER, "at byte N: what"; N counts from 0. */
int cb_json_scan(struct cb_span text, bool *long_numbers, struct cb_error *err);

/* The next number of text that passed the scan, from `*at` on; `*at` moves behind it. An empty span
 * when there is none. */
struct cb_span cb_json_scan_number(struct cb_span text, size_t *at);

#endif

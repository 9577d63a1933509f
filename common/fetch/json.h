/* JSON (RFC 8259) from a server: bounded before a tree is built, strict, and read through accessors
 * that say where something is wrong.
 *
 * json-c builds the tree. A scan before it bounds depth (CB_JSON_DEPTH_MAX) and values
 * (CB_JSON_VALUES_MAX), checks UTF-8, and refuses what json-c lets pass: NaN and Infinity, single
 * quotes, comments, duplicate member names, trailing bytes. A byte order mark is accepted. */
#ifndef CB_COMMON_FETCH_JSON_H
#define CB_COMMON_FETCH_JSON_H

#include "common/buf.h"
#include "common/error.h"

#define CB_JSON_DEPTH_MAX 32
#define CB_JSON_VALUES_MAX 300000

/* A value of a parsed document. Opaque: json-c's object. Values are borrowed from their document.
 */
struct json_object;
typedef const struct json_object *cb_json;

/* Parses a whole document. CB_ERR_ANSWER with the byte offset. The caller frees the document.
 * Numbers keep their text, whatever its length. */
int cb_json_parse(struct cb_span text, struct json_object **document, struct cb_error *err);
void cb_json_free(struct json_object *document);

bool cb_json_is_object(cb_json v);
bool cb_json_is_array(cb_json v);
size_t cb_json_length(cb_json array);        /* 0 when it is no array */
cb_json cb_json_at(cb_json array, size_t i); /* NULL beyond the end */
/* A member by a pointer-like path ("certificate/name"); NULL when absent, null, or not inside an
 * object. */
cb_json cb_json_get(cb_json object, const char *path);

/* The text of a member; an empty span when absent or null. -1 (CB_ERR_ANSWER, naming `path`) when
 * it is of another type or has a zero character. The span is valid as long as the document. */
int cb_json_text(cb_json object, const char *path, struct cb_span *out, struct cb_error *err);
/* The same, appended to `out`; a number is taken as its text (external ids may be numbers). */
int cb_json_text_or_number(cb_json object, const char *path, struct cb_buf *out,
                           struct cb_error *err);
/* An integer; `*present` false when absent or null. */
int cb_json_integer(cb_json object, const char *path, int64_t *out, bool *present,
                    struct cb_error *err);

/* Appends a value as compact UTF-8 JSON, same members and order, numbers as they were written,
 * without the member that the path `leave_out` names ("properties/certificate"; may be NULL). */
int cb_json_print_without(cb_json object, const char *leave_out, struct cb_buf *out);

#endif

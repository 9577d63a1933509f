/* The parts of a Name (X.501; RFC 5280, 4.1.2.4): what canonical form, text and common name share.
 */
#ifndef CB_COMMON_NAME_PARTS_H
#define CB_COMMON_NAME_PARTS_H

#include "common/buf.h"
#include "common/der.h"
#include "common/name.h"

/* One AttributeTypeAndValue. */
struct cb_name_attribute {
    struct cb_span oid; /* content */
    uint8_t tag;
    struct cb_span value; /* content */
    struct cb_span whole; /* of the value */
};

/* The content of a Name; -1 when there is anything but one. */
int cb_name_rdns(struct cb_span der, struct cb_span *rdns);

/* Takes the next attribute off the front of an RDN's content. */
int cb_name_attribute(struct cb_span *set, struct cb_name_attribute *out);

/* Bytes of one character in a string of this type; 0: UTF-8; -1: not a character string. */
int cb_name_string_width(uint8_t tag);

/* Appends a string's value as UTF-8. -1: not a character string, or not valid. */
int cb_name_add_string(struct cb_buf *out, uint8_t tag, struct cb_span value);

#endif

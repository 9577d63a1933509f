/* What objects answer for: one table of rows, which reading and searching share.
 *
 * An object has an attribute when a row of its type and kind says so; anything else is
 * CKR_ATTRIBUTE_TYPE_INVALID. PKCS #11 2.40, 4.4 to 4.6; certbridge-pkcs11.h. */
#ifndef CB_PKCS11_ATTRIBUTES_H
#define CB_PKCS11_ATTRIBUTES_H

#include "common/object.h"
#include "common/snapshot-format.h"
#include "pkcs11/cryptoki.h"

/* An object as it is seen at a time. */
struct cb_view {
    const struct cb_object *object;
    const struct cb_source *source;
    int64_t now;
};

/* Room for a value that is worked out: the longest is a URI. */
struct cb_scratch {
    uint8_t bytes[sizeof "certbridge:///" + CB_NAME_SOURCE_MAX + CB_OBJECT_PATH_MAX];
};

/* No attribute is longer (CKA_VALUE of a certificate, or of a passcode's details). */
#define CB_ATTRIBUTE_MAX (CB_CERTIFICATE_MAX > CB_DETAILS_MAX ? CB_CERTIFICATE_MAX : CB_DETAILS_MAX)

/* Sets of kinds of objects. */
#define CB_KIND_SET(kind) (1u << (kind))
#define CB_KINDS_LEAF CB_KIND_SET(CB_CERTIFICATE)
#define CB_KINDS_PASSCODE CB_KIND_SET(CB_PASSCODE)
#define CB_KINDS_CHAIN CB_KIND_SET(CB_CHAIN)
#define CB_KINDS_ANY (CB_KINDS_LEAF | CB_KINDS_PASSCODE | CB_KINDS_CHAIN)

/* The value: in the snapshot, constant, or in `scratch`. -1: the object has no such attribute. */
int cb_attribute(const struct cb_view *view, CK_ATTRIBUTE_TYPE type, struct cb_scratch *scratch,
                 struct cb_span *value);

/* Which kinds of this source's objects may have this value, as far as can be told without an
 * object? `settled` receives whether every object of those kinds has it. */
unsigned cb_attribute_kinds(const struct cb_source *source, CK_ATTRIBUTE_TYPE type,
                            struct cb_span value, bool *settled);

/* Bytes of all attributes together: C_GetObjectSize. */
CK_ULONG cb_attributes_size(const struct cb_view *view);

#endif

#include "common/source.h"

#define CB_SOURCE_TYPE(name) extern const struct cb_source_type name;
#include "common/sources/list.h"
#undef CB_SOURCE_TYPE

#define CB_SOURCE_TYPE(name) &name,
const struct cb_source_type *const cb_source_types[] = {
#include "common/sources/list.h"
    NULL};

/* The keys that every configuration has, as tables: what each accepts, its default, and where its
 * value goes. Inside of config.c; the keys of one type are in common/sources/. */
#ifndef CB_COMMON_CONFIG_KEYS_H
#define CB_COMMON_CONFIG_KEYS_H

#include "common/value.h"

/* [certbridge] */
struct cb_settings {
    const char *cache, *owner, *group;
    int64_t refresh_ms, max_stale_ms, wait_ms;
};

struct cb_slot {
    struct cb_key key; /* the name is NULL in the last row */
    size_t at;         /* offset in struct cb_settings or struct cb_source */
};

extern const struct cb_slot cb_main_keys[];   /* of [certbridge] */
extern const struct cb_slot cb_source_keys[]; /* of every source */

const struct cb_slot *cb_slot_find(const struct cb_slot *slots, const char *name);

/* Puts a value of any kind but CB_VALUE_LIST where its row says. */
void cb_slot_store(const struct cb_slot *slot, void *base, const struct cb_value *value);

/* Where the list of a CB_VALUE_LIST row goes. */
struct cb_list *cb_slot_list(const struct cb_slot *slot, void *base);

#endif

#include "common/config-keys.h"

#include <stddef.h>

#define SECOND INT64_C(1000)
#define KIB INT64_C(1024)
#define MIB (KIB * 1024)

#define IN_SETTINGS(member) offsetof(struct cb_settings, member)
#define IN_SOURCE(member) offsetof(struct cb_source, member)

/* Sources begin with what [certbridge] says of refresh, max_stale and wait, hence no defaults in
 * their own rows. */
#define REFRESH .name = "refresh", .kind = CB_VALUE_DURATION, .least = SECOND
#define MAX_STALE .name = "max_stale", .kind = CB_VALUE_DURATION, .least = SECOND
#define WAIT .name = "wait", .kind = CB_VALUE_DURATION, .most = 3600 * SECOND

const struct cb_slot cb_main_keys[] = {
    {{.name = "cache", .kind = CB_VALUE_PATH}, IN_SETTINGS(cache)},
    {{REFRESH, .fallback = "15m"}, IN_SETTINGS(refresh_ms)},
    {{MAX_STALE, .fallback = "24h"}, IN_SETTINGS(max_stale_ms)},
    {{WAIT, .fallback = "10s"}, IN_SETTINGS(wait_ms)},
    {{.name = "owner", .kind = CB_VALUE_TEXT}, IN_SETTINGS(owner)},
    {{.name = "group", .kind = CB_VALUE_TEXT}, IN_SETTINGS(group)},
    {{.name = NULL}, 0},
};

/* In the order of enum cb_trust. */
static const char *const trust_choices[] = {"none", "anchor", NULL};

const struct cb_slot cb_source_keys[] = {
    {{.name = "url", .kind = CB_VALUE_URL}, IN_SOURCE(url)},
    {{.name = "ca_file", .kind = CB_VALUE_PATH}, IN_SOURCE(ca_file)},
    {{.name = "client_certificate", .kind = CB_VALUE_PATH}, IN_SOURCE(client_certificate)},
    {{.name = "client_key", .kind = CB_VALUE_KEY}, IN_SOURCE(client_key)},
    {{.name = "proxy", .kind = CB_VALUE_PROXY}, IN_SOURCE(proxy)},
    {{.name = "pinned_public_key", .kind = CB_VALUE_PIN}, IN_SOURCE(pinned_public_key)},
    {{.name = "connect_timeout",
      .kind = CB_VALUE_DURATION,
      .fallback = "5s",
      .least = 100,
      .most = 300 * SECOND},
     IN_SOURCE(connect_timeout_ms)},
    {{.name = "timeout",
      .kind = CB_VALUE_DURATION,
      .fallback = "30s",
      .least = 100,
      .most = 3600 * SECOND},
     IN_SOURCE(timeout_ms)},
    {{.name = "retries", .kind = CB_VALUE_NUMBER, .fallback = "3", .most = 10}, IN_SOURCE(retries)},
    {{.name = "parallel", .kind = CB_VALUE_NUMBER, .fallback = "32", .least = 1, .most = 256},
     IN_SOURCE(parallel)},
    {{.name = "max_response",
      .kind = CB_VALUE_SIZE,
      .fallback = "16MiB",
      .least = KIB,
      .most = 64 * MIB}, /* what all bodies in flight may take together */
     IN_SOURCE(max_response)},
    {{.name = "states", .kind = CB_VALUE_LIST}, IN_SOURCE(states)},
    {{.name = "trust", .kind = CB_VALUE_CHOICE, .fallback = "none", .choices = trust_choices},
     IN_SOURCE(trust)},
    {{.name = "start_refresh", .kind = CB_VALUE_BOOL, .fallback = "yes"}, IN_SOURCE(start_refresh)},
    {{REFRESH}, IN_SOURCE(refresh_ms)},
    {{MAX_STALE}, IN_SOURCE(max_stale_ms)},
    {{WAIT}, IN_SOURCE(wait_ms)},
    {{.name = NULL}, 0},
};

const struct cb_slot *cb_slot_find(const struct cb_slot *slots, const char *name)
{
    for (; slots->key.name; slots++)
        if (strcmp(slots->key.name, name) == 0)
            return slots;
    return NULL;
}

struct cb_list *cb_slot_list(const struct cb_slot *slot, void *base)
{
    return (struct cb_list *)(void *)((char *)base + slot->at);
}

void cb_slot_store(const struct cb_slot *slot, void *base, const struct cb_value *value)
{
    void *at = (char *)base + slot->at;
    switch (slot->key.kind) {
    case CB_VALUE_DURATION:
    case CB_VALUE_SIZE:
    case CB_VALUE_NUMBER:
        *(int64_t *)at = value->number;
        break;
    case CB_VALUE_BOOL:
        *(bool *)at = value->number != 0;
        break;
    case CB_VALUE_CHOICE: /* trust is the only one */
        *(enum cb_trust *)at = (enum cb_trust)value->number;
        break;
    default:
        *(const char **)at = value->text;
        break;
    }
}

/* The content of all secrets of a source, read before its headers are made. */
#ifndef CB_COMMON_FETCH_SECRETS_H
#define CB_COMMON_FETCH_SECRETS_H

#include "common/buf.h"
#include "common/config.h"

struct cb_secrets {
    const struct cb_source *source;
    struct cb_buf values[CB_KEYS_MAX]; /* in the order of the type's keys; empty when not given */
};

/* Reads them all. CB_ERR_SECRET. The caller wipes in every case. */
int cb_secrets_read(const struct cb_source *source, struct cb_secrets *out, struct cb_error *err);
void cb_secrets_wipe(struct cb_secrets *secrets);

/* The secret that the key `name` refers to; empty when the key is not given. */
struct cb_span cb_secret(const struct cb_secrets *secrets, const char *name);

#endif

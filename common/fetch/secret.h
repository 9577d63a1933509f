/* Secrets: read when they are needed, wiped after use, never in a log, error, snapshot, status, URL
 * or argument.
 *
 * file:PATH (refused when others have any permission on it or its group may write; the group may
 * read; symbolic links are followed), env:NAME, credential:NAME ($CREDENTIALS_DIRECTORY/NAME). One
 * trailing newline is dropped. Empty secrets and secrets with control characters are refused. */
#ifndef CB_COMMON_FETCH_SECRET_H
#define CB_COMMON_FETCH_SECRET_H

#include "common/buf.h"
#include "common/error.h"

#define CB_SECRET_MAX 65536 /* bytes: a bearer token with many claims stays below 16 kB */

/* `key` names the configuration's key in errors. `out` is initialised here; the caller calls
 * cb_buf_wipe. */
int cb_secret_read(const char *reference, const char *key, struct cb_buf *out,
                   struct cb_error *err);

/* A private key file (client_key that is a path): the same check of its mode. Opened read-only; the
 * descriptor, or -1. The content is not looked at. */
int cb_secret_file_open(const char *path, const char *key, struct cb_error *err);
/* The check alone. */
int cb_secret_file_check(const char *path, const char *key, struct cb_error *err);

#endif

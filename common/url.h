/* The URLs of the configuration: only what is safe to send a secret to. */
#ifndef CB_COMMON_URL_H
#define CB_COMMON_URL_H

#include "common/error.h"
#include "common/span.h"

enum cb_url_use {
    CB_URL_API,      /* https; http for loopback: localhost, 127.0.0.0/8, [::1] */
    CB_URL_METADATA, /* the same, and http for 169.254.169.254 */
    CB_URL_PROXY     /* http, https, socks5 or socks5h to any host; no path */
};

/* Checks an absolute URL (RFC 3986) without user, query and fragment, and drops trailing slashes in
 * place. The error does not show the URL, which could hold a password. CB_ERR_CONFIG. */
int cb_url_check(char *url, enum cb_url_use use, struct cb_error *err);

#endif

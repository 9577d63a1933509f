/* The OSSL_STORE loader (provider-storemgmt(7)). */
#ifndef CB_PROVIDER_STORE_H
#define CB_PROVIDER_STORE_H

#include <openssl/core.h>

extern const OSSL_DISPATCH cb_store_functions[];

#endif

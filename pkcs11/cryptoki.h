/* p11-kit's header is Cryptoki 2.40; here is what we serve of 3.0 beside it. */
#ifndef CB_PKCS11_CRYPTOKI_H
#define CB_PKCS11_CRYPTOKI_H

#include <p11-kit/pkcs11.h>

/* PKCS #11 3.0, 4.4 */
#ifndef CKA_UNIQUE_ID
#define CKA_UNIQUE_ID 4UL
#endif

/* PKCS #11 2.40, 4.6.2, table 18 */
#ifndef CK_CERTIFICATE_CATEGORY_TOKEN_USER
#define CK_CERTIFICATE_CATEGORY_TOKEN_USER 1UL
#define CK_CERTIFICATE_CATEGORY_AUTHORITY 2UL
#define CK_CERTIFICATE_CATEGORY_OTHER_ENTITY 3UL
#endif

#endif

/* The built module, loaded as a host loads it, and what tests ask it again and again.
 *
 * Calls that fail end the test through cmocka. */
#ifndef CB_TESTS_PKCS11_HARNESS_H
#define CB_TESTS_PKCS11_HARNESS_H

#include "pkcs11/certbridge-pkcs11.h"
#include "pkcs11/cryptoki.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FOUND_MAX 1000

extern CK_FUNCTION_LIST *p11;
extern char world_dir[];

/* Makes a world in a temporary folder and loads the module. cmocka group fixtures. */
int world_setup(void **state);
int world_teardown(void **state);

/* C_Initialize with config=world_dir/certbridge.conf, and C_Finalize: fixtures of a test. */
int module_start(void **state);
int module_stop(void **state);

CK_SESSION_HANDLE open_session(CK_SLOT_ID slot);

/* All objects that match, at most FOUND_MAX; `at_once` for each C_FindObjects. */
CK_ULONG find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n, CK_ULONG at_once,
              CK_OBJECT_HANDLE *found);

/* The handle of the only match; fails when there is none or another. */
CK_OBJECT_HANDLE find_one(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n);

/* A value on the heap (free it), or NULL when the object does not have the attribute. */
uint8_t *get(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
             CK_ULONG *length);

/* The object has exactly this value. */
void assert_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                  const void *value, CK_ULONG length);
void assert_no_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

#endif

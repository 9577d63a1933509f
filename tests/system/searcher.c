/* A host that runs on: counts certificates each time when a line comes on stdin, in the module or
 * in a store, and prints the number, or "error".
 *
 *     searcher MODULE TOKEN [WORDS]   PKCS#11, one session; WORDS: the initialisation string
 *     searcher URI                    OSSL_STORE, with the provider that openssl.cnf loads */
#include "pkcs11/cryptoki.h"
#include <dlfcn.h>
#include <openssl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST *functions;
static CK_SESSION_HANDLE session;

static void need(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "searcher: %s\n", what);
    exit(1);
}

static CK_SLOT_ID find_slot(const char *token)
{
    CK_SLOT_ID slots[16];
    CK_ULONG n = 16;
    CK_TOKEN_INFO info;
    size_t length = strlen(token);

    need(functions->C_GetSlotList(CK_TRUE, slots, &n) == CKR_OK, "C_GetSlotList");
    for (CK_ULONG i = 0; i < n; i++)
        if (functions->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            memcmp(info.label, token, length) == 0 && info.label[length] == ' ')
            return slots[i];
    need(0, "no such token");
    return 0;
}

static void open_token(const char *module, const char *token, char *words)
{
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK, .pReserved = words};
    void *handle = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get;

    need(handle != NULL, "dlopen");
    *(void **)&get = dlsym(handle, "C_GetFunctionList");
    need(get != NULL && get(&functions) == CKR_OK, "C_GetFunctionList");
    need(functions->C_Initialize(&args) == CKR_OK, "C_Initialize");
    need(functions->C_OpenSession(find_slot(token), CKF_SERIAL_SESSION, NULL, NULL, &session) ==
             CKR_OK,
         "C_OpenSession");
}

static int count_in_token(void)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_ATTRIBUTE template = {CKA_CLASS, &class, sizeof class};
    CK_OBJECT_HANDLE objects[64];
    CK_ULONG n;
    int count = 0;

    if (functions->C_FindObjectsInit(session, &template, 1) != CKR_OK)
        return -1;
    while (functions->C_FindObjects(session, objects, 64, &n) == CKR_OK && n > 0)
        count += (int)n;
    functions->C_FindObjectsFinal(session);
    return count;
}

static int count_in_store(const char *uri)
{
    OSSL_STORE_CTX *store = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
    int count = 0, failed = store == NULL;

    while (!failed && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        count += info != NULL;
        failed = OSSL_STORE_error(store);
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    return failed ? -1 : count;
}

int main(int argc, char **argv)
{
    char line[16];

    need(argc >= 2 && argc <= 4, "searcher MODULE TOKEN [WORDS] | searcher URI");
    if (argc > 2)
        open_token(argv[1], argv[2], argv[3]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(line, sizeof line, stdin) != NULL) {
        int count = argc > 2 ? count_in_token() : count_in_store(argv[1]);
        if (count < 0)
            puts("error");
        else
            printf("%d\n", count);
    }
    return 0;
}

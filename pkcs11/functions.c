/* The function table, and what a token without mechanisms refuses: one function for each list of
 * parameters, after its handle and arguments (PKCS #11 2.40, 5.1). */
#include "pkcs11/session.h"

static CK_RV refuse(CK_SESSION_HANDLE session, bool arguments_good, CK_RV verdict)
{
    CK_RV rv = cb_session_check(session);
    if (rv != CKR_OK)
        return rv;
    return arguments_good ? verdict : CKR_ARGUMENTS_BAD;
}

static bool readable(const void *p, CK_ULONG n)
{
    return p || n == 0;
}

static CK_RV not_parallel(CK_SESSION_HANDLE s)
{
    return refuse(s, true, CKR_FUNCTION_NOT_PARALLEL);
}

static CK_RV no_random(CK_SESSION_HANDLE s, CK_BYTE *p, CK_ULONG n)
{
    return refuse(s, readable(p, n), CKR_RANDOM_NO_RNG);
}

static CK_RV protected_pin(CK_SESSION_HANDLE s, CK_UTF8CHAR *pin, CK_ULONG n)
{
    return refuse(s, readable(pin, n), CKR_TOKEN_WRITE_PROTECTED);
}

static CK_RV protected_pins(CK_SESSION_HANDLE s, CK_UTF8CHAR *old, CK_ULONG old_n, CK_UTF8CHAR *new,
                            CK_ULONG new_n)
{
    return refuse(s, readable(old, old_n) && readable(new, new_n), CKR_TOKEN_WRITE_PROTECTED);
}

static CK_RV protected_object(CK_SESSION_HANDLE s, CK_ATTRIBUTE *t, CK_ULONG n,
                              CK_OBJECT_HANDLE *object)
{
    return refuse(s, readable(t, n) && object, CKR_TOKEN_WRITE_PROTECTED);
}

static CK_RV no_input(CK_SESSION_HANDLE s, CK_BYTE *p, CK_ULONG n)
{
    return refuse(s, readable(p, n), CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_two_inputs(CK_SESSION_HANDLE s, CK_BYTE *a, CK_ULONG a_n, CK_BYTE *b, CK_ULONG b_n)
{
    return refuse(s, readable(a, a_n) && readable(b, b_n), CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_output(CK_SESSION_HANDLE s, CK_BYTE *out, CK_ULONG *n)
{
    (void)out; /* NULL asks for the length */
    return refuse(s, n, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_input_output(CK_SESSION_HANDLE s, CK_BYTE *in, CK_ULONG in_n, CK_BYTE *out,
                             CK_ULONG *n)
{
    (void)out;
    return refuse(s, readable(in, in_n) && n, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_mechanism(CK_SESSION_HANDLE s, CK_MECHANISM *m)
{
    return refuse(s, m, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_mechanism_key(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
    (void)key; /* no object is one */
    return refuse(s, m, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_key(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE key)
{
    (void)key;
    return refuse(s, true, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_state(CK_SESSION_HANDLE s, CK_BYTE *p, CK_ULONG n, CK_OBJECT_HANDLE encryption,
                      CK_OBJECT_HANDLE authentication)
{
    (void)encryption, (void)authentication;
    return refuse(s, p && n, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_generation(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_ATTRIBUTE *t, CK_ULONG n,
                           CK_OBJECT_HANDLE *key)
{
    return refuse(s, m && readable(t, n) && key, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_pair_generation(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_ATTRIBUTE *public,
                                CK_ULONG public_n, CK_ATTRIBUTE *private, CK_ULONG private_n,
                                CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    bool good = m && readable(public, public_n) && readable(private, private_n);
    return refuse(s, good && public_key && private_key, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_wrapping(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE wrapping,
                         CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *n)
{
    (void)wrapping, (void)key, (void)out;
    return refuse(s, m && n, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_unwrapping(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE unwrapping,
                           CK_BYTE *in, CK_ULONG in_n, CK_ATTRIBUTE *t, CK_ULONG n,
                           CK_OBJECT_HANDLE *key)
{
    (void)unwrapping;
    bool good = m && readable(in, in_n) && readable(t, n) && key;
    return refuse(s, good, CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_RV no_derivation(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE base,
                           CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *key)
{
    (void)base, (void)key; /* some mechanisms give their keys by their parameters */
    return refuse(s, m && readable(t, n), CKR_FUNCTION_NOT_SUPPORTED);
}

static CK_FUNCTION_LIST functions;

/* The table names this one: for an exported symbol the dynamic linker would put in that of p11-kit,
 * when the host is linked with it. */
static CK_RV get_function_list(CK_FUNCTION_LIST **list)
{
    if (!list)
        return CKR_ARGUMENTS_BAD;
    *list = &functions;
    return CKR_OK;
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    return get_function_list(list);
}

/* Not const: the interface hands out a pointer to a table that is not. */
static CK_FUNCTION_LIST functions = {
    .version = {CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR},
    .C_Initialize = C_Initialize,
    .C_Finalize = C_Finalize,
    .C_GetInfo = C_GetInfo,
    .C_GetFunctionList = get_function_list,
    .C_GetSlotList = C_GetSlotList,
    .C_GetSlotInfo = C_GetSlotInfo,
    .C_GetTokenInfo = C_GetTokenInfo,
    .C_GetMechanismList = C_GetMechanismList,
    .C_GetMechanismInfo = C_GetMechanismInfo,
    .C_InitToken = C_InitToken,
    .C_InitPIN = protected_pin,
    .C_SetPIN = protected_pins,
    .C_OpenSession = C_OpenSession,
    .C_CloseSession = C_CloseSession,
    .C_CloseAllSessions = C_CloseAllSessions,
    .C_GetSessionInfo = C_GetSessionInfo,
    .C_GetOperationState = no_output,
    .C_SetOperationState = no_state,
    .C_Login = C_Login,
    .C_Logout = C_Logout,
    .C_CreateObject = protected_object,
    .C_CopyObject = C_CopyObject,
    .C_DestroyObject = C_DestroyObject,
    .C_GetObjectSize = C_GetObjectSize,
    .C_GetAttributeValue = C_GetAttributeValue,
    .C_SetAttributeValue = C_SetAttributeValue,
    .C_FindObjectsInit = C_FindObjectsInit,
    .C_FindObjects = C_FindObjects,
    .C_FindObjectsFinal = C_FindObjectsFinal,
    .C_EncryptInit = no_mechanism_key,
    .C_Encrypt = no_input_output,
    .C_EncryptUpdate = no_input_output,
    .C_EncryptFinal = no_output,
    .C_DecryptInit = no_mechanism_key,
    .C_Decrypt = no_input_output,
    .C_DecryptUpdate = no_input_output,
    .C_DecryptFinal = no_output,
    .C_DigestInit = no_mechanism,
    .C_Digest = no_input_output,
    .C_DigestUpdate = no_input,
    .C_DigestKey = no_key,
    .C_DigestFinal = no_output,
    .C_SignInit = no_mechanism_key,
    .C_Sign = no_input_output,
    .C_SignUpdate = no_input,
    .C_SignFinal = no_output,
    .C_SignRecoverInit = no_mechanism_key,
    .C_SignRecover = no_input_output,
    .C_VerifyInit = no_mechanism_key,
    .C_Verify = no_two_inputs,
    .C_VerifyUpdate = no_input,
    .C_VerifyFinal = no_input,
    .C_VerifyRecoverInit = no_mechanism_key,
    .C_VerifyRecover = no_input_output,
    .C_DigestEncryptUpdate = no_input_output,
    .C_DecryptDigestUpdate = no_input_output,
    .C_SignEncryptUpdate = no_input_output,
    .C_DecryptVerifyUpdate = no_input_output,
    .C_GenerateKey = no_generation,
    .C_GenerateKeyPair = no_pair_generation,
    .C_WrapKey = no_wrapping,
    .C_UnwrapKey = no_unwrapping,
    .C_DeriveKey = no_derivation,
    .C_SeedRandom = no_random,
    .C_GenerateRandom = no_random,
    .C_GetFunctionStatus = not_parallel,
    .C_CancelFunction = not_parallel,
    .C_WaitForSlotEvent = C_WaitForSlotEvent,
};

#include "pkcs11/module.h"
#include "pkcs11/session.h"
#include <stdio.h>

#define PIN_MAX 255 /* bytes; any PIN will do */

CK_RV C_GetSlotList(CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *count)
{
    (void)present; /* every slot has its token */
    struct cb_module *module;
    CK_RV rv = cb_module_enter(&module);
    if (rv != CKR_OK)
        return rv;
    if (!count)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    CK_ULONG room = *count;
    *count = module->n_slots;
    if (!list)
        return cb_module_leave(CKR_OK);
    if (room < module->n_slots)
        return cb_module_leave(CKR_BUFFER_TOO_SMALL);
    for (CK_SLOT_ID id = 0; id < module->n_slots; id++)
        list[id] = id;
    return cb_module_leave(CKR_OK);
}

static void describe_slot(const struct cb_slot *slot, CK_SLOT_INFO *info)
{
    char uri[sizeof info->slotDescription + 1];
    memset(info, 0, sizeof *info);
    snprintf(uri, sizeof uri, "certbridge://%s", slot->source->name);
    cb_pad(info->slotDescription, sizeof info->slotDescription, uri);
    cb_pad(info->manufacturerID, sizeof info->manufacturerID, slot->source->type->manufacturer);
    info->flags = CKF_TOKEN_PRESENT;
    info->hardwareVersion = info->firmwareVersion = cb_library_version();
}

CK_RV C_GetSlotInfo(CK_SLOT_ID id, CK_SLOT_INFO *info)
{
    struct cb_module *module;
    struct cb_slot *slot;
    CK_RV rv = cb_slot_enter(id, &module, &slot);
    if (rv != CKR_OK)
        return rv;
    if (!info)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    describe_slot(slot, info);
    return cb_module_leave(CKR_OK);
}

static void describe_token(const struct cb_slot *slot, CK_TOKEN_INFO *info)
{
    char serial[17];
    memset(info, 0, sizeof *info);
    cb_source_serial(slot->source, serial);
    cb_pad(info->label, sizeof info->label, slot->source->name);
    cb_pad(info->manufacturerID, sizeof info->manufacturerID, slot->source->type->manufacturer);
    cb_pad(info->model, sizeof info->model, slot->source->type->name);
    cb_pad(info->serialNumber, sizeof info->serialNumber, serial);
    cb_pad(info->utcTime, sizeof info->utcTime, ""); /* there is no CKF_CLOCK_ON_TOKEN */
    info->flags = CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED;
    info->ulMaxSessionCount = info->ulMaxRwSessionCount = CB_SESSIONS_MAX;
    info->ulSessionCount = slot->sessions;
    info->ulRwSessionCount = slot->rw_sessions;
    info->ulMaxPinLen = PIN_MAX;
    info->ulTotalPublicMemory = info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
    info->ulTotalPrivateMemory = info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
    info->hardwareVersion = info->firmwareVersion = cb_library_version();
}

CK_RV C_GetTokenInfo(CK_SLOT_ID id, CK_TOKEN_INFO *info)
{
    struct cb_module *module;
    struct cb_slot *slot;
    CK_RV rv = cb_slot_enter(id, &module, &slot);
    if (rv != CKR_OK)
        return rv;
    if (!info)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    describe_token(slot, info);
    return cb_module_leave(CKR_OK);
}

CK_RV C_GetMechanismList(CK_SLOT_ID id, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
    (void)list; /* there are none: certificates only */
    struct cb_module *module;
    struct cb_slot *slot;
    CK_RV rv = cb_slot_enter(id, &module, &slot);
    if (rv != CKR_OK)
        return rv;
    if (!count)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    *count = 0;
    return cb_module_leave(CKR_OK);
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
    (void)type;
    struct cb_module *module;
    struct cb_slot *slot;
    CK_RV rv = cb_slot_enter(id, &module, &slot);
    if (rv != CKR_OK)
        return rv;
    return cb_module_leave(info ? CKR_MECHANISM_INVALID : CKR_ARGUMENTS_BAD);
}

/* Slots never change while the module is initialised. */
CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *slot, CK_VOID_PTR reserved)
{
    struct cb_module *module;
    CK_RV rv = cb_module_enter(&module);
    if (rv != CKR_OK)
        return rv;
    if (!slot || reserved)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    return cb_module_leave(flags & CKF_DONT_BLOCK ? CKR_NO_EVENT : CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_InitToken(CK_SLOT_ID id, CK_UTF8CHAR *pin, CK_ULONG pin_len, CK_UTF8CHAR *label)
{
    struct cb_module *module;
    struct cb_slot *slot;
    CK_RV rv = cb_slot_enter(id, &module, &slot);
    if (rv != CKR_OK)
        return rv;
    bool good = label && (pin || pin_len == 0);
    return cb_module_leave(good ? CKR_TOKEN_WRITE_PROTECTED : CKR_ARGUMENTS_BAD);
}

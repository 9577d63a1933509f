#include "common/error.h"
#include "common/span.h"

#include <errno.h>
#include <stdio.h>

/* vsnprintf cuts at a byte; a character that lost its end is removed whole. */
static void drop_partial_character(char *text, size_t n)
{
    size_t start = n;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0xC0)
        start--;
    unsigned char lead = (unsigned char)text[start];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (n - start < need)
        text[start] = '\0';
}

__attribute__((format(printf, 3, 0))) static void format_cut(char *out, size_t room,
                                                             const char *format, va_list args)
{
    int n = vsnprintf(out, room, format, args);
    if (n < 0)
        out[0] = '\0';
    else if ((size_t)n >= room)
        drop_partial_character(out, room - 1);
    for (; *out != '\0'; out++)
        if ((unsigned char)*out < 0x20 || *out == 0x7F)
            *out = '?';
}

/* Puts `tail` behind `head`, as much as fits. */
static void join(char *head, size_t room, const char *tail)
{
    size_t used = strlen(head);
    size_t left = room - 1 - used;
    size_t n = strlen(tail);
    bool cut = n > left;
    if (cut)
        n = left;
    memcpy(head + used, tail, n);
    head[used + n] = '\0';
    if (cut)
        drop_partial_character(head, used + n);
}

static void set(struct cb_error *err, enum cb_error_code code, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void set(struct cb_error *err, enum cb_error_code code, const char *format, va_list args)
{
    /* Formatted aside, because an argument may be the old text itself. */
    char text[CB_ERROR_TEXT_MAX];
    format_cut(text, sizeof text, format, args);
    err->code = code;
    memcpy(err->text, text, strlen(text) + 1);
}

int cb_fail(struct cb_error *err, enum cb_error_code code, const char *format, ...)
{
    if (!err)
        return -1;
    va_list args;
    va_start(args, format);
    set(err, code, format, args);
    va_end(args);
    return -1;
}

int cb_fail_in(struct cb_error *err, const char *format, ...)
{
    if (!err)
        return -1;
    char text[CB_ERROR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    format_cut(text, sizeof text, format, args);
    va_end(args);
    join(text, sizeof text, ": ");
    join(text, sizeof text, err->text);
    memcpy(err->text, text, strlen(text) + 1);
    return -1;
}

int cb_fail_memory(struct cb_error *err)
{
    return cb_fail(err, CB_ERR_MEMORY, "out of memory");
}

int cb_fail_errno(struct cb_error *err, enum cb_error_code code, const char *format, ...)
{
    int saved = errno;
    if (!err)
        return -1;
    va_list args;
    va_start(args, format);
    set(err, code, format, args);
    va_end(args);
    const char *reason = strerrordesc_np(saved); /* no locale, no shared buffer */
    join(err->text, sizeof err->text, ": ");
    join(err->text, sizeof err->text, reason ? reason : "unknown error");
    return -1;
}

void cb_error_clear(struct cb_error *err)
{
    if (!err)
        return;
    err->code = CB_OK;
    err->text[0] = '\0';
}

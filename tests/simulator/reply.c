/* Building replies, and the few things about requests that every API asks. */
#include "tests/simulator/sim.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void sim_reply_clear(struct sim_reply *reply)
{
    for (size_t i = 0; i < reply->headers; i++) {
        free(reply->header[i].name);
        free(reply->header[i].value);
    }
    free(reply->body);
    free(reply->content_type);
    *reply = (struct sim_reply){.cut_at = -1};
}

void sim_reply_take(struct sim_reply *reply, int status, const char *type, char *body,
                    size_t length)
{
    sim_reply_clear(reply);
    reply->status = status;
    reply->content_type = type == NULL ? NULL : strdup(type);
    reply->body = body;
    reply->length = length;
}

void sim_reply_printf(struct sim_reply *reply, int status, const char *type, const char *format,
                      ...)
{
    char *body = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&body, format, args);
    va_end(args);
    sim_reply_take(reply, status, type, length < 0 ? NULL : body, length < 0 ? 0 : (size_t)length);
}

void sim_reply_header(struct sim_reply *reply, const char *name, const char *value)
{
    if (reply->headers < sizeof reply->header / sizeof *reply->header) {
        reply->header[reply->headers++] =
            (struct sim_pair){.name = strdup(name), .value = strdup(value)};
    }
}

void sim_print_json(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            fprintf(out, "\\%c", *text);
        } else if ((unsigned char)*text < 0x20) {
            fprintf(out, "\\u%04x", (unsigned)(unsigned char)*text);
        } else {
            putc(*text, out);
        }
    }
    putc('"', out);
}

size_t sim_header(const struct sim_request *request, const char *name, const char **value)
{
    size_t count = 0;
    for (size_t i = 0; i < request->headers; i++) {
        if (strcasecmp(request->header[i].name, name) == 0) {
            if (count++ == 0 && value != NULL) {
                *value = request->header[i].value;
            }
        }
    }
    return count;
}

bool sim_accepts_json(const struct sim_request *request)
{
    const char *accept = "";
    if (sim_header(request, "Accept", &accept) == 0) {
        return true;
    }
    return strstr(accept, "*/*") != NULL || strstr(accept, "application/json") != NULL ||
           strstr(accept, "application/*") != NULL;
}

long sim_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits == 0 || digits > 9 || text[digits] != '\0' ? -1 : strtol(text, NULL, 10);
}

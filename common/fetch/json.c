#include "common/fetch/json.h"
#include "common/fetch/json-scan.h"
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>

/* Gives the integers below `v` the text that the document has for them: json-c keeps only a value,
 * and that at most UINT64_MAX. Values come in the order of the text, since members keep theirs and
 * none is there twice. */
static int keep_number_text(struct json_object *v, struct cb_span text, size_t *at)
{
    enum json_type type = json_object_get_type(v);

    if (type == json_type_object) {
        json_object_object_foreach(v, name, member)
        {
            (void)name;
            if (keep_number_text(member, text, at) == -1)
                return -1;
        }
    } else if (type == json_type_array) {
        for (size_t i = 0; i < json_object_array_length(v); i++)
            if (keep_number_text(json_object_array_get_idx(v, i), text, at) == -1)
                return -1;
    } else if (type == json_type_int || type == json_type_double) {
        struct cb_span number = cb_json_scan_number(text, at);
        char *copy = strndup((const char *)number.p, number.n);
        if (!copy)
            return -1;
        json_object_set_serializer(v, json_object_userdata_to_json_string, copy,
                                   json_object_free_userdata);
    }
    return 0;
}

static struct cb_span without_byte_order_mark(struct cb_span text)
{
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
        return cb_span(text.p + 3, text.n - 3);
    return text;
}

/* json-c counts depth from 0 and wants room for a scalar inside the innermost container. */
#define TREE_DEPTH (CB_JSON_DEPTH_MAX + 2)

static int build(struct cb_span text, struct json_object **out, struct cb_error *err)
{
    struct json_tokener *tokener = json_tokener_new_ex(TREE_DEPTH);
    enum json_tokener_error why;
    int result = 0;

    if (!tokener)
        return cb_fail_memory(err);
    *out = json_tokener_parse_ex(tokener, (const char *)text.p, (int)text.n);
    why = json_tokener_get_error(tokener);
    if (why == json_tokener_continue) { /* a number at the end may still go on */
        *out = json_tokener_parse_ex(tokener, "", -1);
        why = json_tokener_get_error(tokener);
    }
    if (why != json_tokener_success)
        result = cb_fail(err, CB_ERR_ANSWER, "at byte %zu: %s", json_tokener_get_parse_end(tokener),
                         json_tokener_error_desc(why));
    json_tokener_free(tokener);
    return result;
}

int cb_json_parse(struct cb_span text, struct json_object **document, struct cb_error *err)
{
    bool long_numbers;
    size_t at = 0;

    *document = NULL;
    text = without_byte_order_mark(text);
    if (text.n == 0)
        return cb_fail(err, CB_ERR_ANSWER, "the answer is empty");
    if (text.n > INT_MAX)
        return cb_fail(err, CB_ERR_LIMIT, "the answer is larger than 2 GiB");
    if (cb_json_scan(text, &long_numbers, err) == -1 || build(text, document, err) == -1)
        goto fail;
    if (long_numbers && keep_number_text(*document, text, &at) == -1) {
        cb_fail_memory(err);
        goto fail;
    }
    return 0;

fail:
    cb_json_free(*document);
    *document = NULL;
    return -1;
}

void cb_json_free(struct json_object *document)
{
    json_object_put(document);
}

bool cb_json_is_object(cb_json v)
{
    return json_object_is_type(v, json_type_object);
}

bool cb_json_is_array(cb_json v)
{
    return json_object_is_type(v, json_type_array);
}

size_t cb_json_length(cb_json array)
{
    return cb_json_is_array(array) ? json_object_array_length(array) : 0;
}

cb_json cb_json_at(cb_json array, size_t i)
{
    return i < cb_json_length(array) ? json_object_array_get_idx(array, i) : NULL;
}

#define NAME_MAX_BYTES 128 /* of a member that our own code asks for */

cb_json cb_json_get(cb_json object, const char *path)
{
    while (cb_json_is_object(object)) {
        const char *end = strchrnul(path, '/');
        char name[NAME_MAX_BYTES];
        struct json_object *member = NULL;

        if ((size_t)(end - path) >= sizeof name)
            return NULL;
        memcpy(name, path, (size_t)(end - path));
        name[end - path] = '\0';
        json_object_object_get_ex(object, name, &member);
        if (*end == '\0')
            return member;
        object = member;
        path = end + 1;
    }
    return NULL;
}

static int wrong_type(cb_json v, const char *path, const char *wanted, struct cb_error *err)
{
    return cb_fail(err, CB_ERR_ANSWER, "member \"%s\" is %s where %s was expected", path,
                   json_type_to_name(json_object_get_type(v)), wanted);
}

static int string_span(cb_json v, const char *path, struct cb_span *out, struct cb_error *err)
{
    *out = cb_span(json_object_get_string((struct json_object *)v),
                   (size_t)json_object_get_string_len(v));
    if (out->n > 0 && memchr(out->p, '\0', out->n))
        return cb_fail(err, CB_ERR_ANSWER, "member \"%s\" has a zero character", path);
    return 0;
}

int cb_json_text(cb_json object, const char *path, struct cb_span *out, struct cb_error *err)
{
    cb_json v = cb_json_get(object, path);

    *out = cb_span(NULL, 0);
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_string))
        return wrong_type(v, path, "a string", err);
    return string_span(v, path, out, err);
}

int cb_json_text_or_number(cb_json object, const char *path, struct cb_buf *out,
                           struct cb_error *err)
{
    cb_json v = cb_json_get(object, path);
    struct cb_span text;
    int added;

    if (!v)
        return 0;
    if (json_object_is_type(v, json_type_string)) {
        if (string_span(v, path, &text, err) == -1)
            return -1;
        added = cb_buf_add_span(out, text);
    } else if (json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double)) {
        added = cb_json_print_without(v, NULL, out);
    } else {
        return wrong_type(v, path, "a string or a number", err);
    }
    if (added == -1)
        return cb_fail(err, CB_ERR_ANSWER, "member \"%s\" is too long", path);
    return 0;
}

int cb_json_integer(cb_json object, const char *path, int64_t *out, bool *present,
                    struct cb_error *err)
{
    cb_json v = cb_json_get(object, path);
    const char *text;

    *present = v != NULL;
    *out = 0;
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_int))
        return wrong_type(v, path, "an integer", err);
    errno = 0;
    text = json_object_get_userdata((struct json_object *)v); /* keep_number_text */
    *out = text ? strtoll(text, NULL, 10) : json_object_get_int64(v);
    if (errno == ERANGE)
        return cb_fail(err, CB_ERR_ANSWER, "member \"%s\" is too large a number", path);
    return 0;
}

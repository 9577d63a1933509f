#include "common/value.h"

#include <stdlib.h>
#include <strings.h>

static size_t count_items(const struct cb_value_line *line)
{
    size_t n = 0;
    for (; line; line = line->next) {
        n++;
        for (const char *c = line->text; *c; c++)
            n += *c == ',';
    }
    return n;
}

/* "%2C" and "%25" in place; any other percent sign would be a guess. */
static int decode(char *item, struct cb_error *err)
{
    char *to = item;
    for (const char *from = item; *from; from++) {
        char c = *from;
        if (c == '%') {
            bool comma = strncasecmp(from, "%2C", 3) == 0;
            if (!comma && strncmp(from, "%25", 3) != 0)
                return cb_fail(err, CB_ERR_CONFIG,
                               "a percent sign in an item is written %%25, a comma %%2C");
            c = comma ? ',' : '%';
            from += 2;
        }
        *to++ = c;
    }
    *to = '\0';
    return 0;
}

static char *trim(char *item)
{
    item += strspn(item, " \t");
    size_t n = strlen(item);
    while (n > 0 && (item[n - 1] == ' ' || item[n - 1] == '\t'))
        n--;
    item[n] = '\0';
    return item;
}

static int split_line(char *text, bool last, struct cb_list *out, struct cb_error *err)
{
    while (text) {
        char *comma = strchr(text, ',');
        if (comma)
            *comma = '\0';
        char *item = trim(text);
        bool after_comma = !comma && *item == '\0' && !last;
        if (*item == '\0' && !after_comma)
            return cb_fail(err, CB_ERR_CONFIG, "an item of the list is empty");
        if (decode(item, err))
            return -1;
        if (!after_comma)
            out->items[out->n++] = item;
        text = comma ? comma + 1 : NULL;
    }
    return 0;
}

static int check_star(const struct cb_list *list, struct cb_error *err)
{
    for (size_t i = 0; list->n > 1 && i < list->n; i++)
        if (strcmp(list->items[i], "*") == 0)
            return cb_fail(err, CB_ERR_CONFIG, "\"*\" means all and stands alone");
    return 0;
}

int cb_list_read(const struct cb_value_line *lines, struct cb_arena *arena, struct cb_list *out,
                 unsigned *line, struct cb_error *err)
{
    *line = lines->line;
    size_t most = count_items(lines);
    if (most > CB_LIST_ITEMS_MAX)
        return cb_fail(err, CB_ERR_CONFIG, "has more than %d items", CB_LIST_ITEMS_MAX);
    struct cb_list list = {0};
    list.items = cb_arena_alloc(arena, most * sizeof *list.items, _Alignof(char *));
    if (!list.items)
        return cb_fail_memory(err);
    for (const struct cb_value_line *l = lines; l; l = l->next) {
        *line = l->line;
        bool empty_start = l == lines && *l->text == '\0';
        if (!empty_start && split_line(l->text, !l->next, &list, err))
            return -1;
    }
    *line = lines->line;
    if (list.n == 0)
        return cb_fail(err, CB_ERR_CONFIG, "needs a value");
    *out = list;
    return check_star(out, err);
}

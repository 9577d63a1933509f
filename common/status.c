#include "common/status.h"

#include "common/clock.h"
#include "common/text.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum kind { TIME, NUMBER, TEXT, NOTES, NOTES_MORE };

/* The file's lines, in the order in which they are written. */
static const struct field {
    const char *key;
    enum kind kind;
    size_t offset;
} fields[] = {
    {"last_try", TIME, offsetof(struct cb_status, last_try)},
    {"last_try_ns", NUMBER, offsetof(struct cb_status, last_try_ns)},
    {"last_success", TIME, offsetof(struct cb_status, last_success)},
    {"next_try", TIME, offsetof(struct cb_status, next_try)},
    {"retry_after", TIME, offsetof(struct cb_status, retry_after)},
    {"failures", NUMBER, offsetof(struct cb_status, failures)},
    {"certificates", NUMBER, offsetof(struct cb_status, certificates)},
    {"passcodes", NUMBER, offsetof(struct cb_status, passcodes)},
    {"gone", NUMBER, offsetof(struct cb_status, gone)},
    {"progress", TEXT, offsetof(struct cb_status, progress)},
    {"error", TEXT, offsetof(struct cb_status, error)},
    {"left_out", NOTES, offsetof(struct cb_status, left_out)},
    {"left_out_more", NOTES_MORE, offsetof(struct cb_status, left_out)},
    {"reported", NOTES, offsetof(struct cb_status, reported)},
    {"reported_more", NOTES_MORE, offsetof(struct cb_status, reported)},
};
#define FIELDS (sizeof fields / sizeof fields[0])

#define MORE_MAX 1000000000 /* notes that are only counted: far beyond any source */
#define TAIL_MAX 64         /* bytes of a NOTES_MORE line */

void cb_status_init(struct cb_status *s)
{
    memset(s, 0, sizeof *s);
}

void cb_status_clear(struct cb_status *s)
{
    cb_notes_clear(&s->left_out);
    cb_notes_clear(&s->reported);
    cb_status_init(s);
}

/* One line of safe text of at most `most` bytes, on the heap. */
static char *printable(struct cb_span text, size_t most)
{
    struct cb_buf b;
    char *result = NULL;

    cb_buf_init(&b, most + sizeof "...");
    if (cb_add_printable(&b, text, most) == 0)
        result = b.n == 0 ? strdup("") : cb_buf_take(&b);
    cb_buf_clear(&b);
    return result;
}

static int add_note(struct cb_notes *notes, struct cb_span path, struct cb_span reason)
{
    struct cb_note *items, note = {NULL, NULL};

    notes->total++;
    if (notes->n >= CB_STATUS_NOTES_MAX)
        return 0;
    note.path = printable(path, CB_FILE_PATH_MAX);
    note.reason = printable(reason, CB_ERROR_TEXT_MAX);
    items = reallocarray(notes->items, notes->n + 1, sizeof *items);
    if (items != NULL)
        notes->items = items;
    if (items == NULL || note.path == NULL || note.reason == NULL) {
        free(note.path);
        free(note.reason);
        return -1;
    }
    items[notes->n++] = note;
    return 0;
}

int cb_notes_add(struct cb_notes *notes, const char *path, const char *reason)
{
    return add_note(notes, cb_span_of(path), cb_span_of(reason));
}

void cb_notes_clear(struct cb_notes *notes)
{
    for (size_t i = 0; i < notes->n; i++) {
        free(notes->items[i].path);
        free(notes->items[i].reason);
    }
    free(notes->items);
    memset(notes, 0, sizeof *notes);
}

/* "KEY = PATH: REASON" lines while there is room, and how many more there were. The first kind may
 * not take the room of the second. */
static void print_notes(const struct field *f, const struct cb_notes *notes, struct cb_buf *out)
{
    bool last = f->offset == offsetof(struct cb_status, reported);
    size_t limit = (last ? CB_STATUS_MAX : CB_STATUS_MAX / 2) - TAIL_MAX;
    size_t i;

    for (i = 0; i < notes->n; i++) {
        const struct cb_note *note = &notes->items[i];
        size_t line = strlen(f->key) + strlen(note->path) + strlen(note->reason) + 6;
        if (out->n + line > limit)
            break;
        cb_buf_printf(out, "%s = %s: %s\n", f->key, note->path, note->reason);
    }
    if (notes->total > i)
        cb_buf_printf(out, "%s_more = %zu\n", f->key, notes->total - i);
}

static void print_text(const char *key, const char *text, struct cb_buf *out)
{
    cb_buf_printf(out, "%s = ", key);
    cb_add_printable(out, cb_span_of(text), CB_ERROR_TEXT_MAX - 1);
    cb_buf_add_byte(out, '\n');
}

static void print_field(const struct field *f, const struct cb_status *s, struct cb_buf *out)
{
    const void *at = (const char *)s + f->offset;
    char iso[CB_ISO_MAX];

    switch (f->kind) {
    case TIME:
        if (*(const int64_t *)at != 0)
            cb_buf_printf(out, "%s = %s\n", f->key, cb_iso(*(const int64_t *)at, iso));
        break;
    case NUMBER:
        cb_buf_printf(out, "%s = %lld\n", f->key, (long long)*(const int64_t *)at);
        break;
    case TEXT:
        if (*(const char *)at != '\0')
            print_text(f->key, at, out);
        break;
    case NOTES:
        print_notes(f, at, out);
        break;
    case NOTES_MORE:
        break;
    }
}

int cb_status_print(const struct cb_status *s, struct cb_buf *out)
{
    for (size_t i = 0; i < FIELDS; i++)
        print_field(&fields[i], s, out);
    return out->failed ? -1 : 0;
}

static int parse_number(struct cb_span text, int64_t *out)
{
    char copy[24], *end;

    if (text.n == 0 || text.n >= sizeof copy || text.p[0] < '0' || text.p[0] > '9')
        return -1;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    errno = 0;
    *out = strtoll(copy, &end, 10);
    return errno == 0 && *end == '\0' ? 0 : -1;
}

static int parse_text(struct cb_span text, char out[CB_ERROR_TEXT_MAX])
{
    /* The cut leaves room for the dots and the terminating zero. */
    char *safe = printable(text, CB_ERROR_TEXT_MAX - sizeof "...");

    if (safe == NULL)
        return -1;
    memcpy(out, safe, strlen(safe) + 1);
    free(safe);
    return 0;
}

static int parse_note(struct cb_span text, struct cb_notes *notes)
{
    const uint8_t *colon = memmem(text.p, text.n, ": ", 2);

    if (colon == NULL)
        return -1;
    size_t path = (size_t)(colon - text.p);
    return add_note(notes, cb_span(text.p, path), cb_span(colon + 2, text.n - path - 2));
}

static int parse_more(struct cb_span text, struct cb_notes *notes)
{
    int64_t more;

    if (parse_number(text, &more) != 0 || more > MORE_MAX)
        return -1;
    notes->total += (size_t)more;
    return 0;
}

static int parse_field(const struct field *f, struct cb_span text, struct cb_status *s)
{
    void *at = (char *)s + f->offset;

    switch (f->kind) {
    case TIME:
        return cb_parse_rfc3339(text, at);
    case NUMBER:
        return parse_number(text, at);
    case TEXT:
        return parse_text(text, at);
    case NOTES:
        return parse_note(text, at);
    case NOTES_MORE:
        return parse_more(text, at);
    }
    return -1;
}

static int parse_line(struct cb_span line, struct cb_status *s)
{
    const uint8_t *mid = line.n == 0 ? NULL : memmem(line.p, line.n, " = ", 3);

    if (mid == NULL)
        return line.n == 0 ? 0 : -1;
    struct cb_span key = cb_span(line.p, (size_t)(mid - line.p));
    struct cb_span value = cb_span(mid + 3, line.n - key.n - 3);
    for (size_t i = 0; i < FIELDS; i++)
        if (cb_span_equal(key, cb_span_of(fields[i].key)))
            return parse_field(&fields[i], value, s);
    return 0;
}

int cb_status_parse(struct cb_span text, struct cb_status *out)
{
    cb_status_init(out);
    if (text.n > CB_STATUS_MAX)
        return -1;
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        struct cb_span line = cb_span(text.p, end != NULL ? (size_t)(end - text.p) : text.n);
        size_t used = line.n + (end != NULL);
        if (parse_line(line, out) != 0) {
            cb_status_clear(out);
            return -1;
        }
        text = cb_span(text.p + used, text.n - used);
    }
    return 0;
}

int cb_status_read(const struct cb_config *config, const struct cb_source *source,
                   struct cb_status *out, struct cb_error *err)
{
    char path[CB_FILE_PATH_MAX];
    struct cb_error why = {0};
    struct cb_buf text;
    struct stat st;
    int fd, result = -1;

    cb_status_init(out);
    if (cb_cache_path(config, source, CB_FILE_STATUS, path, err) != 0)
        return -1;
    fd = cb_file_open_trusted(path, cb_cache_owner(config), &st, &why);
    if (fd < 0 && why.code == CB_ERR_NOT_FOUND)
        return 0;
    if (fd < 0)
        return cb_fail(err, why.code, "%s", why.text);
    cb_buf_init(&text, CB_STATUS_MAX);
    if (cb_file_read(fd, path, &text, err) == 0) {
        result = cb_status_parse(cb_buf_span(&text), out);
        if (result != 0)
            cb_fail(err, CB_ERR_DAMAGED, "%s is not a status file of certbridge", path);
    }
    cb_buf_clear(&text);
    close(fd);
    return result;
}

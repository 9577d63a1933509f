#include "common/fetch/snapshot-entries.h"
#include "common/text.h"
#include <stdlib.h>

void cb_entries_init(struct cb_entries *e, const struct cb_sip_key *key)
{
    *e = (struct cb_entries){.key = *key};
    cb_buf_init(&e->paths, UINT32_MAX);
}

void cb_entries_settle(struct cb_entries *e)
{
    free(e->by_path.slot);
    free(e->by_id.slot);
    e->by_path = e->by_id = (struct cb_slots){NULL, 0};
}

void cb_entries_clear(struct cb_entries *e)
{
    cb_entries_settle(e);
    cb_buf_clear(&e->paths);
    free(e->entry);
    free(e->links);
    *e = (struct cb_entries){.entry = NULL};
}

struct cb_span cb_entry_path(const struct cb_entries *e, const struct cb_entry *entry)
{
    return cb_span(e->paths.p + entry->path_at, entry->path_n);
}

static uint64_t path_hash(const struct cb_entries *e, struct cb_span path)
{
    return cb_siphash(&e->key, path);
}

const struct cb_entry *cb_entries_with_path(const struct cb_entries *e, struct cb_span path)
{
    const struct cb_slots *s = &e->by_path;
    if (s->n == 0)
        return NULL;
    for (size_t i = path_hash(e, path) & (s->n - 1); s->slot[i]; i = (i + 1) & (s->n - 1)) {
        const struct cb_entry *entry = &e->entry[s->slot[i] - 1];
        if (cb_span_equal(cb_entry_path(e, entry), path))
            return entry;
    }
    return NULL;
}

const struct cb_entry *cb_entries_with_id(const struct cb_entries *e, uint64_t id)
{
    const struct cb_slots *s = &e->by_id;
    if (s->n == 0)
        return NULL;
    for (size_t i = id & (s->n - 1); s->slot[i]; i = (i + 1) & (s->n - 1))
        if (e->entry[s->slot[i] - 1].id == id)
            return &e->entry[s->slot[i] - 1];
    return NULL;
}

static void occupy(struct cb_slots *s, uint64_t hash, uint32_t place)
{
    size_t i = hash & (s->n - 1);
    while (s->slot[i])
        i = (i + 1) & (s->n - 1);
    s->slot[i] = place + 1;
}

static void occupy_both(struct cb_entries *e, uint32_t place)
{
    const struct cb_entry *entry = &e->entry[place];
    occupy(&e->by_path, path_hash(e, cb_entry_path(e, entry)), place);
    occupy(&e->by_id, entry->id, place);
}

/* Tables of `n` slots each with all entries in them. */
static int fill_slots(struct cb_entries *e, size_t n)
{
    cb_entries_settle(e);
    e->by_path = (struct cb_slots){calloc(n, sizeof *e->by_path.slot), n};
    e->by_id = (struct cb_slots){calloc(n, sizeof *e->by_id.slot), n};
    if (!e->by_path.slot || !e->by_id.slot) {
        cb_entries_settle(e);
        return -1;
    }
    for (uint32_t i = 0; i < e->n; i++)
        occupy_both(e, i);
    return 0;
}

/* Makes room for `more` elements of `size` bytes: by half, since large blocks grow in place. */
static int grow(void **p, uint32_t *room, uint32_t n, uint32_t more, size_t size)
{
    uint64_t wanted = (uint64_t)n + more;
    if (wanted <= *room)
        return 0;
    uint64_t roomy = (uint64_t)*room + *room / 2 + 16;
    if (roomy < wanted)
        roomy = wanted;
    if (roomy > UINT32_MAX)
        return -1;
    void *grown = realloc(*p, (size_t)roomy * size);
    if (!grown)
        return -1;
    *p = grown;
    *room = (uint32_t)roomy;
    return 0;
}

static int make_room(struct cb_entries *e, uint32_t links)
{
    void *entry = e->entry, *link = e->links;
    int result = grow(&entry, &e->room, e->n, 1, sizeof *e->entry);
    if (result == 0)
        result = grow(&link, &e->links_room, e->links_n, links, sizeof *e->links);
    e->entry = entry;
    e->links = link;
    /* At most three quarters of the slots are taken. */
    if (result == 0 && ((uint64_t)e->n + 1) * 4 > (uint64_t)e->by_id.n * 3)
        result = fill_slots(e, e->by_id.n ? 2 * e->by_id.n : 64);
    return result;
}

int cb_entries_add(struct cb_entries *e, const struct cb_entry *like, struct cb_span path,
                   const uint32_t *links, struct cb_error *err)
{
    uint32_t path_at = (uint32_t)e->paths.n;
    if (make_room(e, like->links_n) != 0 || cb_buf_add_span(&e->paths, path) != 0)
        return cb_fail_memory(err);
    if (like->links_n)
        memcpy(e->links + e->links_n, links, like->links_n * sizeof *links);
    struct cb_entry *entry = &e->entry[e->n];
    *entry = *like;
    entry->path_at = path_at;
    entry->path_n = (uint16_t)path.n;
    entry->links_at = e->links_n;
    e->links_n += like->links_n;
    occupy_both(e, e->n++);
    return 0;
}

/* Moves an entry and what belongs to it to the front parts that are in use; all three only ever
 * move down. */
static void keep(struct cb_entries *e, uint32_t from)
{
    struct cb_entry entry = e->entry[from];
    memmove(e->paths.p + e->paths.n, e->paths.p + entry.path_at, entry.path_n);
    entry.path_at = (uint32_t)e->paths.n;
    e->paths.n += entry.path_n;
    if (entry.links_n)
        memmove(e->links + e->links_n, e->links + entry.links_at, entry.links_n * sizeof *e->links);
    entry.links_at = e->links_n;
    e->links_n += entry.links_n;
    e->entry[e->n++] = entry;
}

static bool is_one_of(const struct cb_entries *e, uint32_t place, enum cb_kind kind,
                      struct cb_span prefix)
{
    return e->entry[place].kind == kind &&
           cb_path_below(cb_entry_path(e, &e->entry[place]), prefix);
}

int cb_entries_forget(struct cb_entries *e, enum cb_kind kind, struct cb_span prefix,
                      int (*gone)(void *user, const struct cb_entry *entry), void *user)
{
    uint32_t n = e->n;
    for (uint32_t i = 0; i < n; i++)
        if (is_one_of(e, i, kind, prefix) && gone(user, &e->entry[i]) != 0)
            return -1;
    e->n = e->links_n = 0;
    e->paths.n = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!is_one_of(e, i, kind, prefix))
            keep(e, i);
    return e->by_id.n ? fill_slots(e, e->by_id.n) : 0;
}

/* The separator comes before every character of a segment. */
int cb_path_compare(struct cb_span a, struct cb_span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n; i++)
        if (a.p[i] != b.p[i])
            return (a.p[i] == '/' ? 0 : a.p[i]) < (b.p[i] == '/' ? 0 : b.p[i]) ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

/* Any bytes as a snapshot, asked everything that a face asks. The checksums of META and of object
 * records are put right first, or nothing behind them would ever be reached. */
#include "common/checksum.h"
#include "common/snapshot.h"

#include <cdb.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* Where the value under `key` is in the file; false when it is not there. */
static bool find(int fd, const void *key, unsigned key_n, unsigned *at, unsigned *n)
{
    struct cdb cdb;
    if (cdb_init(&cdb, fd) != 0)
        return false;
    bool found = cdb_find(&cdb, key, key_n) == 1;
    *at = cdb_datapos(&cdb);
    *n = cdb_datalen(&cdb);
    cdb_free(&cdb);
    return found;
}

static void put64(int fd, unsigned at, uint64_t v)
{
    uint8_t bytes[8];
    cb_put64(bytes, v);
    require(pwrite(fd, bytes, sizeof bytes, (off_t)at) == sizeof bytes);
}

static uint64_t checksum_at(int fd, unsigned at, unsigned n)
{
    uint8_t *bytes = malloc(n + 1);
    require(bytes && pread(fd, bytes, n, (off_t)at) == (ssize_t)n);
    uint64_t sum = cb_checksum(cb_span(bytes, n));
    free(bytes);
    return sum;
}

static void mend(int fd)
{
    unsigned at, n;
    if (!find(fd, "M", 1, &at, &n) || n != CB_META_SIZE)
        return;
    put64(fd, at + n - 8, checksum_at(fd, at, n - 8));
    unsigned list, list_n;
    if (!find(fd, "A", 1, &list, &list_n))
        return;
    for (unsigned i = 0; i < list_n / 8 && i < 64; i++) {
        uint8_t object[9] = {'O'};
        require(pread(fd, object + 1, 8, (off_t)list + 8 * (off_t)i) == 8);
        if (find(fd, object, sizeof object, &at, &n) && n >= 8)
            put64(fd, at, checksum_at(fd, at + 8, n - 8));
    }
}

/* Reads every byte, so that a sanitizer sees where it lies. */
static void touch(struct cb_span s)
{
    static volatile uint8_t seen;
    for (size_t i = 0; i < s.n; i++)
        seen = s.p[i];
    (void)seen;
}

static void ask_object(const struct cb_snapshot *s, uint64_t id)
{
    struct cb_object o;
    if (cb_snapshot_object(s, id, &o, NULL) != 0)
        return;
    const struct cb_span parts[] = {o.path,   o.label,  o.state, o.details, o.der,  o.subject,
                                    o.issuer, o.serial, o.spki,  o.key_id,  o.sha1, o.sha256};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        touch(parts[i]);
    require(o.kind == CB_PASSCODE || o.key_id.n > 0);
}

static void ask_ids(const struct cb_snapshot *s, struct cb_ids ids)
{
    for (uint32_t i = 0; i < ids.n && i < 64; i++)
        ask_object(s, cb_ids_at(ids, i));
    if (ids.n)
        ask_object(s, cb_ids_at(ids, ids.n - 1));
}

static void ask(const struct cb_snapshot *s)
{
    static const enum cb_tag tags[] = {CB_TAG_SUBJECT, CB_TAG_ISSUER_SERIAL, CB_TAG_KEY_ID,
                                       CB_TAG_LABEL,   CB_TAG_SHA1,          CB_TAG_SHA256};
    struct cb_ids listing = cb_snapshot_listing(s);
    ask_ids(s, listing);
    ask_ids(s, cb_snapshot_below(s, cb_span_of("")));
    for (uint32_t i = 0; i < listing.n && i < 16; i++) {
        uint64_t id = cb_ids_at(listing, i);
        struct cb_object o;
        ask_ids(s, cb_snapshot_chain(s, id));
        ask_ids(s, cb_snapshot_owners(s, id));
        if (cb_snapshot_object(s, id, &o, NULL) != 0)
            continue;
        const struct cb_span keys[] = {o.subject, o.serial, o.key_id, o.label, o.sha1, o.sha256};
        for (size_t k = 0; k < sizeof tags / sizeof *tags; k++)
            ask_ids(s, cb_snapshot_find(s, tags[k], keys[k]));
        ask_ids(s, cb_snapshot_below(s, o.path));
        (void)cb_snapshot_shows(s, &o, NULL, "any", 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct cb_snapshot *s;
    int fd = memfd_create("snapshot", MFD_CLOEXEC);
    require(fd >= 0 && write(fd, data, n) == (ssize_t)n);
    mend(fd);
    if (cb_snapshot_map(fd, &s, NULL) == 0) {
        ask(s);
        cb_snapshot_unref(s);
    }
    return 0;
}

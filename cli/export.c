#include "cli/select.h"
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

/* Certificates to be written, in order, each once. */
struct export
{
    const struct cli *cli;
    struct cb_buf der; /* of all, one after another */
    struct cb_buf ids; /* uint64_t of each chain certificate that is there already */
    size_t *ends;      /* of each in `der` */
    size_t n;
    struct cb_error err;
};

static int keep(struct export *e, const struct cb_object *o)
{
    size_t *ends = reallocarray(e->ends, e->n + 1, sizeof *ends);
    if (!ends)
        return cb_fail_memory(&e->err);
    e->ends = ends;
    if (cb_buf_add_span(&e->der, o->der))
        return cb_fail(&e->err, CB_ERR_LIMIT, "too much to export at once");
    e->ends[e->n++] = e->der.n;
    return 0;
}

/* True the first time. */
static bool first_time(struct export *e, uint64_t id)
{
    for (size_t i = 0; i + sizeof id <= e->ids.n; i += sizeof id)
        if (memcmp(e->ids.p + i, &id, sizeof id) == 0)
            return false;
    return cb_buf_add(&e->ids, &id, sizeof id) == 0;
}

static int keep_chain(struct export *e, const struct cli_hit *hit)
{
    struct cb_ids ids = cb_snapshot_chain(hit->snapshot, hit->object->id);
    for (uint32_t i = 0; i < ids.n; i++) {
        struct cb_object o;
        if (!first_time(e, cb_ids_at(ids, i)))
            continue;
        if (cb_snapshot_object(hit->snapshot, cb_ids_at(ids, i), &o, &e->err) || keep(e, &o))
            return -1;
    }
    return 0;
}

static int collect(void *user, const struct cli_hit *hit)
{
    struct export *e = user;
    if (hit->object->kind != CB_CERTIFICATE)
        return 0;
    if (hit->part != CB_PART_ISSUERS && keep(e, hit->object))
        return -1;
    if (hit->part != CB_PART_LEAF && !(e->cli->options & CLI_DER) && keep_chain(e, hit))
        return -1;
    return 0;
}

static int write_all(const struct export *e)
{
    size_t start = 0;
    for (size_t i = 0; i < e->n; start = e->ends[i++]) {
        const uint8_t *der = e->der.p + start;
        size_t n = e->ends[i] - start;
        bool ok = e->cli->options & CLI_DER
                      ? fwrite(der, 1, n, stdout) == n
                      : PEM_write(stdout, "CERTIFICATE", "", der, (long)n) > 0;
        if (!ok)
            return -1;
    }
    return fflush(stdout);
}

static int finish(struct export *e, int status)
{
    if (e->err.code) {
        cli_complain(&e->err);
        return CLI_FAILED;
    }
    if (status != CLI_DONE && status != CLI_FAILED)
        return status;
    if (e->n == 0) {
        if (status == CLI_DONE)
            fprintf(stderr, "certbridge: no certificate below this URI\n");
        return status == CLI_DONE ? CLI_NOTHING : status;
    }
    if (e->cli->options & CLI_DER && e->n != 1) {
        fprintf(stderr, "certbridge: --der writes one certificate, and %zu match; name one\n",
                e->n);
        return CLI_USAGE;
    }
    if (write_all(e)) {
        fprintf(stderr, "certbridge: cannot write to standard output\n");
        return CLI_FAILED;
    }
    return status;
}

int cli_export(const struct cli *cli)
{
    struct export e = {.cli = cli};
    cb_buf_init(&e.der, (size_t)4 << 30);
    cb_buf_init(&e.ids, 64u << 20);
    int status = finish(&e, cli_select(cli, cli->args[0], collect, &e));
    cb_buf_clear(&e.der);
    cb_buf_clear(&e.ids);
    free(e.ends);
    return status;
}

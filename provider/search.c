#include "provider/search.h"
#include "common/der.h"
#include "common/text.h"
#include <strings.h>

/* Every name that OpenSSL gives these digests. */
static const char *const sha1_names[] = {"SHA1", "SHA-1", "SSL3-SHA1", "1.3.14.3.2.26", NULL};
static const char *const sha256_names[] = {"SHA2-256", "SHA256", "SHA-256",
                                           "2.16.840.1.101.3.4.2.1", NULL};

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcasecmp(name, *names) == 0)
            return true;
    return false;
}

static bool asks(const struct cb_search *s, enum cb_criterion which)
{
    return s->criteria->given[which];
}

static const char *digest_name(const struct cb_search *s)
{
    return cb_buf_text(&s->criteria->value[CB_BY_DIGEST]);
}

/* What the URI lists. */

static const char *uri_state(const struct cb_search *s)
{
    return s->uri->has_state ? s->uri->state : NULL;
}

static bool lists_credential(const struct cb_search *s, const struct cb_object *o)
{
    if (o->kind != CB_CERTIFICATE || !cb_path_below(o->path, cb_span_of(s->uri->path)))
        return false;
    if (s->uri->has_label && !cb_span_equal(o->label, cb_span_of(s->uri->label)))
        return false;
    if (asks(s, CB_BY_SUBJECT) && !s->uri->has_state)
        return cb_object_anchor(o, s->source, s->now);
    return cb_object_shown(o, s->source, uri_state(s), s->now);
}

static bool chain_holds(const struct cb_search *s, uint64_t credential, uint64_t certificate)
{
    struct cb_ids chain = cb_snapshot_chain(s->snapshot, credential);
    for (uint32_t i = 0; i < chain.n; i++)
        if (cb_ids_at(chain, i) == certificate)
            return true;
    return false;
}

/* Owners in the snapshot stand for others of the same state and window, not for those of the same
 * path or label: with these the credentials of the URI are asked. */
static bool lists_chain(const struct cb_search *s, const struct cb_object *o)
{
    if (asks(s, CB_BY_SUBJECT))
        return false;
    if (s->uri->path[0] == '\0' && !s->uri->has_label)
        return cb_snapshot_shows(s->snapshot, o, s->source, uri_state(s), s->now);
    struct cb_ids below = cb_snapshot_below(s->snapshot, cb_span_of(s->uri->path));
    struct cb_object owner;
    for (uint32_t i = 0; i < below.n; i++)
        if (chain_holds(s, cb_ids_at(below, i), o->id) &&
            cb_snapshot_object(s->snapshot, cb_ids_at(below, i), &owner, NULL) == 0 &&
            lists_credential(s, &owner))
            return true;
    return false;
}

/* What the criteria pick. */

static bool same_integer(struct cb_span a, struct cb_span b)
{
    struct cb_span x, y;
    return cb_der_take(&a, CB_DER_INTEGER, &x, NULL) == 0 &&
           cb_der_take(&b, CB_DER_INTEGER, &y, NULL) == 0 && cb_span_equal(x, y);
}

static bool has_fingerprint(const struct cb_search *s, const struct cb_object *o)
{
    struct cb_span wanted = cb_criterion(s->criteria, CB_BY_FINGERPRINT);
    if (s->digest) {
        uint8_t digest[CB_DIGEST_MAX];
        return cb_span_equal(cb_span(digest, cb_digest(s->digest, o->der, digest)), wanted);
    }
    return cb_span_equal(is_one_of(digest_name(s), sha1_names) ? o->sha1 : o->sha256, wanted);
}

static bool has_alias(const struct cb_search *s, const struct cb_object *o)
{
    struct cb_span alias = cb_criterion(s->criteria, CB_BY_ALIAS);
    return cb_span_equal(o->label, alias) ||
           (o->kind == CB_CERTIFICATE && cb_span_equal(o->path, alias));
}

/* Names are most often spelled alike. Those of the snapshot are names for certain. */
static bool same_name(struct cb_span ours, struct cb_span asked)
{
    return cb_span_equal(ours, asked) || cb_name_equal(ours, asked);
}

static bool meets_criteria(const struct cb_search *s, const struct cb_object *o)
{
    const struct cb_criteria *c = s->criteria;
    return (!asks(s, CB_BY_SUBJECT) || same_name(o->subject, cb_criterion(c, CB_BY_SUBJECT))) &&
           (!asks(s, CB_BY_ISSUER) || same_name(o->issuer, cb_criterion(c, CB_BY_ISSUER))) &&
           (!asks(s, CB_BY_SERIAL) || same_integer(o->serial, cb_criterion(c, CB_BY_SERIAL))) &&
           (!asks(s, CB_BY_FINGERPRINT) || has_fingerprint(s, o)) &&
           (!asks(s, CB_BY_ALIAS) || has_alias(s, o));
}

/* Where to look. */

static void look_up(struct cb_search *s, enum cb_tag tag, struct cb_span key)
{
    s->candidates[0] = cb_snapshot_find(s->snapshot, tag, key);
}

/* A name that libcrypto would not accept is nobody's name: no candidates. */
static void look_up_subject(struct cb_search *s)
{
    struct cb_buf key;
    cb_buf_init(&key, CB_INDEX_KEY_MAX);
    if (cb_name_canonical(&key, cb_criterion(s->criteria, CB_BY_SUBJECT)) == 0)
        look_up(s, CB_TAG_SUBJECT, cb_buf_span(&key));
    cb_buf_clear(&key);
}

static void look_up_issuer_serial(struct cb_search *s)
{
    struct cb_buf key;
    cb_buf_init(&key, CB_INDEX_KEY_MAX);
    if (cb_issuer_serial_key(&key, cb_criterion(s->criteria, CB_BY_ISSUER),
                             cb_criterion(s->criteria, CB_BY_SERIAL)) == 0)
        look_up(s, CB_TAG_ISSUER_SERIAL, cb_buf_span(&key));
    cb_buf_clear(&key);
}

/* Of the credentials below a path the one at the path itself comes first. */
static void look_up_alias(struct cb_search *s)
{
    struct cb_span alias = cb_criterion(s->criteria, CB_BY_ALIAS);
    look_up(s, CB_TAG_LABEL, alias);
    struct cb_ids at_path = cb_snapshot_below(s->snapshot, alias);
    if (at_path.n == 0)
        return;
    for (uint32_t i = 0; i < s->candidates[0].n; i++)
        if (cb_ids_at(s->candidates[0], i) == cb_ids_at(at_path, 0))
            return; /* label and path are the same */
    s->candidates[1] = (struct cb_ids){at_path.p, 1};
}

static void walk(struct cb_search *s)
{
    s->walking = true;
    s->candidates[0] = cb_snapshot_below(s->snapshot, cb_span_of(s->uri->path));
}

static int look_up_fingerprint(struct cb_search *s, const struct cb_core *core,
                               struct cb_error *err)
{
    struct cb_span fingerprint = cb_criterion(s->criteria, CB_BY_FINGERPRINT);
    if (!asks(s, CB_BY_DIGEST))
        return cb_fail(err, CB_ERR_USAGE,
                       "a search by fingerprint needs the name of its digest, such as SHA2-256");
    if (is_one_of(digest_name(s), sha1_names))
        look_up(s, CB_TAG_SHA1, fingerprint);
    else if (is_one_of(digest_name(s), sha256_names))
        look_up(s, CB_TAG_SHA256, fingerprint);
    else if (cb_digest_new(core, digest_name(s), &s->digest, err))
        return -1;
    else
        walk(s);
    return 0;
}

int cb_search_begin(struct cb_search *s, const struct cb_core *core, struct cb_error *err)
{
    if (asks(s, CB_BY_FINGERPRINT))
        return look_up_fingerprint(s, core, err);
    if (asks(s, CB_BY_SUBJECT))
        look_up_subject(s);
    else if (asks(s, CB_BY_ISSUER) && asks(s, CB_BY_SERIAL))
        look_up_issuer_serial(s);
    else if (asks(s, CB_BY_ALIAS))
        look_up_alias(s);
    else
        walk(s);
    return 0;
}

/* The next object to look at; `in_chain`: it comes from the chain of the credential before it. */
static bool next_id(struct cb_search *s, uint64_t *id, bool *in_chain)
{
    *in_chain = s->chain_at < s->chain.n;
    if (*in_chain) {
        *id = cb_ids_at(s->chain, s->chain_at++);
        return true;
    }
    while (s->list < 2 && s->at == s->candidates[s->list].n) {
        s->list++;
        s->at = 0;
    }
    if (s->list == 2)
        return false;
    *id = cb_ids_at(s->candidates[s->list], s->at++);
    return true;
}

/* Kinds are held against where the object was found: a damaged chain that led back to its own
 * credential would never end. */
static bool is_listed(struct cb_search *s, const struct cb_object *o, bool in_chain)
{
    if (in_chain)
        return o->kind == CB_CHAIN && cb_idset_add(&s->given, o->id) != 0;
    if (o->kind == CB_CHAIN)
        return !s->walking && lists_chain(s, o);
    return lists_credential(s, o);
}

static bool is_of_part(const struct cb_search *s, const struct cb_object *o)
{
    return s->uri->part == CB_PART_ALL || (s->uri->part == CB_PART_LEAF) == (o->kind != CB_CHAIN);
}

enum cb_found cb_search_next(struct cb_search *s, struct cb_object *out, struct cb_error *err)
{
    uint64_t id;
    bool in_chain;
    while (next_id(s, &id, &in_chain)) {
        if (cb_snapshot_object(s->snapshot, id, out, err))
            return CB_FOUND_DAMAGE;
        if (!is_listed(s, out, in_chain))
            continue;
        if (s->walking && out->kind == CB_CERTIFICATE && s->uri->part != CB_PART_LEAF) {
            s->chain = cb_snapshot_chain(s->snapshot, id);
            s->chain_at = 0;
        }
        if (is_of_part(s, out) && meets_criteria(s, out))
            return CB_FOUND;
    }
    return CB_FOUND_NO_MORE;
}

void cb_search_clear(struct cb_search *s)
{
    cb_idset_clear(&s->given);
    cb_digest_free(s->digest);
    *s = (struct cb_search){0};
}

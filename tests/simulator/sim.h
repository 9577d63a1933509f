/* The API simulator: what its files share.
 *
 * A request comes in (http.c), the API that owns its path answers it (digicert.c, nevisidm.c) from
 * the data folder (store.c), and the faults that a test asked for (fault.c) spoil the answer on its
 * way out (spoil.c). A new API is one file and one row in http.c.
 *
 * The simulator is strict on purpose: it looks at the raw request target, so a client that forgets
 * an encoding or a header gets the error that the real service gives. */
#ifndef TESTS_SIMULATOR_SIM_H
#define TESTS_SIMULATOR_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- store.c: the data folder as a tree ------------------------------------------------------ */

/* A folder has children, sorted by name; a file has text: compact JSON, or raw for a .list file.
 * Names are decoded (see README.md), without ".json". */
struct sim_node {
    char *name;
    char *text;
    size_t length;
    struct sim_node *children;
    size_t count;
};

struct sim_store;

/* Reads the folder again and puts it in place of the old tree. On failure the old tree stays and
 * `why` says what is wrong. */
int sim_store_load(const char *folder, char *why, size_t size);
void sim_store_free(void);

/* The tree, which stays valid until it is released. */
struct sim_store *sim_store_hold(void);
void sim_store_release(struct sim_store *store);
const struct sim_node *sim_store_root(const struct sim_store *store);

/* NULL when `parent` is NULL or has no such child. */
const struct sim_node *sim_child(const struct sim_node *parent, const char *name);

/* Index of the first child whose name is greater than `name`. */
size_t sim_child_after(const struct sim_node *parent, const char *name);

/* Calls `each` with every line of a .list file, split at blanks into at most three words, until it
 * answers true. Empty lines and lines beginning with '#' are left out. */
#define SIM_LINE_MAX 8192 /* an access token fits */
bool sim_each_line(const struct sim_node *list, bool (*each)(char *words[3], void *cls), void *cls);

/* ---- target.c: the raw request target -------------------------------------------------------- */

#define SIM_SEGMENTS_MAX 16
#define SIM_QUERY_MAX 16

struct sim_pair {
    char *name;
    char *value;
};

/* A target taken apart and percent-decoded. `storage` holds all the texts. */
struct sim_target {
    char *storage;
    char *segment[SIM_SEGMENTS_MAX];
    size_t segments;
    struct sim_pair query[SIM_QUERY_MAX];
    size_t queries;
};

/* RFC 3986 without mercy: every byte of a segment must be a pchar, and not ';', which servers take
 * for the start of a parameter; an escape must be complete and not %00; no segment may be empty; a
 * query name must not come twice; '+' in a query is a blank. -1 otherwise, with the reason. */
int sim_target_parse(const char *raw, struct sim_target *target, const char **why);
void sim_target_clear(struct sim_target *target);

/* NULL when absent. */
const char *sim_query(const struct sim_target *target, const char *name);

/* ---- settings.c: how the APIs behave when nothing is broken ---------------------------------- */

enum sim_setting {
    SIM_ERROR_WRAPPER,
    SIM_DIGICERT_LIST,
    SIM_DIGICERT_TOTAL,
    SIM_DIGICERT_DEFAULT_LIMIT,
    SIM_DIGICERT_MAX_LIMIT,
    SIM_DIGICERT_MISSING,
    SIM_NEVISIDM_DEFAULT_LIMIT,
    SIM_NEVISIDM_MAX_LIMIT,
    SIM_NEVISIDM_END,
    SIM_NEVISIDM_FULL_LAST_PAGE,
    SIM_CHURN,
    SIM_CHURN_COUNT,
    SIM_CLIENT_CERTIFICATE,
    SIM_TRANSFER,
    SIM_VALIDATORS,
    SIM_DELAY_MS,
    SIM_SETTINGS
};

/* -1 when there is no such setting or it does not take this value; `why` says which are possible.
 * */
int sim_setting_set(const char *name, const char *value, char *why, size_t size);
bool sim_setting_is(enum sim_setting setting, const char *value);
unsigned long sim_setting_number(enum sim_setting setting);
/* Remembers the present values as those that sim_settings_reset brings back. */
void sim_settings_keep(void);
void sim_settings_reset(void);
void sim_settings_print(FILE *out);

/* The part of a collection that can be seen now: with churn it loses or gains an item at its start
 * after each page. Call once for every page; it gives how many first items are hidden. */
size_t sim_churn_hidden(size_t count);

/* ---- request and reply ----------------------------------------------------------------------- */

#define SIM_HEADERS_MAX 48 /* of a request; further ones are not seen */
#define SIM_BODY_MAX 65536 /* of a request: a certificate and some JSON */
#define SIM_FAULTS_MAX 8   /* on one request */

enum sim_listener { SIM_NORMAL, SIM_CLIENTAUTH, SIM_ADMIN, SIM_LISTENERS };

struct sim_request {
    enum sim_listener listener;
    const char *method;
    const char *raw; /* target as it came */
    struct sim_target target;
    struct sim_pair header[SIM_HEADERS_MAX]; /* borrowed; names as they came */
    size_t headers;
    char *body;
    size_t body_length;
    const char *certificate; /* subject of a verified client certificate, or NULL */
    bool authorised;         /* set by the API, for the log */
};

struct sim_reply {
    int status;
    char *body; /* from malloc */
    size_t length;
    char *content_type;
    struct sim_pair header[8];
    size_t headers;
    bool chunked;
    bool close;         /* without any answer */
    bool stall;         /* no answer until the client or the simulator goes */
    long cut_at;        /* bytes of body before the connection is cut; -1: never */
    unsigned long rate; /* bytes of body a second; 0: as fast as possible */
    unsigned long delay_ms;
};

struct sim_exchange;

enum sim_stage { SIM_STAGE_ITEM, SIM_STAGE_INSTEAD, SIM_STAGE_BODY, SIM_STAGE_WIRE };

/* One thing to go wrong; README.md says what each kind makes of the other members. */
struct sim_fault {
    const struct sim_kind *kind;
    char match[512], id[256], name[64], value[1024], code[64], message[256], retry_after[32];
    long status, number;       /* -1: not given */
    unsigned long after, left; /* requests to let pass, and then to spoil */
};

struct sim_kind {
    const char *name;
    enum sim_stage stage;
    void (*spoil)(const struct sim_fault *fault, struct sim_exchange *x); /* NULL for an item's */
};

struct sim_exchange {
    const struct sim_api *api;
    struct sim_request request;
    struct sim_reply reply;
    struct sim_store *store;
    struct sim_fault faults[SIM_FAULTS_MAX]; /* those that apply to this request */
    size_t fault_count;
};

struct sim_api {
    const char *prefix; /* of the raw path, ending in '/' */
    void (*answer)(struct sim_exchange *x);
    void (*error)(struct sim_reply *reply, int status, const char *code, const char *message);
    /* Names of the members that item faults spoil; NULL where the API has none. */
    const char *certificate, *digest, *serial, *expiry, *key_id;
    const char *list; /* name of the array in a list */
};

extern const struct sim_api sim_digicert, sim_nevisidm;

/* How many headers of this name there are, and the value of the first. */
size_t sim_header(const struct sim_request *request, const char *name, const char **value);

/* Whether the client takes JSON: no Accept, or one that names it. */
bool sim_accepts_json(const struct sim_request *request);

/* A decimal number without sign, at most 9 digits. -1 when it is none. */
long sim_number(const char *text);

/* ---- reply.c --------------------------------------------------------------------------------- */

void sim_reply_clear(struct sim_reply *reply);
/* Takes `body`. */
void sim_reply_take(struct sim_reply *reply, int status, const char *type, char *body,
                    size_t length);
void sim_reply_printf(struct sim_reply *reply, int status, const char *type, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));
void sim_reply_header(struct sim_reply *reply, const char *name, const char *value);
/* Writes `text` as a JSON string with its quotes. */
void sim_print_json(FILE *out, const char *text);

/* ---- fault.c: what a test asked to go wrong -------------------------------------------------- */

/* Adds a fault from pairs ("kind", "match", "count", ...). README.md lists them. */
int sim_fault_add(const struct sim_pair *pairs, size_t count, char *why, size_t size);
void sim_faults_clear(void);
/* Copies the faults that apply to this request into it, and counts them down. */
void sim_faults_take(struct sim_exchange *x);
/* Spoils the reply in every way asked for, stage by stage. */
void sim_faults_apply(struct sim_exchange *x);

/* ---- spoil.c: what each kind of fault does --------------------------------------------------- */

const struct sim_kind *sim_kind(const char *name);

/* ---- spoil-item.c: items ----------------------------------------------------------------------
 * */

/* Writes an item into a list or an answer, spoilt when asked. */
void sim_print_item(FILE *out, const struct sim_exchange *x, const struct sim_node *item);

/* ---- log.c: log file and counters ------------------------------------------------------------ */

int sim_log_open(const char *path);
void sim_log_close(void);
void sim_count_begin(void);
void sim_count_end(void);
/* One line and the counters. A secret of the data folder never appears, even inside a target. */
void sim_log_exchange(const struct sim_exchange *x, unsigned long connection);
void sim_count_connection(void);
void sim_counters_print(FILE *out);
unsigned long sim_counter_target(const char *raw);
void sim_counters_reset(void);

/* ---- admin.c --------------------------------------------------------------------------------- */

/* Answers a request of the admin listener. */
void sim_admin_answer(struct sim_exchange *x);
int sim_reload(char *why, size_t size);

/* ---- server.c: the listeners ----------------------------------------------------------------- */

struct sim_options {
    const char *data, *log, *ready;
    const char *certificate, *key, *client_ca; /* PEM files; client_ca may be NULL */
    const char *address;                       /* 127.0.0.1 or ::1 */
    int port[SIM_LISTENERS];                   /* 0: any free one, -1: none */
    int mute_port;                             /* a listener that never says a word */
};

/* Starts every listener and sets the ports that were free. */
int sim_server_start(struct sim_options *options);
void sim_server_stop(void);
/* Sleeps, but not longer than until the simulator stops or `fd` (or -1) is closed by its client. */
void sim_sleep(unsigned long ms, int fd);

#endif

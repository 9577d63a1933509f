/* The data folder, read as a whole into a sorted tree that answers point into.
 *
 * A tree never changes once it is in place: reloading builds another and swaps them, and a request
 * that is being answered keeps the one it began with. */
#include "tests/simulator/sim.h"
#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct sim_store {
    struct sim_node root;
    unsigned holders;
};

struct failure {
    char *why;
    size_t size;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sim_store *current;

static int fail(const struct failure *failure, const char *path, const char *what)
{
    snprintf(failure->why, failure->size, "%s: %s", path, what);
    return -1;
}

static void node_clear(struct sim_node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        node_clear(&node->children[i]);
    }
    free(node->children);
    free(node->name);
    free(node->text);
}

static struct sim_node *node_add(struct sim_node *parent, char *name)
{
    if ((parent->count & (parent->count - 1)) == 0) {
        size_t room = parent->count == 0 ? 1 : 2 * parent->count;
        struct sim_node *grown = realloc(parent->children, room * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        parent->children = grown;
    }
    struct sim_node *node = &parent->children[parent->count++];
    *node = (struct sim_node){.name = name};
    return node;
}

static char *read_file(const char *path, size_t *length)
{
    FILE *in = fopen(path, "re");
    struct stat st;
    char *text = NULL;
    if (in == NULL) {
        return NULL;
    }
    if (fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode)) {
        text = malloc((size_t)st.st_size + 1);
    }
    if (text != NULL) {
        *length = fread(text, 1, (size_t)st.st_size, in);
        text[*length] = '\0';
    }
    fclose(in);
    return text;
}

/* File names carry ids that may hold any byte: %XX as in a URL. */
static char *decode_name(const char *name, size_t length)
{
    char *out = strndup(name, length);
    char *to = out;
    for (const char *from = out; out != NULL && *from != '\0'; from++) {
        unsigned byte;
        if (*from == '%' && sscanf(from + 1, "%2x", &byte) == 1) {
            *to++ = (char)byte;
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    if (out != NULL) {
        *to = '\0';
    }
    return out;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t n = strlen(name);
    size_t e = strlen(ending);
    return n > e && strcmp(name + n - e, ending) == 0;
}

/* A member "@FILE" stands for the text of FILE in the same folder. */
static int resolve_references(struct json_object *item, const char *folder,
                              const struct failure *failure)
{
    json_object_object_foreach(item, name, value)
    {
        const char *text =
            json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
        if (text[0] == '@') {
            char path[4096];
            size_t length = 0;
            snprintf(path, sizeof path, "%s/%s", folder, text + 1);
            char *content = read_file(path, &length);
            if (content == NULL) {
                return fail(failure, path, strerror(errno));
            }
            json_object_object_add_ex(item, name, json_object_new_string_len(content, (int)length),
                                      0);
            free(content);
        }
    }
    return 0;
}

/* ID.pem beside ID.json is the certificate of an item that has none of its own. */
static void adopt_pem(struct json_object *item, const char *json_path, const char *member)
{
    char path[4096];
    size_t length = 0;
    if (json_object_object_get_ex(item, member, NULL)) {
        return;
    }
    snprintf(path, sizeof path, "%.*s.pem", (int)(strlen(json_path) - strlen(".json")), json_path);
    char *content = read_file(path, &length);
    if (content != NULL) {
        json_object_object_add(item, member, json_object_new_string_len(content, (int)length));
        free(content);
    }
}

static int set_json(struct sim_node *node, struct json_object *item)
{
    size_t length;
    const char *text = json_object_to_json_string_length(
        item, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
    node->text = text == NULL ? NULL : strdup(text);
    node->length = length;
    return node->text == NULL ? -1 : 0;
}

static int load_item(struct sim_node *node, const char *folder, const char *path,
                     const struct failure *failure)
{
    struct json_object *item = json_object_from_file(path);
    int result = -1;
    if (!json_object_is_type(item, json_type_object)) {
        fail(failure, path, "is not a JSON object");
        goto out;
    }
    if (ends_with(folder, "/certificates")) {
        adopt_pem(item, path, "certificate");
    } else if (ends_with(folder, "/authentication-certificate")) {
        adopt_pem(item, path, "pem");
    }
    if (resolve_references(item, folder, failure) == 0) {
        result = set_json(node, item);
    }
out:
    json_object_put(item);
    return result;
}

/* Many items in one file, an object a line, named by their "id" or "extId". */
static int load_lines(struct sim_node *parent, const char *path, const struct failure *failure)
{
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    int result = in == NULL ? fail(failure, path, strerror(errno)) : 0;
    while (result == 0 && getline(&line, &room, in) > 0) {
        struct json_object *item = json_tokener_parse(line);
        struct json_object *id = NULL;
        if (!json_object_object_get_ex(item, "id", &id) &&
            !json_object_object_get_ex(item, "extId", &id)) {
            result = fail(failure, path, "a line is no JSON object with an \"id\" or \"extId\"");
        } else {
            struct sim_node *node = node_add(parent, strdup(json_object_get_string(id)));
            result = node == NULL ? -1 : set_json(node, item);
        }
        json_object_put(item);
    }
    free(line);
    if (in != NULL) {
        fclose(in);
    }
    return result;
}

static int compare_nodes(const void *a, const void *b)
{
    const struct sim_node *left = a;
    const struct sim_node *right = b;
    return strcmp(left->name, right->name);
}

static int load_folder(struct sim_node *node, const char *folder, const struct failure *failure);

static int load_entry(struct sim_node *parent, const char *folder, const char *name,
                      const struct failure *failure)
{
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (stat(path, &st) != 0) {
        return fail(failure, path, strerror(errno));
    }
    if (S_ISDIR(st.st_mode)) {
        struct sim_node *node = node_add(parent, decode_name(name, strlen(name)));
        return node == NULL ? -1 : load_folder(node, path, failure);
    }
    if (ends_with(name, ".json")) {
        size_t length = strlen(name) - strlen(".json");
        struct sim_node *node = node_add(parent, decode_name(name, length));
        return node == NULL ? -1 : load_item(node, folder, path, failure);
    }
    if (ends_with(name, ".list")) {
        struct sim_node *node = node_add(parent, strdup(name));
        node->text = read_file(path, &node->length);
        return node->text == NULL ? fail(failure, path, strerror(errno)) : 0;
    }
    return ends_with(name, ".jsonl") ? load_lines(parent, path, failure) : 0;
}

static int load_folder(struct sim_node *node, const char *folder, const struct failure *failure)
{
    DIR *entries = opendir(folder);
    int result = entries == NULL ? fail(failure, folder, strerror(errno)) : 0;
    struct dirent *entry;
    while (result == 0 && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] != '.') {
            result = load_entry(node, folder, entry->d_name, failure);
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
    if (node->count > 0) {
        qsort(node->children, node->count, sizeof *node->children, compare_nodes);
    }
    return result;
}

int sim_store_load(const char *folder, char *why, size_t size)
{
    struct failure failure = {.why = why, .size = size};
    struct sim_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return -1;
    }
    snprintf(why, size, "out of memory");
    store->holders = 1;
    if (load_folder(&store->root, folder, &failure) != 0) {
        sim_store_release(store);
        return -1;
    }
    pthread_mutex_lock(&lock);
    struct sim_store *old = current;
    current = store;
    pthread_mutex_unlock(&lock);
    sim_store_release(old);
    return 0;
}

void sim_store_free(void)
{
    sim_store_release(current);
    current = NULL;
}

struct sim_store *sim_store_hold(void)
{
    pthread_mutex_lock(&lock);
    struct sim_store *store = current;
    store->holders++;
    pthread_mutex_unlock(&lock);
    return store;
}

void sim_store_release(struct sim_store *store)
{
    if (store == NULL) {
        return;
    }
    pthread_mutex_lock(&lock);
    bool last = --store->holders == 0;
    pthread_mutex_unlock(&lock);
    if (last) {
        node_clear(&store->root);
        free(store);
    }
}

const struct sim_node *sim_store_root(const struct sim_store *store)
{
    return &store->root;
}

const struct sim_node *sim_child(const struct sim_node *parent, const char *name)
{
    struct sim_node key = {.name = (char *)(uintptr_t)name};
    if (parent == NULL || parent->count == 0) {
        return NULL;
    }
    return bsearch(&key, parent->children, parent->count, sizeof key, compare_nodes);
}

size_t sim_child_after(const struct sim_node *parent, const char *name)
{
    size_t low = 0;
    size_t high = parent->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(parent->children[middle].name, name) > 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

bool sim_each_line(const struct sim_node *list, bool (*each)(char *words[3], void *cls), void *cls)
{
    const char *line = list == NULL ? "" : list->text;
    bool done = false;
    while (!done && *line != '\0') {
        size_t length = strcspn(line, "\n");
        char copy[SIM_LINE_MAX];
        char *rest = copy;
        char *words[3];
        snprintf(copy, sizeof copy, "%.*s", (int)length, line);
        for (size_t i = 0; i < 3; i++) {
            do {
                words[i] = strsep(&rest, " \t\r");
            } while (words[i] != NULL && words[i][0] == '\0');
        }
        if (words[0] != NULL && words[0][0] != '#') {
            done = each(words, cls);
        }
        line += length + (line[length] == '\n');
    }
    return done;
}

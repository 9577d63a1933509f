/* How the simulated APIs behave where the public pages leave it open: a table of names and values
 * that tests change while the simulator runs. */
#include "tests/simulator/sim.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX 32

struct setting {
    const char *name;
    const char *allowed; /* words between '|', or NULL for a number */
    char value[VALUE_MAX];
    char kept[VALUE_MAX];
};

static struct setting settings[SIM_SETTINGS] = {
    [SIM_ERROR_WRAPPER] = {"error_wrapper", "errors|error", "errors", ""},
    [SIM_DIGICERT_LIST] = {"digicert_list", "records|array", "records", ""},
    [SIM_DIGICERT_TOTAL] = {"digicert_total", "steady|changing|missing", "steady", ""},
    [SIM_DIGICERT_DEFAULT_LIMIT] = {"digicert_default_limit", NULL, "20", ""},
    [SIM_DIGICERT_MAX_LIMIT] = {"digicert_max_limit", NULL, "1000", ""},
    [SIM_DIGICERT_MISSING] = {"digicert_missing", "resource_not_found|entity_not_found",
                              "resource_not_found", ""},
    [SIM_NEVISIDM_DEFAULT_LIMIT] = {"nevisidm_default_limit", NULL, "100", ""},
    [SIM_NEVISIDM_MAX_LIMIT] = {"nevisidm_max_limit", NULL, "1000", ""},
    [SIM_NEVISIDM_END] = {"nevisidm_end", "missing|null|empty|no_pagination", "missing", ""},
    [SIM_NEVISIDM_FULL_LAST_PAGE] = {"nevisidm_full_last_page", "end|token", "end", ""},
    [SIM_CHURN] = {"churn", "none|add|delete", "none", ""},
    [SIM_CHURN_COUNT] = {"churn_count", NULL, "1", ""},
    [SIM_CLIENT_CERTIFICATE] = {"client_certificate", "http|tls", "http", ""},
    [SIM_TRANSFER] = {"transfer", "length|chunked", "length", ""},
    [SIM_VALIDATORS] = {"validators", "none|etag", "none", ""},
    [SIM_DELAY_MS] = {"delay_ms", NULL, "0", ""},
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t churn_pages; /* served since churn was set */

static bool allows(const struct setting *setting, const char *value)
{
    size_t length = strlen(value);
    if (setting->allowed == NULL) {
        return sim_number(value) >= 0;
    }
    for (const char *word = setting->allowed; length > 0; word++) {
        if (strncmp(word, value, length) == 0 && (word[length] == '\0' || word[length] == '|')) {
            return true;
        }
        word = strchr(word, '|');
        if (word == NULL) {
            return false;
        }
    }
    return false;
}

int sim_setting_set(const char *name, const char *value, char *why, size_t size)
{
    for (size_t i = 0; i < SIM_SETTINGS; i++) {
        struct setting *setting = &settings[i];
        if (strcmp(setting->name, name) != 0) {
            continue;
        }
        if (!allows(setting, value)) {
            snprintf(why, size, "%s must be %s", name,
                     setting->allowed == NULL ? "a number" : setting->allowed);
            return -1;
        }
        pthread_mutex_lock(&lock);
        snprintf(setting->value, sizeof setting->value, "%s", value);
        churn_pages = 0;
        pthread_mutex_unlock(&lock);
        return 0;
    }
    snprintf(why, size, "there is no setting %s", name);
    return -1;
}

bool sim_setting_is(enum sim_setting setting, const char *value)
{
    pthread_mutex_lock(&lock);
    bool same = strcmp(settings[setting].value, value) == 0;
    pthread_mutex_unlock(&lock);
    return same;
}

unsigned long sim_setting_number(enum sim_setting setting)
{
    pthread_mutex_lock(&lock);
    unsigned long number = strtoul(settings[setting].value, NULL, 10);
    pthread_mutex_unlock(&lock);
    return number;
}

void sim_settings_keep(void)
{
    for (size_t i = 0; i < SIM_SETTINGS; i++) {
        memcpy(settings[i].kept, settings[i].value, VALUE_MAX);
    }
}

void sim_settings_reset(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SIM_SETTINGS; i++) {
        memcpy(settings[i].value, settings[i].kept, VALUE_MAX);
    }
    churn_pages = 0;
    pthread_mutex_unlock(&lock);
}

void sim_settings_print(FILE *out)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SIM_SETTINGS; i++) {
        fprintf(out, "%s\"%s\":\"%s\"", i == 0 ? "{" : ",", settings[i].name, settings[i].value);
    }
    pthread_mutex_unlock(&lock);
    fputs("}\n", out);
}

size_t sim_churn_hidden(size_t count)
{
    size_t hidden = 0;
    size_t limit = sim_setting_number(SIM_CHURN_COUNT);
    pthread_mutex_lock(&lock);
    size_t changes = churn_pages < limit ? churn_pages : limit;
    if (strcmp(settings[SIM_CHURN].value, "delete") == 0) {
        hidden = changes;
    } else if (strcmp(settings[SIM_CHURN].value, "add") == 0) {
        hidden = limit - changes;
    }
    churn_pages++;
    pthread_mutex_unlock(&lock);
    return hidden < count ? hidden : count;
}

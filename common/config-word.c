#include "common/config.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* The quote that ends what `open` begins (a backslash takes the next character as it is), or NULL
 * when it stays open. */
static const char *closing_quote(const char *open)
{
    for (const char *c = open + 1; *c; c++) {
        if (*c == '\\' && c[1])
            c++;
        else if (*c == *open)
            return c;
    }
    return NULL;
}

static const char *skip_to_blank(const char *c)
{
    while (*c && !is_blank(*c))
        c++;
    return c;
}

/* Where the word that starts here ends. A quote counts only at the start of the word or of its
 * value: "O'Brien" is a word like others. */
static const char *word_end(const char *word)
{
    const char *value = word;
    while (*value && !is_blank(*value) && *value != '=' && !is_quote(*value))
        value++;
    if (*value == '=')
        value++;
    else if (!is_quote(*word))
        return skip_to_blank(word);
    const char *end = is_quote(*value) ? closing_quote(value) : NULL;
    return skip_to_blank(end ? end + 1 : value);
}

/* What stands in the quotes, without its escapes. */
static int copy_quoted(const char *open, const char *end, char *out, size_t room)
{
    size_t n = 0;
    for (const char *c = open + 1; c < end; c++) {
        if (*c == '\\' && c + 1 < end)
            c++;
        if (n + 1 >= room)
            return -1;
        out[n++] = *c;
    }
    out[n] = '\0';
    return n ? 0 : -1;
}

static int copy_plain(const char *value, const char *end, char *out, size_t room)
{
    size_t n = (size_t)(end - value);
    if (n == 0 || n >= room)
        return -1;
    memcpy(out, value, n);
    out[n] = '\0';
    return 0;
}

int cb_config_word(const char *words, char *out, size_t room)
{
    static const char key[] = "config=";
    const size_t key_n = sizeof key - 1;
    while (words && *words) {
        if (is_blank(*words)) {
            words++;
            continue;
        }
        const char *end = word_end(words);
        if (strncmp(words, key, key_n) == 0) {
            const char *value = words + key_n;
            const char *closing = is_quote(*value) ? closing_quote(value) : NULL;
            return closing ? copy_quoted(value, closing, out, room)
                           : copy_plain(value, end, out, room);
        }
        words = end;
    }
    return -1;
}

#include "common/fetch/api-error.h"
#include "common/fetch/json.h"
#include "common/text.h"
#include <stdio.h>
#include <strings.h>

/* An error of one line needs no more of a text that is not JSON. */
#define FIRST_WORDS_MAX 200

/* Of a larger body the beginning says enough. */
#define BODY_SEEN (256u << 10)

/* Where HTML shows that it is. */
#define HTML_SEEN 64

/* Where the shapes that are in use keep code and message. Paths begin at the document, or at
 * errors[0] when there is one. */
static const struct {
    const char *code, *message;
} shapes[] = {
    {"error/code", "error/message"},
    {"error", "error_description"},
    {"code", "message"},
};

static void put(char *out, size_t room, struct cb_span text)
{
    struct cb_buf printable;

    cb_buf_init(&printable, 4 * room);
    cb_add_printable(&printable, text, room - sizeof "...");
    snprintf(out, room, "%s", cb_buf_text(&printable));
    cb_buf_clear(&printable);
}

/* A string or a number; "" for anything else. */
static void put_member(char *out, size_t room, cb_json object, const char *path)
{
    struct cb_buf text;

    cb_buf_init(&text, 1u << 20);
    if (cb_json_text_or_number(object, path, &text, NULL) == 0)
        put(out, room, cb_buf_span(&text));
    cb_buf_clear(&text);
}

static void read_json(cb_json document, struct cb_api_error *out)
{
    cb_json first = cb_json_at(cb_json_get(document, "errors"), 0);
    cb_json object = cb_json_is_object(first) ? first : document;

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        put_member(out->code, sizeof out->code, object, shapes[i].code);
        put_member(out->message, sizeof out->message, object, shapes[i].message);
        if (out->code[0] != '\0' || out->message[0] != '\0')
            return;
    }
}

static const uint8_t *find(struct cb_span text, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= text.n; i++)
        if (strncasecmp((const char *)text.p + i, word, n) == 0)
            return text.p + i;
    return NULL;
}

/* What stands in the title element, or everything when there is none. */
static struct cb_span title_or_all(struct cb_span html)
{
    const uint8_t *start = find(html, "<title"), *end = html.p + html.n;
    const uint8_t *close;

    if (!start || !(start = memchr(start, '>', (size_t)(end - start))))
        return html;
    close = find(cb_span(start, (size_t)(end - start)), "</title");
    return close ? cb_span(start + 1, (size_t)(close - start - 1)) : html;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The first words of text; of HTML, without its tags. */
static void read_words(struct cb_span body, struct cb_api_error *out)
{
    struct cb_span text = title_or_all(body);
    bool html = find(cb_span(body.p, body.n < HTML_SEEN ? body.n : HTML_SEEN), "<") != NULL;
    bool in_tag = false;
    struct cb_buf words;

    cb_buf_init(&words, FIRST_WORDS_MAX + 2);
    for (size_t i = 0; i < text.n && words.n < FIRST_WORDS_MAX; i++) {
        uint8_t c = text.p[i];
        in_tag = html && (in_tag || c == '<');
        if (!in_tag && !is_blank(c))
            cb_buf_add_byte(&words, c);
        else if (words.n > 0 && words.p[words.n - 1] != ' ')
            cb_buf_add_byte(&words, ' ');
        in_tag = in_tag && c != '>';
    }
    while (words.n > 0 && words.p[words.n - 1] == ' ')
        words.p[--words.n] = '\0';
    put(out->message, sizeof out->message, cb_buf_span(&words));
    cb_buf_clear(&words);
}

void cb_api_error_read(struct cb_span body, struct cb_api_error *out)
{
    struct json_object *document;

    *out = (struct cb_api_error){0};
    if (body.n == 0)
        return;
    if (body.n > BODY_SEEN)
        body.n = BODY_SEEN;
    if (cb_json_parse(body, &document, NULL) == 0) {
        read_json(document, out);
        cb_json_free(document);
    }
    if (out->code[0] == '\0' && out->message[0] == '\0')
        read_words(body, out);
}

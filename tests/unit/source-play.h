/* Plays an API's answers to a source, and writes down everything that the source does: tests of
 * common/sources/ compare that text. Takes the place of common/fetch/plan.c. */
#ifndef CB_TESTS_UNIT_SOURCE_PLAY_H
#define CB_TESTS_UNIT_SOURCE_PLAY_H

#include "common/fetch/plan.h"

struct exchange {
    const char *target; /* whole; an exchange answers one request, in the order of the rows */
    int status;         /* 0 means 200 */
    const char *body;   /* of a 200: JSON, with ' for "; else the API's error code */
};

struct play {
    const char *name;
    const char *config;            /* keys of the source beside type and url, lines ended by '\n' */
    struct exchange exchanges[12]; /* what is not here is a 404 without a code */
    /* Lines "GET TARGET", "item PATH LABEL STATE FROM TO", "left out PATH: WHY", "gone PATH: WHY",
     * "forget [passcodes of ]PATH", "fails: TEXT". Times are written as dates or times, "-" when open. */
    const char *transcript;
};

/* Plays a case; fails the cmocka test when the transcript differs. */
void play_case(const char *type, const struct play *play);

/* The header lines that the source makes when every secret is called "s3cret". The caller frees. */
char *play_headers(const char *type, const char *config);

/* Gives the only item of one answer to `look`. */
void play_item(const char *type, const char *config, const struct exchange *exchange,
               void (*look)(const struct cb_item *item));

/* Feeds any bytes as every answer, at most `most` times: for fuzzers. */
void play_bytes(const char *type, const char *config, struct cb_span bytes, unsigned most);

#endif

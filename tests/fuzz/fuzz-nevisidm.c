/* Any JSON as every answer of the nevisIDM API. */
#include "tests/unit/source-play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define KEYS "client = c\nbearer_token = file:/token\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    play_bytes("nevisidm", KEYS "users = u1\ncertificates = a\n", cb_span(data, n), 8);
    play_bytes("nevisidm", KEYS "users = *\ncertificates = *\n", cb_span(data, n), 32);
    return 0;
}

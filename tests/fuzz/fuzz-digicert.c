/* Any JSON as every answer of the DigiCert API. */
#include "tests/unit/source-play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define KEYS                                                                                       \
    "enrollment_profile = IOT_1, IOT_2\napi_key = file:/key\nauthentication_certificates = "

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    play_bytes("digicert-iot", KEYS "a\n", cb_span(data, n), 8);
    play_bytes("digicert-iot", KEYS "*\n", cb_span(data, n), 32);
    return 0;
}

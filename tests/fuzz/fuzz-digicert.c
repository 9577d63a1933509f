/* Any JSON as every answer of the DigiCert API. */
#include "tests/unit/source-play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define KEYS "enrollment_profile = IOT_1, IOT_2\napi_key = file:/key\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    play_bytes("digicert-iot", KEYS "authentication_certificates = a\npasscodes = a\n",
               cb_span(data, n), 16);
    play_bytes("digicert-iot", KEYS "authentication_certificates = *\n", cb_span(data, n), 32);
    play_bytes("digicert-iot", KEYS "passcodes = *\n", cb_span(data, n), 32);
    return 0;
}

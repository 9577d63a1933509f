/* What libmicrohttpd calls for a listener; `cls` is its enum sim_listener as a pointer. */
#ifndef TESTS_SIMULATOR_HTTP_H
#define TESTS_SIMULATOR_HTTP_H

#include "tests/simulator/sim.h"
#include <microhttpd.h>

/* Begins and ends what is remembered of a connection. */
void sim_http_connection(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_ConnectionNotificationCode code);
/* Begins an exchange with the raw target, the only place where it can be had. */
void *sim_http_target(void *cls, const char *raw, struct MHD_Connection *connection);
/* Collects the request and answers it. */
enum MHD_Result sim_http_request(void *cls, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *size, void **context);
/* Frees the exchange. */
void sim_http_completed(void *cls, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code);

#endif

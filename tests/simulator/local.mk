# The simulator of the remote APIs, and the program that makes its data.
check_PROGRAMS += tests/simulator/simulator
tests_simulator_simulator_SOURCES = \
	tests/simulator/sim.h \
	tests/simulator/admin.c \
	tests/simulator/digicert.c \
	tests/simulator/fault.c \
	tests/simulator/http.c \
	tests/simulator/http.h \
	tests/simulator/log.c \
	tests/simulator/main.c \
	tests/simulator/nevisidm.c \
	tests/simulator/reply.c \
	tests/simulator/server.c \
	tests/simulator/settings.c \
	tests/simulator/spoil-item.c \
	tests/simulator/spoil.c \
	tests/simulator/store.c \
	tests/simulator/target.c
tests_simulator_simulator_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS) $(GNUTLS_CFLAGS)
tests_simulator_simulator_LDADD = $(MICROHTTPD_LIBS) $(GNUTLS_LIBS) $(JSON_LIBS)

check_PROGRAMS += tests/simulator/make-data
tests_simulator_make_data_SOURCES = \
	tests/simulator/make-data.c \
	tests/simulator/make-data.h \
	tests/simulator/make-items.c \
	tests/simulator/make-pki.c
tests_simulator_make_data_LDADD = $(CRYPTO_LIBS) $(JSON_LIBS)

EXTRA_DIST += tests/simulator/README.md tests/simulator/sim.sh

EXTRA_DIST += tests/simulator/test-simulator.sh
TESTS += tests/simulator/test-simulator.sh

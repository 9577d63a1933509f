# The program: people's face to the same core, and the helper that the faces start.
bin_PROGRAMS += certbridge
certbridge_SOURCES = \
	cli/cli.h \
	cli/export.c \
	cli/json.c cli/json.h \
	cli/list.c \
	cli/main.c \
	cli/progress.c cli/progress.h \
	cli/select.c cli/select.h \
	cli/show.c \
	cli/status.c \
	cli/sync.c \
	cli/table.c cli/table.h \
	cli/words.c cli/words.h
certbridge_CPPFLAGS = $(AM_CPPFLAGS) -DCB_FETCH_HALF
certbridge_LDADD = libfetch.la libcommon.la $(CURL_LIBS) $(JSON_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) $(CDB_LIBS)

# The fetch half: everything that speaks HTTP, reads JSON or writes snapshots.
noinst_LTLIBRARIES += libfetch.la
libfetch_la_SOURCES = \
	$(cb_source_files) \
	common/fetch/ask.c common/fetch/ask.h \
	common/fetch/api-error.c common/fetch/api-error.h \
	common/fetch/base64.c common/fetch/base64.h \
	common/fetch/http.c common/fetch/http.h \
	common/fetch/http-engine.h \
	common/fetch/http-error.c common/fetch/http-error.h \
	common/fetch/http-retry.c common/fetch/http-retry.h \
	common/fetch/http-run.c \
	common/fetch/http-tls.c common/fetch/http-tls.h \
	common/fetch/http-transfer.c common/fetch/http-transfer.h \
	common/fetch/json.c common/fetch/json.h \
	common/fetch/json-print.c \
	common/fetch/json-scan.c common/fetch/json-scan.h \
	common/fetch/pem.c common/fetch/pem.h \
	common/fetch/cache.c common/fetch/cache.h \
	common/fetch/check.c common/fetch/check.h \
	common/fetch/interrupt.c common/fetch/interrupt.h \
	common/fetch/lock.c common/fetch/lock.h \
	common/fetch/plan.c common/fetch/plan.h \
	common/fetch/plan-item.c \
	common/fetch/privileges.c common/fetch/privileges.h \
	common/fetch/record.c common/fetch/record.h \
	common/fetch/run.c common/fetch/run.h \
	common/fetch/status-keep.c common/fetch/status-keep.h \
	common/fetch/status-write.c common/fetch/status-write.h \
	common/fetch/secrets.c common/fetch/secrets.h \
	common/fetch/request.h \
	common/fetch/secret.c common/fetch/secret.h \
	common/fetch/snapshot-entries.c common/fetch/snapshot-entries.h \
	common/fetch/snapshot-finish.c \
	common/fetch/snapshot-index.c common/fetch/snapshot-index.h \
	common/fetch/snapshot-put.c common/fetch/snapshot-put.h \
	common/fetch/snapshot-record.c common/fetch/snapshot-record.h \
	common/fetch/snapshot-target.c common/fetch/snapshot-target.h \
	common/fetch/snapshot-write.c common/fetch/snapshot-write.h \
	common/fetch/snapshot-writer.h \
	common/fetch/sync.c common/fetch/sync.h \
	common/fetch/sync-child.c common/fetch/sync-child.h \
	common/fetch/x509.c common/fetch/x509.h \
	common/fetch/x509-decode.c common/fetch/x509-decode.h
libfetch_la_CPPFLAGS = $(AM_CPPFLAGS) -DCB_FETCH_HALF
libfetch_la_LIBADD = libcommon.la $(CURL_LIBS) $(JSON_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) $(CDB_LIBS)

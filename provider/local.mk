# The OpenSSL provider. -z nodelete: libcrypto's tables keep pointing at our strings after an unload.
ossl_modules_LTLIBRARIES = certbridge.la
certbridge_la_SOURCES = \
	provider/context.c provider/context.h \
	provider/core.c provider/core.h \
	provider/criteria.c provider/criteria.h \
	provider/digest.c provider/digest.h \
	provider/idset.c provider/idset.h \
	provider/param.c provider/param.h \
	provider/provider.c \
	provider/search.c provider/search.h \
	provider/store.c provider/store.h
certbridge_la_LIBADD = libcommon.la libsources.la $(CRYPTO_LIBS)
certbridge_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-export-symbols-regex '^OSSL_provider_init$$' -Wl,-z,nodelete $(CB_MODULE_LDFLAGS)

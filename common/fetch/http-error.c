#include "common/fetch/http-error.h"
#include "common/text.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void set(struct cb_http_failure *out, enum cb_error_code code, bool passes,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

static void set(struct cb_http_failure *out, enum cb_error_code code, bool passes,
                const char *format, ...)
{
    va_list args;

    out->code = code;
    out->passes = passes;
    va_start(args, format);
    vsnprintf(out->text, sizeof out->text, format, args);
    va_end(args);
}

/* What to do about a reason, after "; "; "" when we have no advice. */
static const char *verify_advice(long reason)
{
    switch (reason) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return "; set ca_file to the CA that issued the server's certificate";
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "; is the clock of this machine right?";
    default:
        return "";
    }
}

static void set_verification(CURL *easy, const char *host, struct cb_http_failure *out)
{
    long reason = X509_V_OK;

    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &reason);
    /* curl's value when only the name was wrong */
    if (reason == X509_V_OK || reason == X509_V_ERR_UNSPECIFIED)
        set(out, CB_ERR_NETWORK, false,
            "certificate verification of %s failed: the server's certificate is for another host; "
            "is url right?",
            host);
    else
        set(out, CB_ERR_NETWORK, false, "certificate verification of %s failed: %s%s", host,
            X509_verify_cert_error_string(reason), verify_advice(reason));
}

/* curl hands on OpenSSL's error as text only: "... error:0A000102:SSL routines::unsupported
 * protocol". 0 when there is none: then the connection broke, not the protocol. */
static unsigned long openssl_error(const char *detail)
{
    const char *at = strstr(detail, "error:");

    return at ? strtoul(at + strlen("error:"), NULL, 16) : 0;
}

static const char *tls_advice(int reason)
{
    switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return "; the server must speak TLS 1.2 or newer";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
        return "; the server does not speak TLS at this port";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        return "; does the server want another client_certificate?";
    default:
        return "";
    }
}

/* -1 when `detail` names no failure of TLS itself. */
static int set_tls(const char *detail, const char *host, struct cb_http_failure *out)
{
    unsigned long error = openssl_error(detail);
    int reason = ERR_GET_REASON(error);
    const char *words = ERR_reason_error_string(error);

    if (error == 0 || ERR_GET_LIB(error) == ERR_LIB_SYS ||
        reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return -1;
    set(out, CB_ERR_NETWORK, false, "TLS with %s failed: %s%s", host,
        words ? words : "unknown reason", tls_advice(reason));
    return 0;
}

/* A firewall answers so too, but then not with these. */
static const char *connect_advice(int error)
{
    if (error == EACCES || error == EPERM)
        return "; a rule of this machine forbids it (SELinux, seccomp or a firewall)";
    if (error == ENETUNREACH || error == EHOSTUNREACH)
        return "; is there a route, or is proxy needed?";
    return "";
}

static void set_connect(CURL *easy, int socket_errno, const struct cb_http_peer *peer,
                        struct cb_http_failure *out)
{
    long os_errno = 0;
    int error = socket_errno;

    if (error == 0 && curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno) == CURLE_OK)
        error = (int)os_errno;
    set(out, CB_ERR_NETWORK, true, "connect to %s failed%s%s%s",
        peer->proxy ? peer->proxy : peer->host, error ? ": " : "",
        error ? strerrordesc_np(error) : "", connect_advice(error));
}

static void set_proxy(CURL *easy, const char *detail, const struct cb_http_peer *peer,
                      struct cb_http_failure *out)
{
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
    if (status != 0)
        set(out, CB_ERR_NETWORK, status >= 500, "connect to %s failed: proxy %s answered HTTP %ld",
            peer->host, peer->proxy, status);
    else
        set(out, CB_ERR_NETWORK, true, "connect to %s failed: proxy %s: %s", peer->host,
            peer->proxy, detail);
}

static bool proxy_refused(CURL *easy, const struct cb_http_peer *peer)
{
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return peer->proxy && status >= 300;
}

void cb_http_failure_of(CURL *easy, CURLcode result, const char *detail, int socket_errno,
                        const struct cb_http_peer *peer, struct cb_http_failure *out)
{
    if (proxy_refused(easy, peer)) {
        set_proxy(easy, detail, peer, out);
        return;
    }
    switch (result) {
    case CURLE_OUT_OF_MEMORY:
        set(out, CB_ERR_MEMORY, false, "no memory left");
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        set(out, CB_ERR_NETWORK, true,
            "name resolution of %s failed: the name is unknown, or no name server answers",
            peer->host);
        break;
    case CURLE_COULDNT_RESOLVE_PROXY:
        set(out, CB_ERR_NETWORK, true, "name resolution of proxy %s failed", peer->proxy);
        break;
    case CURLE_COULDNT_CONNECT:
        set_connect(easy, socket_errno, peer, out);
        break;
    case CURLE_PROXY:
        set_proxy(easy, detail, peer, out);
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        set_verification(easy, peer->host, out);
        break;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        set(out, CB_ERR_NETWORK, false,
            "certificate verification of %s failed: the server's key is not pinned_public_key",
            peer->host);
        break;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
        set(out, CB_ERR_CONFIG, false, "TLS with %s failed: %s", peer->host, detail);
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        if (set_tls(detail, peer->host, out) == -1)
            set(out, CB_ERR_NETWORK, true, "%s %s broke off",
                result == CURLE_SSL_CONNECT_ERROR ? "the TLS handshake with" : "the connection to",
                peer->host);
        break;
    case CURLE_PARTIAL_FILE:
        set(out, CB_ERR_NETWORK, true, "the connection to %s broke off in the middle of the answer",
            peer->host);
        break;
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        set(out, CB_ERR_NETWORK, true, "the connection to %s ended without an answer", peer->host);
        break;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        set(out, CB_ERR_ANSWER, false, "the answer of %s is not HTTP", peer->host);
        break;
    case CURLE_BAD_CONTENT_ENCODING:
    default:
        set(out, CB_ERR_NETWORK, true, "the request to %s failed: %s", peer->host,
            curl_easy_strerror(result));
        break;
    }
}

void cb_http_failure_late(enum cb_http_phase phase, const struct cb_http_peer *peer,
                          struct cb_http_failure *out)
{
    static const char *const steps[] = {
        [CB_HTTP_RESOLVING] = "name resolution of",
        [CB_HTTP_CONNECTING] = "connect to",
        [CB_HTTP_HANDSHAKE] = "TLS handshake with",
        [CB_HTTP_ANSWER] = "answer of",
    };
    bool by_proxy = peer->proxy && phase < CB_HTTP_HANDSHAKE;

    set(out, CB_ERR_NETWORK, true, "%s %s%s timed out", steps[phase], by_proxy ? "proxy " : "",
        by_proxy ? peer->proxy : peer->host);
}

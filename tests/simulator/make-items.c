/* A certificate as the JSON object that each API gives for it, in the forms that the public pages
 * allow. With `vary` the forms change with the index, so a list holds all of them. */
#include "tests/simulator/make-data.h"
#include <json-c/json.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void add_text(struct json_object *object, const char *name, const char *value)
{
    json_object_object_add(object, name, value == NULL ? NULL : json_object_new_string(value));
}

static void add_number(struct json_object *object, const char *name, int value)
{
    json_object_object_add(object, name, json_object_new_int(value));
}

static void hex(const unsigned char *bytes, size_t length, const char *separator, char *out)
{
    *out = '\0';
    for (size_t i = 0; i < length; i++) {
        out += sprintf(out, "%s%02x", i == 0 ? "" : separator, bytes[i]);
    }
}

static void digest(X509 *certificate, const EVP_MD *type, const char *separator,
                   char out[3 * EVP_MAX_MD_SIZE])
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    X509_digest(certificate, type, bytes, &length);
    hex(bytes, length, separator, out);
}

/* Lower-case hex, as in DigiCert's sample; longer ones than RFC 5280 allows are cut. */
static void serial(X509 *certificate, char out[128])
{
    const ASN1_INTEGER *number = X509_get0_serialNumber(certificate);
    size_t length = (size_t)ASN1_STRING_length(number);
    hex(ASN1_STRING_get0_data(number), length < 48 ? length : 48, "", out);
}

static void common_name(const X509_NAME *name, char out[256])
{
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    unsigned char *utf8 = NULL;
    out[0] = '\0';
    if (at >= 0 &&
        ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))) >= 0) {
        snprintf(out, 256, "%s", (char *)utf8);
    }
    OPENSSL_free(utf8);
}

static void name_text(const X509_NAME *name, struct json_object *object, const char *member)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    long length = BIO_get_mem_data(out, &text);
    json_object_object_add(object, member, json_object_new_string_len(text, (int)length));
    BIO_free(out);
}

/* YYYY-MM-DD, and with a `zone` the time and it. */
static void date_text(const ASN1_TIME *time, const char *zone, char out[40])
{
    struct tm tm = {0};
    ASN1_TIME_to_tm(time, &tm);
    size_t length = strftime(out, 40, zone == NULL ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + length, 40 - length, "%s", zone == NULL ? "" : zone);
}

/* PEM as the APIs may write it: LF, CRLF, without armour, without armour on one line, armoured. */
static void add_pem(struct json_object *object, const char *member, X509 *certificate, X509 *chain,
                    size_t form)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *pem = NULL;
    char *text = NULL;
    size_t size = 0;
    PEM_write_bio_X509(memory, certificate);
    if (chain != NULL) {
        PEM_write_bio_X509(memory, chain);
    }
    long length = BIO_get_mem_data(memory, &pem);
    bool bare = chain == NULL && (form == 2 || form == 3);
    const char *end = bare ? memmem(pem, (size_t)length, "\n-----END", 9) : pem + length;
    FILE *out = open_memstream(&text, &size);
    for (const char *at = bare ? strchr(pem, '\n') + 1 : pem; at < end; at++) {
        if (*at == '\n') {
            fputs(form == 1 ? "\r\n" : form == 3 ? "" : "\n", out);
        } else {
            putc(*at, out);
        }
    }
    fclose(out);
    json_object_object_add(object, member, json_object_new_string_len(text, (int)size));
    free(text);
    BIO_free(memory);
}

static struct json_object *parse(const char *text)
{
    return json_tokener_parse(text);
}

static char *finish(struct json_object *object)
{
    char *text = strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
                                                                   JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
    return text;
}

static struct json_object *id_and_name(const char *id, const char *name)
{
    struct json_object *object = json_object_new_object();
    add_text(object, "id", id);
    add_text(object, "name", name);
    return object;
}

char *digicert_item(const char *profile, const char *id, X509 *certificate, X509 *chain,
                    size_t index, struct forms forms)
{
    static const char *const states[] = {"ACTIVE", "DISABLED", "DELETED"};
    struct json_object *item = json_object_new_object();
    size_t form = forms.vary ? index : 0;
    char text[3 * EVP_MAX_MD_SIZE];
    char name[256];
    add_text(item, "id", id);
    common_name(X509_get_subject_name(certificate), name);
    json_object_object_add(item, "certificate", id_and_name(id, name[0] == '\0' ? id : name));
    json_object_object_add(item, "enrollment_profile", id_and_name(profile, "EST"));
    if (form % 4 != 3) {
        date_text(X509_get0_notBefore(certificate), NULL, text);
        add_text(item, "start_date", text);
        date_text(X509_get0_notAfter(certificate), NULL, text);
        add_text(item, "end_date", text);
    }
    if (form % 3 == 0) {
        add_number(item, "usage_limit", 100);
    }
    if (form % 5 == 1) {
        json_object_object_add(
            item, "registered_values",
            parse("[{\"certificate_field\":\"subject.common_name\",\"matcher\":\"equals\","
                  "\"value\":\"device\",\"multiple\":false},"
                  "{\"certificate_field\":\"subject.organization_unit\",\"matcher\":\"equals\","
                  "\"value\":[\"Unit 1\",\"Unit 2\"],\"multiple\":true}]"));
    }
    add_number(item, "number_of_usage", (int)(index % 100));
    add_text(item, "status", states[forms.states ? index % 3 : 0]);
    add_text(item, "created_at",
             form % 2 == 0 ? "2020-09-29T12:05:37.519512Z" : "2020-09-29T12:05:37Z");
    add_pem(item, "pem", certificate, chain, form % 4);
    date_text(X509_get0_notAfter(certificate), "Z", text);
    add_text(item, "certificate_expires_on", text);
    serial(certificate, text);
    add_text(item, "certificate_serial_number", text);
    common_name(X509_get_issuer_name(certificate), name);
    add_text(item, "certificate_issuer_common_name", name);
    digest(certificate, EVP_sha256(), "", text);
    add_text(item, "certificate_thumbprint", text);
    add_text(item, "certificate_organization", form % 7 == 6 ? NULL : "Certbridge Test");
    json_object_object_add(item, "certificate_organization_units", json_object_new_array());
    return finish(item);
}

static void add_validity(struct json_object *item, X509 *certificate, size_t form)
{
    const char *zone = form % 3 == 1 ? "+00:00" : "Z";
    struct json_object *validity = json_object_new_object();
    char text[40];
    date_text(X509_get0_notBefore(certificate), zone, text);
    add_text(validity, "from", text);
    if (form % 4 != 3) {
        date_text(X509_get0_notAfter(certificate), zone, text);
        add_text(validity, "to", text);
    }
    json_object_object_add(item, "validity", validity);
}

static void add_id(struct json_object *item, const char *name, const char *id, bool may_be_number)
{
    size_t digits = strspn(id, "0123456789");
    if (may_be_number && digits > 0 && digits < 10 && id[digits] == '\0' && id[0] != '0') {
        add_number(item, name, atoi(id));
    } else {
        add_text(item, name, id);
    }
}

char *nevisidm_item(const char *user, const char *id, X509 *certificate, X509 *chain, size_t index,
                    struct forms forms)
{
    static const char *const states[] = {"active",     "initial",       "tmp-locked", "fail-locked",
                                         "reset-code", "admin-changed", "disabled",   "archived"};
    struct json_object *item = json_object_new_object();
    size_t form = forms.vary ? index : 0;
    char text[3 * EVP_MAX_MD_SIZE];
    add_text(item, "created", form % 3 == 1 ? "2023-08-18T14:34:56+02:00" : "2023-08-18T12:34:56Z");
    add_text(item, "lastModified", "2023-08-18T12:34:56Z");
    add_number(item, "version", (int)(index % 7));
    add_id(item, "extId", id, forms.vary);
    add_id(item, "userExtId", user, forms.vary);
    add_text(item, "policyExtId", "100");
    add_text(item, "stateName", states[forms.states ? index % 8 : 0]);
    if (form % 4 == 2) {
        add_text(item, "stateChangeReason", "reason");
        add_text(item, "stateChangeDetail", NULL);
        add_text(item, "modificationComment", "renewed \"early\" \xe2\x82\xac");
    }
    if (form % 2 == 0) {
        add_text(item, "lastSuccessfulLoginDate", "2023-08-19T07:00:00Z");
        add_number(item, "successfulLoginCount", 12);
        add_number(item, "failedLoginCount", 0);
    }
    add_text(item, "type", "Certificate");
    add_validity(item, certificate, form);
    name_text(X509_get_subject_name(certificate), item, "subjectDN");
    name_text(X509_get_issuer_name(certificate), item, "issuerDN");
    digest(certificate, form % 5 == 4 ? EVP_sha1() : EVP_sha256(), ":", text);
    add_text(item, "fingerprint", text);
    serial(certificate, text);
    add_text(item, "serial", text);
    const ASN1_OCTET_STRING *key_id = X509_get0_subject_key_id(certificate);
    if (key_id != NULL && ASN1_STRING_length(key_id) <= 64) {
        hex(ASN1_STRING_get0_data(key_id), (size_t)ASN1_STRING_length(key_id),
            form % 3 == 2 ? ":" : "", text);
        add_text(item, "subjectKeyIdentifier", text);
    }
    add_pem(item, "certificate", certificate, chain, form % 4);
    return finish(item);
}

/* What the source nevisidm asks for, and what it makes of the answers. */
#include "tests/unit/source-play.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define V1 "/nevisidm/api/core/v1"
#define U1 V1 "/c%201/users/u1/certificates"
#define U2 V1 "/c%201/users/u2/certificates"
#define USERS V1 "/clients/c%201/users?limit=200"
#define TOKEN "bearer_token = file:/token\nclient = c 1\n"
#define ITEM TOKEN "users = u1\ncertificates = a\n"
#define LIST TOKEN "users = u1\n"
#define CERT(id) "{'extId':'" id "','stateName':'active','certificate':'P'}"

static const struct play plays[] = {
    {"one certificate",
     ITEM,
     {{U1 "/a", 0,
       "{'extId':'a','userExtId':'u1','stateName':'tmp-locked','type':'Certificate','certificate':"
       "'P','validity':{'from':'2023-08-18T12:34:56Z','to':'2024-08-18T14:34:56+02:00'}}"}},
     "GET " U1 "/a\nitem u1/a - tmp-locked 2023-08-18T12:34:56Z 2024-08-18T12:34:56Z\n"},
    {"a date that ends the validity counts whole; open ends",
     TOKEN "users = u1\ncertificates = a, b\n",
     {{U1 "/a", 0,
       "{'extId':'a','stateName':'x','certificate':'P','validity':{'from':'2023-01-01','to':"
       "'2023-01-31'}}"},
      {U1 "/b", 0, "{'extId':'b','stateName':'x','certificate':'P','validity':{'to':null}}"}},
     "GET " U1 "/a\nitem u1/a - x 2023-01-01 2023-02-01\nGET " U1 "/b\nitem u1/b - x - -\n"},
    {"external ids may be numbers, and anything",
     TOKEN "users = ü 1\ncertificates = 1000\n",
     {{V1 "/c%201/users/%C3%BC%201/certificates/1000", 0,
       "{'extId':1000,'userExtId':'ü 1','stateName':'active','certificate':'P'}"}},
     "GET " V1 "/c%201/users/%C3%BC%201/certificates/1000\nitem %C3%BC%201/1000 - active - -\n"},
    {"answers about something else are left out",
     TOKEN "users = u1\ncertificates = a, b, c\n",
     {{U1 "/a", 0, CERT("z")},
      {U1 "/b", 0, "{'extId':'b','userExtId':'u2','stateName':'active','certificate':'P'}"},
      {U1 "/c", 0, "{'extId':'c','type':'PUK','stateName':'active'}"}},
     "GET " U1 "/a\nleft out u1/a: the API answered with another extId, \"z\"\nGET " U1
     "/b\nleft out u1/b: belongs to another user, \"u2\"\nGET " U1
     "/c\nleft out u1/c: is a credential of type \"PUK\"\n"},
    {"bad members leave the item out",
     LIST,
     {{U1 "?limit=200", 0,
       "{'items':[7,{'stateName':'active','certificate':'P'},{'extId':'a','certificate':'P'},"
       "{'extId':'b','stateName':'active'},{'extId':'c','stateName':'active','certificate':'P',"
       "'validity':{'from':'now'}},{'extId':[],'stateName':'active'}," CERT("d") "]}"}},
     "GET " U1 "?limit=200\nleft out u1: item 1 of the page: is no object\n"
     "left out u1: item 2 of the page: has no \"extId\"\n"
     "left out u1/a: has no \"stateName\"\nleft out u1/b: has no \"certificate\"\n"
     "left out u1/c: validity/from \"now\" is no time\n"
     "left out u1: item 6 of the page: member \"extId\" is array where a string or a number was "
     "expected\nitem u1/d - active - -\n"},
    {"credentials of other types in a list are no news",
     LIST,
     {{U1 "?limit=200", 0, "{'items':[{'extId':'p','type':'Password'}," CERT("a") "]}"}},
     "GET " U1 "?limit=200\nitem u1/a - active - -\n"},
    {"pages until the token is missing; the token is encoded",
     LIST,
     {{U1 "?limit=200", 0,
       "{'items':[" CERT("a") "],'_pagination':{'continuationToken':'1 2&3_a'}}"},
      {U1 "?limit=200&continuationToken=1%202%263_a", 0,
       "{'items':[" CERT("b") "],'_pagination':{}}"}},
     "GET " U1 "?limit=200\nitem u1/a - active - -\nGET " U1
     "?limit=200&continuationToken=1%202%263_a\nitem u1/b - active - -\n"},
    {"a token that is null or empty, and an empty page, end the list",
     TOKEN "users = u1, u2, u3\n",
     {{U1 "?limit=200", 0, "{'items':[" CERT("a") "],'_pagination':{'continuationToken':null}}"},
      {U2 "?limit=200", 0, "{'items':[" CERT("b") "],'_pagination':{'continuationToken':''}}"},
      {V1 "/c%201/users/u3/certificates?limit=200", 0,
       "{'items':[],'_pagination':{'continuationToken':'x'}}"}},
     "GET " U1 "?limit=200\nitem u1/a - active - -\nGET " U2
     "?limit=200\nitem u2/b - active - -\nGET " V1 "/c%201/users/u3/certificates?limit=200\n"},
    {"a limit that is too large for the server is left out, once",
     LIST,
     {{U1 "?limit=200", 400, "errors.invalidData"},
      {U1, 0, "{'items':[" CERT("a") "],'_pagination':{'continuationToken':'t'}}"},
      {U1 "?continuationToken=t", 400, "errors.invalidData"}},
     "GET " U1 "?limit=200\nGET " U1 "\nitem u1/a - active - -\nGET " U1
     "?continuationToken=t\nfails: HTTP 400 errors.invalidData\n"},
    {"a token that comes again fails",
     LIST,
     {{U1 "?limit=200", 0, "{'items':[" CERT("a") "],'_pagination':{'continuationToken':'t'}}"},
      {U1 "?limit=200&continuationToken=t", 0,
       "{'items':[" CERT("b") "],'_pagination':{'continuationToken':'t'}}"}},
     "GET " U1 "?limit=200\nitem u1/a - active - -\nGET " U1
     "?limit=200&continuationToken=t\nfails: list of certificates of user u1: a "
     "continuationToken comes again\n"},
    {"two tokens in turn fail as well",
     LIST,
     {{U1 "?limit=200", 0, "{'items':[1],'_pagination':{'continuationToken':'s'}}"},
      {U1 "?limit=200&continuationToken=s", 0,
       "{'items':[" CERT("a") "],'_pagination':{'continuationToken':'t'}}"},
      {U1 "?limit=200&continuationToken=t", 0,
       "{'items':[" CERT("b") "],'_pagination':{'continuationToken':'s'}}"},
      {U1 "?limit=200&continuationToken=s", 0,
       "{'items':[" CERT("a") "],'_pagination':{'continuationToken':'t'}}"}},
     "GET " U1 "?limit=200\nleft out u1: item 1 of the page: is no object\nGET " U1
     "?limit=200&continuationToken=s\nitem u1/a - active - -\nGET " U1
     "?limit=200&continuationToken=t\nitem u1/b - active - -\nGET " U1
     "?limit=200&continuationToken=s\nfails: list of certificates of user u1: a "
     "continuationToken comes again\n"},
    {"all users, all certificates",
     TOKEN "users = *\n",
     {{USERS, 0,
       "{'items':[{'extId':'u1'},{'extId':2},{'extId':'..'}],'_pagination':{"
       "'continuationToken':'n'}}"},
      {USERS "&continuationToken=n", 0, "{'items':[]}"},
      {U1 "?limit=200", 0, "{'items':[" CERT("a") "]}"},
      {V1 "/c%201/users/2/certificates?limit=200", 404, "errors.noRecord"}},
     "GET " USERS "\n"
     "left out ..: a user of this name cannot be asked for by URL\n"
     "GET " USERS "&continuationToken=n\nGET " U1 "?limit=200\nitem u1/a - active - -\nGET " V1
     "/c%201/users/2/certificates?limit=200\n"},
    {"a user that cannot be read could have certificates: fails",
     TOKEN "users = *\n",
     {{USERS, 0, "{'items':[{'extId':'u1'},{}]}"}},
     "GET " USERS "\nfails: list of the client's users: item 2 of the page: has no \"extId\"\n"},
    {"users that are no objects fail",
     TOKEN "users = *\n",
     {{USERS, 0, "{'items':['u1']}"}},
     "GET " USERS "\nfails: list of the client's users: item 1 of the page: is no object\n"},
    {"a user's id of a wrong type fails",
     TOKEN "users = *\n",
     {{USERS, 0, "{'items':[{'extId':{}}]}"}},
     "GET " USERS "\nfails: list of the client's users: item 1 of the page: member \"extId\" is "
     "object where a string or a number was expected\n"},
    {"a user's certificate that another one has is no loss; users in doubt are asked for once",
     TOKEN "users = u1, u2\ncertificates = a, b\n",
     {{U1 "/a", 0, CERT("a")}, {U2 "/b", 0, CERT("b")}, {U1 "?limit=1", 0, "{}"}},
     "GET " U1 "/a\nitem u1/a - active - -\nGET " U1 "/b\nGET " U1 "?limit=1\nGET " U2 "/a\nGET " U2
     "?limit=1\ngone u2: the API does not have this user: words\nGET " U2
     "/b\nitem u2/b - active - -\n"},
    {"an id that nobody has is gone",
     TOKEN "users = u1, u2\ncertificates = a\n",
     {{U1 "/a", 404, "errors.noRecord"},
      {U1 "?limit=1", 0, "{}"},
      {U2 "/a", 400, "errors.recordDeleted"},
      {U2 "?limit=1", 0, "{}"}},
     "GET " U1 "/a\nGET " U1 "?limit=1\nGET " U2 "/a\nGET " U2
     "?limit=1\ngone a: no user has it\n"},
    {"a user that is not there is gone",
     LIST,
     {{U1 "?limit=200", 404, ""}},
     "GET " U1 "?limit=200\ngone u1: the API does not have this user: words\n"},
    {"a client whose users cannot be listed fails",
     TOKEN "users = *\n",
     {{USERS, 404, "errors.noRecord"}},
     "GET " USERS "\nfails: HTTP 404 errors.noRecord\n"},
    {"other refusals fail",
     ITEM,
     {{U1 "/a", 403, "errors.forbidden"}},
     "GET " U1 "/a\nfails: HTTP 403 errors.forbidden\n"},
    {"whole answers of a wrong type fail",
     LIST,
     {{U1 "?limit=200", 0, "{'items':{}}"}},
     "GET " U1 "?limit=200\nfails: list of certificates of user u1: no array \"items\"\n"},
    {"a whole item of a wrong type fails",
     ITEM,
     {{U1 "/a", 0, "[]"}},
     "GET " U1 "/a\nfails: certificate a of user u1: the answer is no object\n"},
    {"a token of a wrong type fails",
     LIST,
     {{U1 "?limit=200", 0, "{'items':[],'_pagination':{'continuationToken':{}}}"}},
     "GET " U1 "?limit=200\nfails: list of certificates of user u1: member "
     "\"_pagination/continuationToken\" is object where a string or a number was expected\n"},
};

static void plays_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++)
        play_case("nevisidm", &plays[i]);
}

static void look(const struct cb_item *item)
{
    assert_int_equal(item->kind, CB_CERTIFICATE);
    assert_true(item->label_is_common_name);
    assert_true(cb_span_equal(item->certificate, cb_span_of("PEM TEXT")));
    assert_true(cb_span_equal(item->claims.digest, cb_span_of("F9:9A")));
    assert_true(cb_span_equal(item->claims.serial, cb_span_of("4711")));
    assert_true(item->claims.serial_may_be_decimal);
    assert_true(cb_span_equal(item->claims.key_id, cb_span_of("AA:BB")));
    assert_true(cb_span_equal(item->details,
                              cb_span_of("{\"extId\":\"a\",\"version\":3,\"stateName\":\"active\","
                                         "\"fingerprint\":\"F9:9A\",\"serial\":4711,"
                                         "\"subjectKeyIdentifier\":\"AA:BB\"}")));
}

static void keeps_claims_and_details(void **state)
{
    struct exchange e = {U1 "/a", 200,
                         "{'extId':'a','version':3,'stateName':'active','fingerprint':'F9:9A',"
                         "'serial':4711,'subjectKeyIdentifier':'AA:BB','certificate':'PEM TEXT'}"};

    (void)state;
    play_item("nevisidm", ITEM, &e, look);
}

/* RFC 7617, 2, with the paddings of RFC 4648, 4. */
static const struct {
    const char *keys, *header;
} headers[] = {
    {"bearer_token = file:/t\n", "Authorization: Bearer s3cret"},
    {"basic_user = u\nbasic_password = file:/p\n", "Authorization: Basic dTpzM2NyZXQ="},
    {"basic_user = uu\nbasic_password = file:/p\n", "Authorization: Basic dXU6czNjcmV0"},
    {"basic_user = uuu\nbasic_password = file:/p\n", "Authorization: Basic dXV1OnMzY3JldA=="},
    {"client_certificate = /c.pem\nclient_key = /c.key\n", ""},
};

static void authorises(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        char keys[256];
        char *made;
        snprintf(keys, sizeof keys, "client = c\nusers = *\n%s", headers[i].keys);
        made = play_headers("nevisidm", keys);
        assert_string_equal(made, headers[i].header);
        free(made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_as_written),
        cmocka_unit_test(keeps_claims_and_details),
        cmocka_unit_test(authorises),
    };

    return cmocka_run_group_tests_name("nevisidm", tests, NULL, NULL);
}

/* What the source digicert-iot asks for, and what it makes of the answers. */
#include "tests/unit/source-play.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define EP "/iot/api/v1/enrollment-profile/IOT_1/authentication-certificate"
#define EP2 "/iot/api/v1/enrollment-profile/IOT_2/authentication-certificate"
#define PC "/iot/api/v1/enrollment-profile/IOT_1/passcode"
#define PC2 "/iot/api/v1/enrollment-profile/IOT_2/passcode"
#define KEY "api_key = file:/key\n"
#define ONE KEY "enrollment_profile = IOT_1\nauthentication_certificates = a\n"
#define WALK KEY "enrollment_profile = IOT_1\nauthentication_certificates = *\n"
#define PAGE0 EP "?offset=0&limit=200"
#define CODE KEY "enrollment_profile = IOT_1\npasscodes = p\n"
#define CODES KEY "enrollment_profile = IOT_1\npasscodes = *\n"
#define CODES0 PC "?offset=0&limit=200"
#define PASS(id) "{'id':'" id "','status':'ACTIVE'}"
#define REC(id) "{'id':'" id "','status':'ACTIVE','pem':'P'}"
#define REC7 "{'id':7,'status':'ACTIVE','pem':'P'}"

static const struct play plays[] = {
    {"one certificate, with everything",
     ONE,
     {{EP "/a", 0,
       "{'id':'a','certificate':{'id':'x','name':'AuthCert-001'},'start_date':'2020-01-01',"
       "'end_date':'2021-01-01','status':'ACTIVE','pem':'P'}"}},
     "GET " EP "/a\nitem IOT_1/a AuthCert-001 ACTIVE 2020-01-01 2021-01-02\n"},
    {"optional members are absent or null",
     ONE,
     {{EP "/a", 0, "{'id':'a','certificate':null,'end_date':null,'status':'WEIRD','pem':'P'}"}},
     "GET " EP "/a\nitem IOT_1/a - WEIRD - -\n"},
    {"ids are encoded in address and path",
     KEY "enrollment_profile = IOT_1\nauthentication_certificates = a/b c%2Cd\n",
     {{EP "/a%2Fb%20c%2Cd", 0, REC("a/b c,d")}},
     "GET " EP "/a%2Fb%20c%2Cd\nitem IOT_1/a%2Fb%20c%2Cd - ACTIVE - -\n"},
    {"an answer about another id is left out",
     ONE,
     {{EP "/a", 0, REC("b")}},
     "GET " EP "/a\nleft out IOT_1/a: the API answered with another id, \"b\"\n"},
    {"bad members leave the item out",
     KEY "enrollment_profile = IOT_1\nauthentication_certificates = a, b, c, d, e\n",
     {{EP "/a", 0, "{'id':'a','status':'ACTIVE','pem':{}}"},
      {EP "/b", 0, "{'id':'b','pem':'P'}"},
      {EP "/c", 0, "{'id':'c','status':'ACTIVE','pem':'P','end_date':'soon'}"},
      {EP "/d", 0, "{'id':'d','status':'ACTIVE','pem':'P','certificate_thumbprint':7}"},
      {EP "/e", 0, "{'id':5,'status':'ACTIVE','pem':'P'}"}},
     "GET " EP "/a\nleft out IOT_1/a: member \"pem\" is object where a string was expected\n"
     "GET " EP "/b\nleft out IOT_1/b: has no \"status\"\n"
     "GET " EP "/c\nleft out IOT_1/c: end_date \"soon\" is no time\n"
     "GET " EP "/d\nleft out IOT_1/d: member \"certificate_thumbprint\" is int where a string was "
     "expected\n"
     "GET " EP "/e\nleft out IOT_1/e: the API answered with another id, \"5\"\n"},
    {"an answer that is no object fails",
     ONE,
     {{EP "/a", 0, "[]"}},
     "GET " EP "/a\nfails: authentication certificate a: the answer is no object\n"},
    {"an id that nobody has is gone",
     ONE,
     {{EP "/a", 404, "resource_not_found"}},
     "GET " EP "/a\ngone IOT_1/a: the enrollment profile does not have it\n"},
    {"a not-found code counts whatever the status",
     ONE,
     {{EP "/a", 400, "entity_not_found"}},
     "GET " EP "/a\ngone IOT_1/a: the enrollment profile does not have it\n"},
    {"an unknown profile fails",
     ONE,
     {{EP "/a", 400, "invalid_input"}},
     "GET " EP "/a\nfails: HTTP 400 invalid_input\n"},
    {"found in one of several profiles is enough",
     KEY "enrollment_profile = IOT_1, IOT_2\nauthentication_certificates = a, b\n",
     {{EP2 "/a", 0, REC("a")}},
     "GET " EP "/a\nGET " EP "/b\nGET " EP2 "/a\nitem IOT_2/a - ACTIVE - -\nGET " EP2
     "/b\ngone b: no enrollment profile has it\n"},
    {"an item that was left out is not gone",
     KEY "enrollment_profile = IOT_1, IOT_2\nauthentication_certificates = a\n",
     {{EP "/a", 0, "{'id':'a','pem':'P'}"}},
     "GET " EP "/a\nleft out IOT_1/a: has no \"status\"\nGET " EP2 "/a\n"},
    {"no ids, no requests", KEY "enrollment_profile = IOT_1\n", {{0}}, ""},
    {"a walk goes on where the server's limit is smaller",
     WALK,
     {{PAGE0, 0, "{'limit':2,'offset':0,'total':3,'records':[" REC("a") "," REC("b") "]}"},
      {EP "?offset=2&limit=200", 0, "{'limit':2,'offset':2,'total':3,'records':[" REC("c") "]}"}},
     "GET " PAGE0 "\nitem IOT_1/a - ACTIVE - -\nitem IOT_1/b - ACTIVE - -\nGET " EP
     "?offset=2&limit=200\nitem IOT_1/c - ACTIVE - -\n"},
    {"a limit that is too large for the server is left out, once",
     WALK,
     {{PAGE0, 400, "invalid_request"},
      {EP "?offset=0", 0, "{'limit':1,'offset':0,'total':2,'records':[" REC("a") "]}"},
      {EP "?offset=1", 400, "invalid_request"}},
     "GET " PAGE0 "\nGET " EP "?offset=0\nitem IOT_1/a - ACTIVE - -\nGET " EP
     "?offset=1\nfails: HTTP 400 invalid_request\n"},
    {"an empty list",
     WALK,
     {{PAGE0, 0, "{'limit':20,'offset':0,'total':0,'records':[]}"}},
     "GET " PAGE0 "\n"},
    {"bare arrays end with an empty one",
     WALK,
     {{PAGE0, 0, "[" REC("a") "]"}, {EP "?offset=1&limit=200", 0, "[]"}},
     "GET " PAGE0 "\nitem IOT_1/a - ACTIVE - -\nGET " EP "?offset=1&limit=200\n"},
    {"a bare array that is always the same is the whole list",
     WALK,
     {{PAGE0, 0, "[" REC("a") "]"}, {EP "?offset=1&limit=200", 0, "[" REC("a") "]"}},
     "GET " PAGE0 "\nitem IOT_1/a - ACTIVE - -\nGET " EP
     "?offset=1&limit=200\nitem IOT_1/a - ACTIVE - -\n"},
    {"a page of nothing that can be named, always the same, ends too",
     WALK,
     {{PAGE0, 0, "[{}]"}, {EP "?offset=1&limit=200", 0, "[{}]"}},
     "GET " PAGE0 "\nleft out IOT_1: item 1 of the page: has no \"id\"\nGET " EP
     "?offset=1&limit=200\nleft out IOT_1: item 1 of the page: has no \"id\"\n"},
    {"a server that ignores the offset fails, also where ids are numbers",
     WALK,
     {{PAGE0, 0, "{'total':9,'records':[null," REC7 "]}"},
      {EP "?offset=2&limit=200", 0, "{'total':9,'records':[null," REC7 "]}"}},
     "GET " PAGE0 "\nleft out IOT_1: item 1 of the page: is no object\nitem IOT_1/7 - ACTIVE - -\n"
     "GET " EP "?offset=2&limit=200\nleft out IOT_1: item 1 of the page: is no object\n"
     "item IOT_1/7 - ACTIVE - -\nfails: list of authentication certificates of enrollment profile "
     "IOT_1 does "
     "not end: the server gives the same or ever more records; name the ids in "
     "authentication_certificates\n"},
    {"a server that ignores the offset fails",
     WALK,
     {{PAGE0, 0, "{'total':9,'records':[" REC("a") "]}"},
      {EP "?offset=1&limit=200", 0, "{'total':9,'records':[" REC("a") "]}"}},
     "GET " PAGE0 "\nitem IOT_1/a - ACTIVE - -\nGET " EP
     "?offset=1&limit=200\nitem IOT_1/a - ACTIVE - -\nfails: list of authentication certificates "
     "of enrollment profile IOT_1 does "
     "not end: the server gives the same or ever more records; name the ids in "
     "authentication_certificates\n"},
    {"another offset than asked for fails",
     WALK,
     {{PAGE0, 0, "{'offset':5,'total':9,'records':[]}"}},
     "GET " PAGE0 "\nfails: list of authentication certificates of enrollment profile IOT_1: "
     "answered from offset 5 where 0 was "
     "asked for\n"},
    {"a total that changes starts the walk over",
     WALK,
     {{PAGE0, 0, "{'total':2,'records':[" REC("a") "]}"},
      {EP "?offset=1&limit=200", 0, "{'total':3,'records':[" REC("b") "]}"},
      {PAGE0, 0, "{'total':1,'records':[" REC("c") "]}"}},
     "GET " PAGE0 "\nitem IOT_1/a - ACTIVE - -\nGET " EP
     "?offset=1&limit=200\nforget IOT_1\nGET " PAGE0 "\nitem IOT_1/c - ACTIVE - -\n"},
    {"fewer records than the total start it over, three times",
     WALK,
     {{PAGE0, 0, "{'total':2,'records':[]}"},
      {PAGE0, 0, "{'total':2,'records':[]}"},
      {PAGE0, 0, "{'total':2,'records':[]}"},
      {PAGE0, 0, "{'total':2,'records':[]}"}},
     "GET " PAGE0 "\nforget IOT_1\nGET " PAGE0 "\nforget IOT_1\nGET " PAGE0
     "\nforget IOT_1\nGET " PAGE0 "\nfails: the list of authentication certificates of enrollment "
     "profile IOT_1 changed during each of 4 walks\n"},
    {"records without certificate are asked for; gone meanwhile is nothing",
     WALK,
     {{PAGE0, 0, "[{'id':'a','status':'ACTIVE'},{'id':'b','status':'ACTIVE','pem':''}]"},
      {EP "/a", 0, REC("a")},
      {EP "/b", 404, "resource_not_found"},
      {EP "?offset=2&limit=200", 0, "[]"}},
     "GET " PAGE0 "\nGET " EP "/a\nitem IOT_1/a - ACTIVE - -\nGET " EP "/b\nGET " EP
     "?offset=2&limit=200\n"},
    {"a bad record never costs the others",
     WALK,
     {{PAGE0, 0, "{'total':4,'records':[1,{'status':'ACTIVE'},null," REC("d") "]}"}},
     "GET " PAGE0 "\nleft out IOT_1: item 1 of the page: is no object\n"
     "left out IOT_1: item 2 of the page: has no \"id\"\n"
     "left out IOT_1: item 3 of the page: is no object\nitem IOT_1/d - ACTIVE - -\n"},
    {"records that are no array fail",
     WALK,
     {{PAGE0, 0, "{'total':4,'records':{}}"}},
     "GET " PAGE0 "\nfails: list of authentication certificates of enrollment profile IOT_1: "
     "neither an array nor an object with "
     "an array \"records\"\n"},
    {"a total that is no number fails",
     WALK,
     {{PAGE0, 0, "{'total':'4','records':[]}"}},
     "GET " PAGE0 "\nfails: list of authentication certificates of enrollment profile IOT_1: "
     "member \"total\" is string where an "
     "integer was expected\n"},
    {"a list that is not there fails",
     WALK,
     {{PAGE0, 404, "resource_not_found"}},
     "GET " PAGE0 "\nfails: HTTP 404 resource_not_found\n"},
    {"one passcode, its whole days",
     CODE,
     {{PC "/p", 0,
       "{'name':'MyPasscode','validity_period':{'from':'2020-01-01','to':'2021-01-01'},"
       "'status':'DISABLED','id':'p'}"}},
     "GET " PC "/p\nitem IOT_1/passcode/p MyPasscode DISABLED 2020-01-01 2021-01-02\n"},
    {"or times, or one end of them",
     KEY "enrollment_profile = IOT_1\npasscodes = p, q\n",
     {{PC "/p", 0,
       "{'validity_period':{'from':'2020-01-01T10:00:00Z','to':'2021-01-01T12:00:00+02:00'},"
       "'status':'ACTIVE','id':'p'}"},
      {PC "/q", 0, "{'validity_period':{'to':'2021-01-01'},'status':'ACTIVE','id':'q'}"}},
     "GET " PC "/p\nitem IOT_1/passcode/p - ACTIVE 2020-01-01T10:00:00Z 2021-01-01T10:00:00Z\n"
     "GET " PC "/q\nitem IOT_1/passcode/q - ACTIVE - 2021-01-02\n"},
    {"no period is for ever",
     KEY "enrollment_profile = IOT_1\npasscodes = p, q, r, s\n",
     {{PC "/p", 0, "{'id':'p','status':'ACTIVE','validity_period':{}}"},
      {PC "/q", 0, "{'id':'q','status':'ACTIVE','validity_period':null}"},
      {PC "/r", 0, "{'id':'r','status':'ACTIVE','validity_period':{'from':null,'to':''}}"},
      {PC "/s", 0, PASS("s")}},
     "GET " PC "/p\nitem IOT_1/passcode/p - ACTIVE - -\nGET " PC
     "/q\nitem IOT_1/passcode/q - ACTIVE - -\nGET " PC "/r\nitem IOT_1/passcode/r - ACTIVE - -\n"
     "GET " PC "/s\nitem IOT_1/passcode/s - ACTIVE - -\n"},
    {"bad members leave the passcode out",
     KEY "enrollment_profile = IOT_1\npasscodes = p, q, r, s, t\n",
     {{PC "/p", 0, "{'id':'p','status':'ACTIVE','validity_period':'2020'}"},
      {PC "/q", 0, "{'id':'q','status':'ACTIVE','validity_period':{'to':'soon'}}"},
      {PC "/r", 0, "{'id':'r','status':'ACTIVE','validity_period':{'from':7}}"},
      {PC "/s", 0, "{'id':'s'}"},
      {PC "/t", 0, PASS("u")}},
     "GET " PC "/p\nleft out IOT_1/passcode/p: validity_period is no object\n"
     "GET " PC "/q\nleft out IOT_1/passcode/q: validity_period/to \"soon\" is no time\n"
     "GET " PC "/r\nleft out IOT_1/passcode/r: member \"validity_period/from\" is int where a "
     "string was expected\n"
     "GET " PC "/s\nleft out IOT_1/passcode/s: has no \"status\"\n"
     "GET " PC "/t\nleft out IOT_1/passcode/t: the API answered with another id, \"u\"\n"},
    {"a passcode that is no object fails",
     CODE,
     {{PC "/p", 0, "7"}},
     "GET " PC "/p\nfails: passcode p: the answer is no object\n"},
    {"each kind is asked for by its own ids, and gone by them",
     KEY "enrollment_profile = IOT_1\nauthentication_certificates = a, b\npasscodes = b, p\n",
     {{EP "/a", 0, REC("a")}, {PC "/b", 0, PASS("b")}},
     "GET " EP "/a\nitem IOT_1/a - ACTIVE - -\nGET " EP "/b\nGET " PC
     "/b\nitem IOT_1/passcode/b - ACTIVE - -\nGET " PC
     "/p\ngone IOT_1/b: the enrollment profile does not have it\n"
     "gone IOT_1/passcode/p: the enrollment profile does not have it\n"},
    {"a passcode in one of several profiles is enough",
     KEY "enrollment_profile = IOT_1, IOT_2\nauthentication_certificates = a\npasscodes = p, q\n",
     {{EP2 "/a", 0, REC("a")}, {PC2 "/p", 0, PASS("p")}},
     "GET " EP "/a\nGET " PC "/p\nGET " PC "/q\nGET " EP2 "/a\nitem IOT_2/a - ACTIVE - -\nGET " PC2
     "/p\nitem IOT_2/passcode/p - ACTIVE - -\nGET " PC2
     "/q\ngone passcode/q: no enrollment profile has it\n"},
    {"passcodes are walked beside named certificates",
     KEY "enrollment_profile = IOT_1\nauthentication_certificates = a\npasscodes = *\n",
     {{EP "/a", 0, REC("a")},
      {CODES0, 0, "{'limit':2,'offset':0,'total':3,'records':[" PASS("p") ",{}]}"},
      {PC "?offset=2&limit=200", 0, "{'limit':2,'offset':2,'total':3,'records':[" PASS("r") "]}"}},
     "GET " EP "/a\nitem IOT_1/a - ACTIVE - -\nGET " CODES0
     "\nitem IOT_1/passcode/p - ACTIVE - -\nleft out IOT_1/passcode: item 2 of the page: has no "
     "\"id\"\nGET " PC "?offset=2&limit=200\nitem IOT_1/passcode/r - ACTIVE - -\n"},
    {"a walk of passcodes starts over by itself",
     CODES,
     {{CODES0, 0, "{'total':2,'records':[" PASS("p") "]}"},
      {PC "?offset=1&limit=200", 0, "{'total':3,'records':[" PASS("q") "]}"},
      {CODES0, 0, "{'total':1,'records':[" PASS("r") "]}"}},
     "GET " CODES0 "\nitem IOT_1/passcode/p - ACTIVE - -\nGET " PC
     "?offset=1&limit=200\nforget passcodes of IOT_1/passcode\nGET " CODES0
     "\nitem IOT_1/passcode/r - ACTIVE - -\n"},
    {"a limit that is too large for its list is left out",
     CODES,
     {{CODES0, 400, "invalid_request"},
      {PC "?offset=0", 0, "{'total':1,'records':[" PASS("p") "]}"}},
     "GET " CODES0 "\nGET " PC "?offset=0\nitem IOT_1/passcode/p - ACTIVE - -\n"},
    {"a list of passcodes that does not end names its key",
     CODES,
     {{CODES0, 0, "{'total':9,'records':[" PASS("p") "]}"},
      {PC "?offset=1&limit=200", 0, "{'total':9,'records':[" PASS("p") "]}"}},
     "GET " CODES0 "\nitem IOT_1/passcode/p - ACTIVE - -\nGET " PC
     "?offset=1&limit=200\nitem IOT_1/passcode/p - ACTIVE - -\nfails: list of passcodes of "
     "enrollment profile IOT_1 does not end: the server gives the same or ever more records; name "
     "the ids in passcodes\n"},
};

static void plays_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++)
        play_case("digicert-iot", &plays[i]);
}

static void look(const struct cb_item *item)
{
    assert_int_equal(item->kind, CB_CERTIFICATE);
    assert_false(item->label_is_common_name);
    assert_true(cb_span_equal(item->certificate, cb_span_of("PEM TEXT")));
    assert_true(cb_span_equal(item->claims.digest, cb_span_of("f99a")));
    assert_true(cb_span_equal(item->claims.serial, cb_span_of("57db")));
    assert_false(item->claims.serial_may_be_decimal);
    assert_true(cb_span_equal(item->claims.not_after, cb_span_of("2021-03-03T10:19:17Z")));
    assert_int_equal(item->claims.key_id.n, 0);
    assert_true(cb_span_equal(
        item->details,
        cb_span_of("{\"id\":\"a\",\"status\":\"ACTIVE\",\"usage_limit\":100,"
                   "\"certificate_expires_on\":\"2021-03-03T10:19:17Z\","
                   "\"certificate_serial_number\":\"57db\",\"certificate_thumbprint\":\"f99a\","
                   "\"registered_values\":[{\"value\":[\"Unit 1\",\"Unit 2\"]}]}")));
}

static void keeps_claims_and_details(void **state)
{
    struct exchange e = {
        EP "/a", 200,
        "{'id':'a', 'status':'ACTIVE', 'pem':'PEM TEXT', 'usage_limit':100,"
        "'certificate_expires_on':'2021-03-03T10:19:17Z', 'certificate_serial_number':'57db',"
        "'certificate_thumbprint':'f99a', 'registered_values':[{'value':['Unit 1','Unit 2']}]}"};

    (void)state;
    play_item("digicert-iot", ONE, &e, look);
}

static void look_at_passcode(const struct cb_item *item)
{
    assert_int_equal(item->kind, CB_PASSCODE);
    assert_int_equal(item->certificate.n, 0);
    assert_true(cb_span_equal(
        item->details,
        cb_span_of(
            "{\"name\":\"N\",\"pem\":\"stays\",\"validity_period\":{},\"status\":\"ACTIVE\","
            "\"id\":\"p\",\"passcode\":\"bGgdO***\",\"number_of_usage\":0,"
            "\"registered_values\":[{\"value\":[\"Unit 1\",\"Unit 2\"],\"multiple\":true}]}")));
}

static void keeps_the_whole_passcode(void **state)
{
    struct exchange e = {
        PC "/p", 200,
        "{'name':'N', 'pem':'stays', 'validity_period':{}, 'status':'ACTIVE', 'id':'p',"
        "'passcode':'bGgdO***', 'number_of_usage':0,"
        "'registered_values':[{'value':['Unit 1','Unit 2'],'multiple':true}]}"};

    (void)state;
    play_item("digicert-iot", CODE, &e, look_at_passcode);
}

static void authorises(void **state)
{
    char *with_key = play_headers("digicert-iot", ONE);
    char *without =
        play_headers("digicert-iot", "enrollment_profile = IOT_1\n"
                                     "client_certificate = /c.pem\nclient_key = /c.key\n");

    (void)state;
    assert_string_equal(with_key,
                        "content-type: application/json;charset=UTF-8\nx-api-key: s3cret");
    assert_string_equal(without, "content-type: application/json;charset=UTF-8");
    free(with_key);
    free(without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_as_written),
        cmocka_unit_test(keeps_claims_and_details),
        cmocka_unit_test(keeps_the_whole_passcode),
        cmocka_unit_test(authorises),
    };

    return cmocka_run_group_tests_name("digicert", tests, NULL, NULL);
}

/* What is printed of settings and their problems. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/secret_name.h"
#include "tests/config/fixture.h"

static char *printed(const struct config *config)
{
    struct buf out = BUF_NULL;
    config_print(config, &out);
    assert_false(out.failed);
    buf_append_char(&out, '\0');
    return (char *)buf_take(&out, &(size_t){0});
}

static void printing_gives_a_text_that_loads_to_the_same(void **state)
{
    struct outcome first = assert_loads(
        *state, "name = \"q\\\" \\x82 b\\\\ \\x01 \\n $$ $${env:X} \\\\d\"; tags = [ ]; factor = "
                "1e30; workers = 7;\n"
                "timeout = \"1234567ns\"; memory = \"1000000B\"; share = 5e-8; level = \"debug\";\n"
                "labels = { a = \"$$\"; b = 5000000000L; c = 2.0; d = true; e = -7; };\n"
                "sink = { brokers = \"b\"; }; endpoint = \"\";\n"
                "suites = ( { name = \"s\"; rules = ( { name = \"r\"; assert = \"$a$$ = '\\\"'\"; "
                "tolerance = \"1%\"; }, { name = \"q\"; } ); }, { name = \"t\"; } );");
    char *text = printed(first.config);
    struct outcome second = assert_loads(*state, text);
    char *again = printed(second.config);
    assert_string_equal(text, again);
    assert_string_equal(first.settings->name.text, second.settings->name.text);
    assert_int_equal(0, second.settings->tags.count);
    assert_true(second.settings->factor == 1e30);
    assert_int_equal(CONFIG_PAIR_NUMBER, second.settings->labels.items[2].type);
    assert_string_equal(
        "$a$$ = '\"'",
        CONFIG_ITEM(CONFIG_ITEM(second.settings->suites, struct suite_settings, 0)->rules,
                    struct rule_settings, 0)
            ->conditions.items[0]
            .text);
    free(text);
    free(again);
    config_free(first.config);
    config_free(second.config);
}

static void the_defaults_are_printed_too(void **state)
{
    struct outcome outcome = assert_loads(*state, "");
    char *text = printed(outcome.config);
    assert_string_equal("enabled = true;\n"
                        "workers = 1;\n"
                        "factor = 1.5;\n"
                        "tags = [ \"none\" ];\n"
                        "timeout = \"5s\";\n"
                        "memory = \"64MiB\";\n"
                        "level = \"info\";\n"
                        "share = 0.001;\n"
                        "endpoint = \"127.0.0.1:0\";\n"
                        "server = {\n"
                        "    header = \"x\";\n"
                        "    idle = \"10s\";\n"
                        "};\n",
                        text);
    free(text);
    config_free(outcome.config);
}

static void secrets_are_never_printed(void **state)
{
    struct outcome outcome = assert_loads(
        *state, "name = \"http://user:hunter2@host:1/x\"; sink = { brokers = \"b\"; password = "
                "\"${env:SECRET}\"; properties = [ \"sasl.password=s3cret\", \"s3cret\", "
                "\"compression.type=lz4\", \"ssl.key.location=/k.pem\", "
                "\"proxy=http://u:hunter2@h\" ]; };");
    char *text = printed(outcome.config);
    assert_null(strstr(text, "s3cret"));
    assert_null(strstr(text, "hunter2"));
    assert_non_null(strstr(text, "name = \"http://user:********@host:1/x\";\n"));
    assert_non_null(strstr(text, "    password = \"********\";\n    properties = [ "
                                 "\"sasl.password=********\", \"********\", "
                                 "\"compression.type=lz4\", \"ssl.key.location=/k.pem\", "
                                 "\"proxy=http://u:********@h\" ];\n"));
    free(text);
    config_free(outcome.config);
}

static void names_tell_of_secrets(void **state)
{
    static const char *const secret[] = {"sasl.password",
                                         "ssl.key.password",
                                         "ssl.keystore.password",
                                         "SASL.OAUTHBEARER.CLIENT.SECRET",
                                         "ssl.key.pem",
                                         "api_key",
                                         "bearer-token",
                                         "sasl.jaas.config",
                                         "aws.credentials",
                                         "authorization",
                                         "pwd"};
    static const char *const plain[] = {"compression.type",  "client.id",       "ssl.key.location",
                                        "sasl.username",     "sasl.mechanism",  "acks",
                                        "security.protocol", "ssl.ca.location", ""};
    char long_name[300];
    (void)state;
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++) {
        assert_true(secret_name(bytes_of(secret[i])));
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        assert_false(secret_name(bytes_of(plain[i])));
    }
    memset(long_name, 'a', sizeof long_name);
    assert_true(secret_name(bytes_from(long_name, sizeof long_name)));
}

static void the_reference_is_made_of_the_table(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    config_print_reference(&settings_table, &out);
    buf_append_char(&out, '\0');
    const char *text = (const char *)out.data;
    assert_non_null(
        strstr(text, "## assertd\n\n| option | type | default | range | description |\n"));
    assert_non_null(strstr(text, "| `name` | text |  |  | A \\| name. |\n"));
    assert_non_null(strstr(text, "| `timeout` | duration | `5s` | 1ms to 1h | How long. |\n"));
    assert_non_null(strstr(
        text, "| `level` | choice | `info` | \"debug\", \"info\" or \"warn\" | How loud. |\n"));
    assert_non_null(strstr(
        text,
        "| `password` | text |  |  | The password. Secret: masked wherever it is printed. |\n"));
    assert_non_null(strstr(text, "## `suites[].rules[]`: a rule\n"));
    assert_non_null(strstr(text, "| `brokers` | text | required |  | Where to. |\n"));
    buf_deinit(&out);
}

static void problems_are_printed_in_order_escaped_and_as_json(void **state)
{
    (void)state;
    struct problems problems;
    struct buf out = BUF_NULL;
    problems_init(&problems);
    problems_add(&problems, (struct config_origin){"b.conf", 2}, "x", "second");
    problems_add_at(&problems, (struct config_origin){"a.conf", 9}, "s[0].assert", 7, "no \"%s\"",
                    "a\033b");
    problems_advise(&problems, (struct config_origin){"a.conf", 2}, "", "advice");
    problems_add(&problems, CONFIG_ORIGIN_NONE, "y", "from nowhere");
    assert_int_equal(3, problems.errors);
    problems_print(&problems, &out);
    assert_true(bytes_is(buf_bytes(&out), "y: from nowhere\n"
                                          "a.conf:2: warning: advice\n"
                                          "a.conf:9: s[0].assert: byte 7: no \"a\\x1bb\"\n"
                                          "b.conf:2: x: second\n"));
    buf_reset(&out);
    problems_print_json(&problems, &out);
    assert_true(bytes_start_with(
        buf_bytes(&out),
        BYTES_LITERAL("[{\"file\":null,\"line\":0,\"path\":\"y\",\"byte\":0,\"severity\":\"error\","
                      "\"text\":\"from nowhere\"},{\"file\":\"a.conf\",\"line\":2,")));
    assert_true(bytes_contain(
        buf_bytes(&out),
        BYTES_LITERAL("\"byte\":7,\"severity\":\"error\",\"text\":\"no \\\"a\\u001bb\\\"\"")));
    buf_deinit(&out);
    problems_deinit(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(printing_gives_a_text_that_loads_to_the_same),
        IN_FOLDER(the_defaults_are_printed_too),
        cmocka_unit_test(names_tell_of_secrets),
        IN_FOLDER(secrets_are_never_printed),
        cmocka_unit_test(the_reference_is_made_of_the_table),
        cmocka_unit_test(problems_are_printed_in_order_escaped_and_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

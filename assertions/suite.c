/*
 * Compiling suites: every expression is parsed, every problem is told, nothing is half compiled.
 *
 * The set stands in its own arena, so that freeing is one step and nothing is left behind when
 * memory ends half way.
 */
#include "assertions/suite.h"

#include <errno.h>
#include <stdio.h>

#include "assertions/advice.h"
#include "assertions/expression.h"
#include "assertions/read_set.h"
#include "assertions/rule.h"
#include "assertions/threshold_compile.h"
#include "config/suggest.h"
#include "daemon/core/number.h"

#define PATH_BYTES_MAX    160
#define FIRST_CHUNK_BYTES 16384

struct compiler {
    struct suite_set *set;
    struct expression_store store;
    const struct completion_settings *completion; /* the configuration's */
    struct problems *problems;
    struct suite *suite;                   /* being compiled */
    const struct suite_settings *settings; /* of it */
    bool failed;
    bool no_memory;
};

/* Where something stands: "suites[0].assertions[1]", for problems. */
struct path {
    char text[PATH_BYTES_MAX];
};

static struct path path_of(const char *group, size_t index, const struct path *parent)
{
    struct path path;
    snprintf(path.text, sizeof path.text, "%.100s%s%s[%zu]", parent != NULL ? parent->text : "",
             parent != NULL ? "." : "", group, index);
    return path;
}

static struct path path_to(const struct path *parent, const char *option)
{
    struct path path;
    snprintf(path.text, sizeof path.text, "%.100s.%.50s", parent->text, option);
    return path;
}

static struct parse_context context_at(struct compiler *compiler, struct config_origin origin,
                                       const struct path *path)
{
    return (struct parse_context){
        .arena = &compiler->set->arena,
        .store = &compiler->store,
        .problems = compiler->problems,
        .origin = origin,
        .path = path->text,
        .names = compiler->suite->names,
        .name_count = compiler->suite->name_count,
        .semconv_aliases = compiler->suite->semconv_aliases,
        .variables = &compiler->settings->variables,
        .outputs = compiler->suite->outputs,
        .output_count = compiler->suite->output_count,
    };
}

static void note(struct compiler *compiler, int bad)
{
    compiler->failed |= bad > 0;
    compiler->no_memory |= bad < 0;
}

/* Zeroed; NULL for none and when memory ends, which is noted. */
static void *take(struct compiler *compiler, size_t count, size_t bytes)
{
    void *memory = count > 0 ? arena_calloc(&compiler->set->arena, count, bytes) : NULL;
    compiler->no_memory |= memory == NULL && count > 0;
    return memory;
}

static struct bytes copy_text(struct compiler *compiler, const char *text)
{
    struct bytes copy = arena_copy(&compiler->set->arena, bytes_of(text));
    compiler->no_memory |= copy.data == NULL && text != NULL && text[0] != '\0';
    return copy;
}

/* Takes the name; it must be there, and no earlier one may be the same (`earlier`: their first
 * name, `stride` bytes apart). */
static struct bytes compile_name(struct compiler *compiler, const struct config_text *name,
                                 struct config_origin origin, const struct path *path,
                                 const void *earlier, size_t count, size_t stride)
{
    if (name->text == NULL || name->text[0] == '\0') {
        problems_add(compiler->problems, origin, path->text,
                     "a name is missing; write name = \"...\"");
        compiler->failed = true;
        return BYTES_NULL;
    }
    struct bytes text = copy_text(compiler, name->text);
    for (size_t i = 0; i < count; i++) {
        const struct bytes *other = (const void *)((const char *)earlier + i * stride);
        if (bytes_equal(*other, text)) {
            problems_add(compiler->problems, name->origin, path->text,
                         "the name '%s' is taken already; names are unique", name->text);
            compiler->failed = true;
            break;
        }
    }
    return text;
}

static const struct selector *
compile_selector(struct compiler *compiler, const struct config_text *text, const struct path *path)
{
    struct parse_context context = context_at(compiler, text->origin, path);
    const struct selector *selector = parse_selector(&context, bytes_of(text->text));
    compiler->failed |= selector == NULL;
    return selector;
}

static void check_span_name(struct compiler *compiler, const struct config_pair *pair,
                            const struct path *path, uint32_t index)
{
    const char *what = NULL;
    if (!name_is_good(pair->name)) {
        what = "a name is letters, digits, '_' and '-', and begins with a letter or '_'";
    } else if (strcmp(pair->name, "injection") == 0) {
        what = "'injection' is reserved: $injection is the record of the request; use another name";
    }
    for (uint32_t i = 0; i < index && what == NULL; i++) {
        if (bytes_is(compiler->suite->names[i].name, pair->name)) {
            what = "the name is taken already; names are unique";
        }
    }
    if (what != NULL) {
        problems_add(compiler->problems, pair->value.origin, path->text, "%s", what);
        compiler->failed = true;
    }
}

/* A name whose selector is wrong is still known, so that its uses are not told as further problems.
 */
static void compile_names(struct compiler *compiler, const struct suite_settings *settings,
                          const struct path *parent)
{
    struct span_name *names = take(compiler, settings->spans.count, sizeof *names);
    if (names == NULL) {
        return;
    }
    compiler->suite->names = names;
    struct path group = path_to(parent, "spans");
    for (uint32_t i = 0; i < settings->spans.count; i++) {
        const struct config_pair *pair = &settings->spans.items[i];
        struct path path = path_to(&group, pair->name);
        check_span_name(compiler, pair, &path, i);
        names[i].name = copy_text(compiler, pair->name);
        names[i].index = i;
        names[i].selector = compile_selector(compiler, &pair->value, &path);
    }
    compiler->suite->name_count = (uint32_t)settings->spans.count;
}

/* Variables, and outputs, which may read them. */
static void compile_values(struct compiler *compiler, const struct suite_settings *settings,
                           const struct path *parent)
{
    struct suite *suite = compiler->suite;
    struct path variables = path_to(parent, "variables");
    struct path outputs = path_to(parent, "outputs");
    struct parse_context context = context_at(compiler, settings->origin, &outputs);
    note(compiler, variables_check(&settings->variables, &context, variables.text));
    note(compiler, outputs_compile(&settings->outputs, &context, outputs.text, &suite->outputs,
                                   &suite->output_count));
}

static void compile_label(struct compiler *compiler, const struct config_pair *pair,
                          const struct path *group, struct suite_label *ret)
{
    static const char *const known[] = {"scenario", "step",   "zone",
                                        "tenant",   "minion", "iteration"};
    size_t count = sizeof known / sizeof known[0];
    struct path path = path_to(group, pair->name);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found |= strcmp(pair->name, known[i]) == 0;
    }
    if (!found) {
        const char *near = suggest(bytes_of(pair->name), known, count);
        problems_add(compiler->problems, pair->value.origin, path.text,
                     "an injection has no label '%s'; %s%s%s", pair->name,
                     near != NULL ? "did you mean " : "there are ",
                     near != NULL ? near : "scenario, step, zone, tenant, minion and iteration",
                     near != NULL ? "?" : "");
        compiler->failed = true;
    }
    int64_t number;
    if (strcmp(pair->name, "iteration") == 0 &&
        (number_parse_i64(bytes_of(pair->value.text), &number) != 0 ||
         !number_is_canonical(bytes_of(pair->value.text)))) {
        problems_add(compiler->problems, pair->value.origin, path.text,
                     "iteration is a whole number, such as 7");
        compiler->failed = true;
    }
    ret->name = copy_text(compiler, pair->name);
    ret->value = copy_text(compiler, pair->value.text);
}

static void compile_labels(struct compiler *compiler, const struct suite_settings *settings,
                           const struct path *parent)
{
    struct suite_label *labels = take(compiler, settings->labels.count, sizeof *labels);
    if (labels == NULL) {
        return;
    }
    struct path group = path_to(parent, "labels");
    for (size_t i = 0; i < settings->labels.count; i++) {
        compile_label(compiler, &settings->labels.items[i], &group, &labels[i]);
    }
    compiler->suite->labels = labels;
    compiler->suite->label_count = (uint32_t)settings->labels.count;
}

static void compile_conditions(struct compiler *compiler, const struct assertion_settings *settings,
                               const struct path *parent, struct assertion *assertion)
{
    const struct config_texts *texts = &settings->conditions;
    if (texts->count == 0) {
        problems_add(compiler->problems, settings->origin, parent->text,
                     "a condition is missing; write assert = \"...\"");
        compiler->failed = true;
        return;
    }
    const struct condition **conditions = take(compiler, texts->count, sizeof *conditions);
    for (uint32_t i = 0; conditions != NULL && i < texts->count; i++) {
        struct path path =
            texts->count == 1 ? path_to(parent, "assert") : path_of("assert", i, parent);
        struct parse_context context = context_at(compiler, texts->items[i].origin, &path);
        conditions[i] = parse_condition(&context, bytes_of(texts->items[i].text),
                                        settings->select.text != NULL, i);
        compiler->failed |= conditions[i] == NULL;
    }
    assertion->conditions = conditions;
    assertion->condition_count = (uint32_t)texts->count;
}

static void compile_when(struct compiler *compiler, const struct assertion_settings *settings,
                         const struct path *parent, struct assertion *assertion)
{
    if (settings->when.text == NULL) {
        return;
    }
    struct path path = path_to(parent, "when");
    struct parse_context context = context_at(compiler, settings->when.origin, &path);
    assertion->when = parse_when(&context, bytes_of(settings->when.text));
    compiler->failed |= assertion->when == NULL;
}

static void compile_assertion(struct compiler *compiler, const struct assertion_settings *settings,
                              struct path path, struct assertion *assertions, uint32_t index)
{
    struct assertion *assertion = &assertions[index];
    assertion->name = compile_name(compiler, &settings->name, settings->origin, &path,
                                   &assertions[0].name, index, sizeof *assertions);
    assertion->index = index;
    assertion->number = compiler->set->assertion_count++;
    assertion->optional = settings->optional;
    assertion->severity = (enum severity)settings->severity;
    assertion->tolerance = settings->tolerance;
    if (settings->select.text != NULL) {
        struct path select = path_to(&path, "select");
        assertion->select = compile_selector(compiler, &settings->select, &select);
    } else if (settings->optional) {
        problems_advise(compiler->problems, settings->origin, path.text,
                        "optional is about a selection that is empty; without `select` it does "
                        "nothing");
    }
    compile_when(compiler, settings, &path, assertion);
    compile_conditions(compiler, settings, &path, assertion);
}

/* The analyzer's rules, behind the suite's own assertions. */
static void compile_rules(struct compiler *compiler, const struct analyzer_rules *rules,
                          const struct path *parent, struct assertion *assertions, uint32_t first)
{
    struct path analyzer = path_to(parent, "analyzer");
    for (uint32_t i = 0; i < rules->count && !compiler->no_memory; i++) {
        struct assertion_settings settings;
        struct path path = path_of("rules", rules->items[i].place, &analyzer);
        note(compiler, analyzer_assertion(&rules->items[i], &compiler->set->arena, &settings));
        if (!compiler->no_memory) {
            compile_assertion(compiler, &settings, path, assertions, first + i);
        }
    }
}

static struct analyzer_rules find_rules(struct compiler *compiler,
                                        const struct suite_settings *settings,
                                        const struct path *parent)
{
    struct analyzer_rules rules = {NULL, 0};
    struct path path = path_to(parent, "analyzer");
    if (settings->analyzer.set) {
        note(compiler, analyzer_rules_make(&rules, &settings->analyzer, &compiler->set->arena,
                                           compiler->problems, path.text));
    }
    return rules;
}

static void compile_assertions(struct compiler *compiler, const struct suite_settings *settings,
                               const struct path *parent)
{
    struct analyzer_rules rules = find_rules(compiler, settings, parent);
    uint32_t own = (uint32_t)settings->assertions.count;
    struct assertion *assertions = take(compiler, own + rules.count, sizeof *assertions);
    if (assertions == NULL) {
        return;
    }
    for (uint32_t i = 0; i < own; i++) {
        compile_assertion(compiler,
                          CONFIG_ITEM(settings->assertions, const struct assertion_settings, i),
                          path_of("assertions", i, parent), assertions, i);
    }
    compile_rules(compiler, &rules, parent, assertions, own);
    compiler->suite->assertions = assertions;
    compiler->suite->assertion_count = own + rules.count;
}

static void compile_threshold(struct compiler *compiler, const struct threshold_settings *settings,
                              const struct config_text *baseline, const struct path *parent,
                              struct threshold *thresholds, uint32_t index)
{
    struct path path = path_of("thresholds", index, parent);
    struct threshold *threshold = &thresholds[index];
    threshold->name = compile_name(compiler, &settings->name, settings->origin, &path,
                                   &thresholds[0].name, index, sizeof *thresholds);
    threshold->index = index;
    threshold->severity = (enum severity)settings->severity;
    threshold->sticky = settings->sticky;
    threshold->abort_on_fail = settings->abort_on_fail;
    struct path rule = path_to(&path, "rule");
    struct config_origin origin =
        settings->rule.text != NULL ? settings->rule.origin : settings->origin;
    struct parse_context context = context_at(compiler, origin, &rule);
    threshold->rule = parse_rule(&context, bytes_of(settings->rule.text));
    if (threshold->rule == NULL) {
        compiler->failed = true;
        return;
    }
    threshold->min_samples = settings->min_samples > 0 ? (uint64_t)settings->min_samples
                                                       : rule_least_samples(threshold->rule);
    struct threshold_scene scene = {&compiler->set->arena, compiler->problems, path.text};
    note(compiler, threshold_compile(threshold, settings, compiler->suite, baseline, &scene));
}

static void compile_thresholds(struct compiler *compiler, const struct suite_settings *settings,
                               const struct path *parent)
{
    size_t count = settings->thresholds.count;
    struct threshold *thresholds = take(compiler, count, sizeof *thresholds);
    if (thresholds == NULL) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        compile_threshold(compiler,
                          CONFIG_ITEM(settings->thresholds, const struct threshold_settings, i),
                          &settings->baseline, parent, thresholds, i);
    }
    compiler->suite->thresholds = thresholds;
    compiler->suite->threshold_count = (uint32_t)count;
}

/* What the suite does not say is as the configuration says. */
static struct completion_settings compile_completion(const struct completion_settings *suite,
                                                     const struct completion_settings *all)
{
    return (struct completion_settings){
        .set = suite->set,
        .quiet_ns = suite->quiet_ns != 0 ? suite->quiet_ns : all->quiet_ns,
        .deadline_ns = suite->deadline_ns != 0 ? suite->deadline_ns : all->deadline_ns,
        .grace_ns = suite->grace_ns != 0 ? suite->grace_ns : all->grace_ns,
    };
}

static void compile_suite(struct compiler *compiler, const struct suite_settings *settings,
                          struct suite *suites, uint32_t index)
{
    struct path path = path_of("suites", index, NULL);
    struct suite *suite = compiler->suite = &suites[index];
    suite->name = compile_name(compiler, &settings->name, settings->origin, &path, &suites[0].name,
                               index, sizeof *suites);
    suite->index = index;
    compiler->settings = settings;
    suite->lenient = settings->evidence == EVIDENCE_LENIENT;
    suite->optional = settings->optional;
    suite->semconv_aliases = settings->semconv_aliases;
    suite->max_inconclusive = settings->max_inconclusive;
    suite->estimates_skew = settings->clock_skew == CLOCK_SKEW_ESTIMATE;
    suite->max_clock_skew_ns = settings->max_clock_skew_ns;
    suite->completion = compile_completion(&settings->completion, compiler->completion);
    if (settings->traces.text != NULL) {
        struct path traces = path_to(&path, "traces");
        suite->traces = compile_selector(compiler, &settings->traces, &traces);
    }
    compile_labels(compiler, settings, &path);
    compile_names(compiler, settings, &path);
    compile_values(compiler, settings, &path);
    compile_assertions(compiler, settings, &path);
    struct threshold_scene scene = {&compiler->set->arena, compiler->problems, path.text};
    note(compiler, stages_compile(suite, &settings->stages, &scene));
    compile_thresholds(compiler, settings, &path);
}

static struct suite_set *suite_set_new(void)
{
    struct arena arena = ARENA_INIT(FIRST_CHUNK_BYTES, 0);
    struct suite_set *set = arena_calloc(&arena, 1, sizeof *set);
    if (set == NULL) {
        arena_deinit(&arena);
        return NULL;
    }
    set->arena = arena;
    atomic_init(&set->refs, 1);
    return set;
}

/* What judging needs beside the expressions. 0; 1: a problem was added; -ENOMEM. */
static int make_ready(struct compiler *compiler, struct suite *suites)
{
    struct suite_set *set = compiler->set;
    int bad =
        program_compile(&set->program, suites, set->suite_count, &compiler->store, &set->arena);
    if (bad == PROGRAM_TOO_MANY) {
        problems_add(compiler->problems, (struct config_origin){NULL, 0}, "suites",
                     "more than %u conditions on the spans of one selector", PROBE_CONDITIONS_MAX);
        return 1;
    }
    set->reads = read_set_make(&compiler->store.reads, suites, set->suite_count);
    return bad != 0 ? bad : blank_judge(set, suites);
}

int suite_set_compile(struct suite_set **ret, const struct config_list *suites,
                      const struct completion_settings *completion, struct problems *problems)
{
    struct suite_set *set = suite_set_new();
    if (set == NULL) {
        return -ENOMEM;
    }
    struct compiler compiler = {
        .set = set, .store = EXPRESSION_STORE_INIT, .completion = completion, .problems = problems};
    struct suite *compiled = take(&compiler, suites->count, sizeof *compiled);
    for (uint32_t i = 0; compiled != NULL && i < suites->count; i++) {
        compile_suite(&compiler, CONFIG_ITEM(*suites, const struct suite_settings, i), compiled, i);
    }
    if (compiler.failed || compiler.no_memory || compiler.store.no_memory) {
        suite_set_unref(set);
        return compiler.no_memory || compiler.store.no_memory ? -ENOMEM : 1;
    }
    set->suites = compiled;
    set->suite_count = (uint32_t)suites->count;
    set->completion = *completion;
    int bad = make_ready(&compiler, compiled);
    if (bad != 0) {
        suite_set_unref(set);
        return bad;
    }
    for (uint32_t i = 0; i < set->suite_count; i++) {
        advice_give(&compiled[i], CONFIG_ITEM(*suites, const struct suite_settings, i), i,
                    problems);
    }
    *ret = set;
    return 0;
}

const struct keep *suite_set_keep(const struct suite_set *set)
{
    return set->reads.all ? NULL : &set->reads.keep;
}

const struct listed_keys *suite_set_listed(const struct suite_set *set)
{
    return &set->reads.listed;
}

void suite_set_ref(struct suite_set *set)
{
    atomic_fetch_add_explicit(&set->refs, 1, memory_order_relaxed);
}

void suite_set_unref(struct suite_set *set)
{
    /* Release what this user read; acquire what all others did, before freeing. */
    if (set == NULL || atomic_fetch_sub_explicit(&set->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    struct arena arena = set->arena;
    arena_deinit(&arena);
}

/* The analyzer: rules of trace quality as assertions of a suite (DESIGN: rows 30 and 33 of what
 * users know).
 *
 * Seven rules come with the program (defect.h), own ones are written in the assertion language. A
 * suite with the group `analyzer` gets one assertion for each rule that is not disabled, behind its
 * own ones: judged, explained and counted like these, so that a rule of level error is a required
 * gate. A score is made of their results. Settings are immutable after loading. */
#ifndef ASSERTD_ASSERTIONS_ANALYZER_H
#define ASSERTD_ASSERTIONS_ANALYZER_H

#include "assertions/defect.h"
#include "config/options.h"
#include "daemon/core/arena.h"
#include "daemon/model/verdict.h"

struct assertion_settings;

enum analyzer_level { ANALYZER_ERROR, ANALYZER_WARNING, ANALYZER_DISABLED };

/* A rule as it is written: one of the seven by its name, or, with `assert`, an own one. */
struct analyzer_rule_settings {
    struct config_origin origin;
    struct config_text name;
    int level;      /* enum analyzer_level */
    int64_t weight; /* 0: the rule's own, 10 of an own rule */
    struct config_text plugin;
    struct config_text select;
    struct config_texts conditions; /* "assert" */
};

struct analyzer_settings {
    bool set;
    double minimum_score;
    struct config_list rules; /* of struct analyzer_rule_settings */
};

extern const struct option_table analyzer_table;

/* Of one of the seven: the plugin that it is scored with, its weight unless a suite says otherwise.
 */
const char *analyzer_plugin_of(enum defect_rule rule);
uint32_t analyzer_weight_of(enum defect_rule rule);

/* A rule in force. */
struct analyzer_rule {
    const char *name, *plugin;
    enum analyzer_level level; /* never ANALYZER_DISABLED */
    uint32_t weight;
    size_t place;                             /* in the settings' rules; of an own one */
    const struct analyzer_rule_settings *own; /* NULL: one of the seven */
};

struct analyzer_rules {
    const struct analyzer_rule *items; /* the seven in their order, then own ones as written */
    uint32_t count;
};

enum analyzer_outcome { ANALYZER_REFUSED = 1 };

/* The rules in force, in `arena`. What is wrong goes to `problems` below `path`
 * ("suites[0].analyzer"). 0; ANALYZER_REFUSED; -ENOMEM. */
int analyzer_rules_make(struct analyzer_rules *ret, const struct analyzer_settings *settings,
                        struct arena *arena, struct problems *problems, const char *path);

/* The assertion of a rule, its texts in `arena`. 0; -ENOMEM. */
int analyzer_assertion(const struct analyzer_rule *rule, struct arena *arena,
                       struct assertion_settings *ret);

/* The score of one plugin from the results of the rules' assertions (in the same order), 0 to 100:
 * the weight of those of level error that pass, of all that pass or fail. A rule that is skipped
 * passes; one that is inconclusive or an error counts for neither. False: the plugin has no rule
 * that counts. */
bool analyzer_plugin_score(const struct analyzer_rules *rules,
                           const struct assertion_result *results, const char *plugin, double *ret);

/* The mean of the plugins' scores; 100 where none counts. */
double analyzer_score(const struct analyzer_rules *rules, const struct assertion_result *results);

/* Whether rule `index` is the first of its plugin. */
bool analyzer_begins_plugin(const struct analyzer_rules *rules, uint32_t index);

#endif

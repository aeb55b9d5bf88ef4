#include <errno.h>
#include <stdlib.h>

#include "daemon/campaigns_state.h"

/* A survey of one campaign; its entry stays until the answer has come. */
struct campaign_survey {
    struct campaign_entry *entry;
    survey_fn done;
    void *self;
};

static void answered(void *self, struct survey_answer *answer)
{
    struct campaign_survey survey = *(struct campaign_survey *)self;
    free(self);
    survey.entry->surveys--;
    survey.done(survey.self, answer);
}

int campaign_entry_ask(struct campaign_entry *entry, unsigned wants, survey_fn done, void *self)
{
    struct campaign_survey *survey = malloc(sizeof *survey);
    if (survey == NULL) {
        return -ENOMEM;
    }
    *survey = (struct campaign_survey){entry, done, self};
    int bad =
        survey_begin(entry->campaigns->options.pool, entry->campaign, wants, answered, survey);
    if (bad) {
        free(survey);
        return bad;
    }
    entry->surveys++;
    return 0;
}

static void describe_no_data(const struct campaigns *campaigns, const struct shard_open *open,
                             struct buf *out)
{
    buf_append_text(out, "no trace was judged");
    if (campaigns->options.describe_input != NULL) {
        campaigns->options.describe_input(campaigns->options.self, out);
    }
    buf_printf(out, "; open: %llu traces, %llu injections", (unsigned long long)open->traces,
               (unsigned long long)open->injections);
    buf_append_char(out, '\0');
}

int campaign_entry_report(struct campaign_entry *entry, struct survey_answer *answer,
                          enum campaign_status forced, struct report *ret)
{
    struct campaigns *campaigns = entry->campaigns;
    struct ledger_sink sinks[CAMPAIGNS_SINKS_MAX];
    struct buf hint = BUF_NULL;
    describe_no_data(campaigns, &answer->open, &hint);
    struct report_facts facts = {
        .forced = forced,
        .end_unix_ns = entry->end_unix_ns,
        .open_injections = answer->open.injections,
        .open_spans = answer->open.spans,
        .sinks = sinks,
        .sink_count = campaigns_sinks(campaigns, sinks),
        .trace_url = campaigns->options.loaded->settings->report.trace_url.text,
        .no_data_hint = hint.failed ? NULL : (const char *)hint.data,
        .breaches = entry->breaches.items,
        .breach_count = entry->breaches.count,
    };
    bool good =
        !answer->failed && answer->tally != NULL && tally_report(answer->tally, &facts, ret) == 0;
    buf_deinit(&hint);
    return good ? 0 : -ENOMEM;
}

enum campaign_status campaign_entry_final_status(const struct campaign_entry *entry)
{
    return entry->aborted ? CAMPAIGN_ABORTED : CAMPAIGN_SUCCESSFUL;
}

/* Somebody who waits for the shards. */
struct settle_wish {
    struct campaign_entry *entry;
    campaign_fn done;
    void *self;
};

static void settled(void *self, struct survey_answer *answer)
{
    struct settle_wish wish = *(struct settle_wish *)self;
    (void)answer;
    free(self);
    wish.done(wish.self, wish.entry);
}

int campaigns_settle(struct campaigns *campaigns, struct campaign_entry *entry, campaign_fn done,
                     void *self)
{
    struct settle_wish *wish = malloc(sizeof *wish);
    (void)campaigns;
    if (wish == NULL) {
        return -ENOMEM;
    }
    *wish = (struct settle_wish){entry, done, self};
    int bad = campaign_entry_ask(entry, 0, settled, wish);
    if (bad) {
        free(wish);
    }
    return bad;
}

/* A report that somebody waits for. */
struct report_wish {
    struct list link; /* of its entry's wishes, or of those being fulfilled */
    campaign_report_fn done;
    void *self;
};

/* Those who wait for one answer of the shards. */
struct asked {
    struct campaign_entry *entry;
    struct list wishes;
};

static void fulfil(struct campaign_entry *entry, struct report_wish *wish,
                   struct survey_answer *answer)
{
    struct report report;
    enum campaign_status forced =
        entry->phase == CAMPAIGN_DONE ? campaign_entry_final_status(entry) : CAMPAIGN_IN_PROGRESS;
    bool good = answer != NULL && campaign_entry_report(entry, answer, forced, &report) == 0;
    struct report_wish own = *wish;
    list_remove(&wish->link);
    free(wish);
    own.done(own.self, good ? &report : NULL);
}

static void move_all(struct list *from, struct list *to)
{
    list_init(to);
    while (!list_empty(from)) {
        struct list *first = from->next;
        list_remove(first);
        list_append(to, first);
    }
}

static void ask_for_wishes(struct campaign_entry *entry);

/* An answer to those who asked before the shards were asked. Whoever is answered may ask again, or
 * start a campaign in whose place this one would be forgotten: hence the count. */
static void told_tallies(void *self, struct survey_answer *answer)
{
    struct asked *asked = self;
    struct campaign_entry *entry = asked->entry;
    entry->surveys++;
    while (!list_empty(&asked->wishes)) {
        fulfil(entry, container_of(asked->wishes.next, struct report_wish, link), answer);
    }
    free(asked);
    entry->reporting = false;
    ask_for_wishes(entry);
    entry->surveys--;
}

/* Nobody can be asked: those who wait hear of it. */
static void give_up(struct campaign_entry *entry)
{
    struct list wishes;
    move_all(&entry->wishes, &wishes);
    while (!list_empty(&wishes)) {
        fulfil(entry, container_of(wishes.next, struct report_wish, link), NULL);
    }
}

static void ask_for_wishes(struct campaign_entry *entry)
{
    if (entry->reporting || list_empty(&entry->wishes)) {
        return;
    }
    struct asked *asked = malloc(sizeof *asked);
    if (asked != NULL) {
        asked->entry = entry;
        move_all(&entry->wishes, &asked->wishes);
        if (campaign_entry_ask(entry, SURVEY_TALLY, told_tallies, asked) == 0) {
            entry->reporting = true;
            return;
        }
        move_all(&asked->wishes, &entry->wishes);
        free(asked);
    }
    give_up(entry);
}

void campaigns_report(struct campaigns *campaigns, struct campaign_entry *entry,
                      campaign_report_fn done, void *self)
{
    struct report_wish *wish = malloc(sizeof *wish);
    (void)campaigns;
    if (wish == NULL) {
        done(self, NULL);
        return;
    }
    *wish = (struct report_wish){.done = done, .self = self};
    list_append(&entry->wishes, &wish->link);
    ask_for_wishes(entry);
}

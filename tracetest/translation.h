/* What the translators of one test share: where messages go, what names stand for, what has to be
 * said beside the text that is being made.
 *
 * A translator gives text of our language, or `lost` says why there is none. Notes are what a
 * reader of the suite must know about a line: where Tracetest's meaning and ours differ. All texts
 * live in the arena. Thread rule: confined to its owner. */
#ifndef ASSERTD_TRACETEST_TRANSLATION_H
#define ASSERTD_TRACETEST_TRANSLATION_H

#include "tracetest/definition.h"
#include "tracetest/foreign_expression.h"
#include "tracetest/foreign_selector.h"

#define TRANSLATION_NOTES_MAX 8u
#define TRANSLATION_TOLD_MAX  64u

struct known_variable {
    struct bytes name;  /* as Tracetest writes it */
    struct bytes value; /* of a secret: BYTES_NULL, it comes from the environment */
    const char *own;    /* its name in `variables` */
    bool is_secret;
    bool is_used;
};

/* An output that is carried over, and the name of the span that it reads. */
struct said_output {
    const char *name;
    const char *value;
    const char *span;  /* NULL: it reads the injection */
    const char *needs; /* as of a translation */
    struct bytes selector;
};

struct translation {
    struct arena *arena;
    struct messages *messages;
    const char *file;
    const struct definition_test *test; /* whose outputs may be read */
    struct known_variable *variables;
    uint32_t variable_count;
    const char **output_names; /* of each of the test's outputs; NULL: not carried over */
    struct said_output *outputs;
    uint32_t output_count;
    unsigned line;                          /* of what is under way */
    const char *told[TRANSLATION_TOLD_MAX]; /* messages that one test needs once */
    uint32_t told_count;

    /* Of the selector, condition or output under way: */
    struct buf text;
    const char *notes[TRANSLATION_NOTES_MAX];
    uint32_t note_count;
    const char *lost;    /* NULL: carried over */
    const char *needs;   /* attribute of the injection record without which it can't be judged */
    bool on_injection;   /* the spec selects Tracetest's trigger span */
    bool in_selector;    /* where neither the injection nor outputs can be read */
    bool reads_span;     /* of the selected span, or their number */
    const char *of_span; /* the name whose span is read, instead of the selected one; NULL: none */
    bool no_memory;
};

/* Begins a selector, condition or output: no text, no notes, nothing lost. */
void translation_begin(struct translation *translation);

/* Says why it can't be carried over; the first reason counts. `reason` is static or in the arena.
 * Always false. */
bool translation_lose(struct translation *translation, const char *reason);

/* Sends a message about the line under way, once for each test. */
void translation_tell_once(struct translation *translation, const char *text);

/* Adds a note, once. `note` is static or in the arena. */
void translation_note(struct translation *translation, const char *note);

/* A copy of what has been written to `text` since `from`, cut off there; "" without memory. */
struct bytes translation_take(struct translation *translation, size_t from);

/* A message about a name, in the arena. */
const char *translation_say(struct translation *translation, const char *before, struct bytes name,
                            const char *after);

/* Appends a text in single quotes. */
void append_quoted(struct buf *out, struct bytes text);

/* Appends the literal that a variable's text is: a number, a duration, true, false, else a text. */
void append_literal(struct buf *out, struct bytes text);

/* Appends a key without prefix, in back quotes where it would not be read as an attribute's. False:
 * it holds a back quote. */
bool append_key(struct buf *out, struct bytes name);

/* A selector. */
struct translated_selector {
    struct bytes text;
    bool is_trigger; /* it selects Tracetest's trigger span: `text` is empty */
    bool is_all;     /* span[] */
    bool is_or;
    bool has_pick; /* its last part picks one span */
};

/* False: it is lost. */
bool translate_selector(struct translation *translation, struct bytes text,
                        struct translated_selector *ret);

/* What an expression gives, as far as it is known. */
enum said_class {
    SAID_ANY, /* an attribute, a variable, a result of json_path */
    SAID_TEXT,
    SAID_KIND,
    SAID_STATUS,
    SAID_NUMBER,
    SAID_COUNT,
    SAID_DURATION,
    SAID_TIME,
    SAID_EVENTS, /* the events of the span */
    SAID_TYPE    /* the name of a type */
};

/* On which side an expression stands: there a bare word is a key, or a text. */
enum said_side { SAID_LEFT, SAID_RIGHT };

struct said {
    struct bytes text;
    enum said_class class;
    bool is_sum; /* a + or - outside of any parentheses */
};

/* An expression; false: it is lost. */
bool translate_expression(struct translation *translation,
                          const struct foreign_expression *expression, enum said_side side,
                          struct said *ret);

/* An attribute; false: it is lost. */
bool translate_attribute(struct translation *translation, struct bytes name, enum said_side side,
                         struct said *ret);

/* A variable, an output or an environment variable; false: it is lost. */
bool translate_variable(struct translation *translation, const struct foreign_term *term,
                        struct said *ret);

/* Whether the expression is one term of that type, without arithmetic and filters. */
bool is_sole(const struct foreign_expression *expression, enum foreign_term_type type);

/* Whether the expression reads nothing: literals alone. */
bool is_constant(const struct foreign_expression *expression);

/* The text of a constant term: pieces without values. False: it is none. */
bool constant_text(const struct foreign_term *term, struct bytes *ret);

/* An assertion as one or two conditions. */
#define TRANSLATED_CONDITIONS_MAX 2u
struct translated_assertion {
    struct bytes conditions[TRANSLATED_CONDITIONS_MAX];
    uint32_t count; /* 0: it is always true here, a note says why */
};

/* False: it is lost. `selector`: of its spec. */
bool translate_assertion(struct translation *translation, struct bytes text,
                         const struct translated_selector *selector,
                         struct translated_assertion *ret);

#endif

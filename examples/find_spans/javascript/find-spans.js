/**
 * Find the spans of a request that a test has made, and check them. Node 18 or later, nothing else.
 *
 *     const trace = new Trace();                                  // a new trace ID
 *     await fetch(url, { method: 'POST', headers: trace.headers() });
 *     const spans = await trace.findSpans({ service: 'shop-worker', operation: 'INSERT orders' });
 *     validate(spans, (span) => expect(span.attributes['order.id']).toBe(7));
 *
 * findSpans waits in assertd, not here: it resolves as soon as there are enough spans, and without an error when the
 * time is over, with those that are there. assertd is at $ASSERTD_API (`assertd run` sets it), by default
 * http://127.0.0.1:4319.
 */
'use strict';

const { randomBytes } = require('node:crypto');

const API = 'http://127.0.0.1:4319';
/** What may pass beyond the timeout, for the way there and back. */
const PATIENCE_MS = 15000;
/** The wait is as long as so many attempts would take elsewhere. */
const ATTEMPT_MS = 300;

function literal(value) {
  if (typeof value === 'boolean' || typeof value === 'bigint' || Number.isInteger(value)) {
    return String(value);
  }
  if (typeof value === 'number') {
    return String(value).replace('e+', 'e');
  }
  const text = String(value).replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n').replace(/\t/g, '\\t');
  return `'${text}'`;
}

function filter({ key, value }) {
  if (key.includes('`')) {
    throw new TypeError(`a key with a back quote can't be written: ${key}`);
  }
  return `attr:\`${key}\` = ${literal(value)}`;
}

/** The same in assertd's language: all of it must hold. */
function selector({ service, operation, spanSelectors = [] }) {
  const filters = [`service = ${literal(service)}`];
  if (operation !== undefined) {
    filters.push(`name = ${literal(operation)}`);
  }
  return `span[${filters.concat([].concat(spanSelectors).map(filter)).join(' ')}]`;
}

function spanOf(plain) {
  return {
    spanId: plain.span_id,
    parentSpanId: plain.parent_span_id,
    operation: plain.name,
    service: plain.service,
    kind: plain.kind,
    status: plain.status,
    startNs: BigInt(plain.start_time_unix_nano),
    endNs: BigInt(plain.end_time_unix_nano),
    attributes: plain.attributes,
    resource: plain.resource.attributes,
    scope: plain.scope,
    events: plain.events,
    links: plain.links,
  };
}

/** One trace that the test began, or whose ID it knows. */
class Trace {
  constructor({ traceId = randomBytes(16).toString('hex'), api = process.env.ASSERTD_API || API } = {}) {
    this.traceId = traceId;
    this.api = api.replace(/\/$/, '');
  }

  /** What a request has to carry (W3C Trace Context). */
  headers() {
    return { traceparent: `00-${this.traceId}-${randomBytes(8).toString('hex')}-01` };
  }

  /** Spans of a service, by name and by attributes ({ key, value }, one or a list, all equal). */
  findSpans({ service, operation, spanSelectors = [], expectedNumberOfSpans = 1, numberOfAttempts = 30, timeout }) {
    return this.select(selector({ service, operation, spanSelectors }), {
      expectedNumberOfSpans,
      timeout: timeout ?? numberOfAttempts * ATTEMPT_MS,
    });
  }

  /** The same with any selector of the language; the timeout in milliseconds. */
  async select(expression, { expectedNumberOfSpans = 1, timeout = 30 * ATTEMPT_MS } = {}) {
    const query = new URLSearchParams({
      select: expression,
      expect: expectedNumberOfSpans,
      timeout: `${Math.round(timeout)}ms`,
    });
    const answer = await fetch(`${this.api}/api/traces/${this.traceId}/spans?${query}`, {
      signal: AbortSignal.timeout(timeout + PATIENCE_MS),
    });
    if (answer.status === 404) {
      const { error } = await answer.json();
      if (error.includes('final')) {
        process.emitWarning(`trace ${this.traceId}: ${error}; with a longer completion.grace assertd keeps them`);
      }
      return [];
    }
    if (!answer.ok) {
      throw new Error(`${expression}: ${answer.status} ${await answer.text()}`);
    }
    const found = await answer.json();
    if (found.omitted) {
      process.emitWarning(`${found.omitted} of ${found.matched} spans were left out of the answer`);
    }
    return found.spans.map(spanOf);
  }
}

/**
 * Calls `callback`, which throws where it does not like a span, for each span.
 *
 * No more spans than expected: it must like all of them. More: exactly so many of them. None: only where 0 are expected.
 */
function validate(spans, callback, expectedNumberOfSpans = 1) {
  if (spans.length === 0 && expectedNumberOfSpans > 0) {
    throw new Error(`no span was found, ${expectedNumberOfSpans} expected`);
  }
  if (spans.length <= expectedNumberOfSpans) {
    spans.forEach((span) => callback(span));
    return;
  }
  let reason;
  const liked = spans.filter((span) => {
    try {
      callback(span);
      return true;
    } catch (error) {
      reason = error;
      return false;
    }
  }).length;
  if (liked !== expectedNumberOfSpans) {
    throw new Error(`${liked} of ${spans.length} spans are valid, ${expectedNumberOfSpans} expected`, { cause: reason });
  }
}

module.exports = { Trace, selector, validate };

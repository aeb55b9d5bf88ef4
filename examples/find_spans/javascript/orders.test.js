/** What a request does behind its answer, in Jest. */
'use strict';

const { Trace, selector, validate } = require('./find-spans');
const { Shop } = require('./shop');

let shop;
beforeAll(async () => { shop = await new Shop().open(); });
afterAll(() => shop.close());

async function order(trace, body) {
  const answer = await fetch(shop.url, { method: 'POST', headers: trace.headers(), body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}

test('an order is processed behind the answer', async () => {
  const trace = new Trace();
  await order(trace, { id: 7, items: ['a'] });
  const processed = await trace.findSpans({
    service: 'shop-worker', operation: 'process order', spanSelectors: [{ key: 'order.id', value: 7 }],
  });
  validate(processed, (span) => {
    expect(span.attributes['order.id']).toBe(7);
    expect(span.kind).toBe('consumer');
  });
  const [request] = await trace.findSpans({ service: 'shop-api' });
  expect(processed[0].parentSpanId).toBe(request.spanId);
  expect(request.attributes).toEqual({ 'http.response.status_code': 200 });
  expect(request.endNs - request.startNs).toBe(1000000n);
});

test('each item is stored once', async () => {
  const trace = new Trace();
  await order(trace, { id: 8, items: ['a', 'b', 'c'] });
  const stored = await trace.findSpans({
    service: 'shop-worker', operation: 'INSERT items', expectedNumberOfSpans: 3,
    spanSelectors: { key: 'db.system.name', value: 'redis' },
  });
  expect(stored.map((span) => span.attributes['item.name']).sort()).toEqual(['a', 'b', 'c']);
  const isB = (span) => expect(span.attributes['item.name']).toBe('b');
  validate(stored, isB); // exactly one of the three
  expect(() => validate(stored, isB, 2)).toThrow('1 of 3 spans are valid, 2 expected');
});

test('any selector of the language will do', async () => {
  const trace = new Trace();
  await order(trace, { id: 9, items: ['a', 'b'] });
  const below = await trace.select("span[service='shop-api'] span[item.price = 2.5 item.gift = false]",
    { expectedNumberOfSpans: 2 });
  expect(below).toHaveLength(2);
});

test('what does not come is no error of the search', async () => {
  const trace = new Trace();
  await order(trace, { id: 10, items: [] });
  expect(await trace.findSpans({ service: 'shop-worker' })).toHaveLength(1);
  expect(await trace.findSpans({ service: 'mailer', timeout: 100 })).toEqual([]);
  expect(await new Trace().findSpans({ service: 'shop-worker', numberOfAttempts: 1 })).toEqual([]);
  expect(() => validate([], () => {})).toThrow('no span was found');
  validate([], () => {}, 0);
});

test('texts are quoted, and a bad selector is told with its byte', async () => {
  expect(selector({ service: "it's", operation: 'a\\b\n', spanSelectors: { key: 'k', value: true } }))
    .toBe("span[service = 'it\\'s' name = 'a\\\\b\\n' attr:`k` = true]");
  expect(() => selector({ service: 's', spanSelectors: { key: 'a`b', value: 1 } })).toThrow(TypeError);
  await expect(new Trace().select('span[')).rejects.toThrow('byte');
});

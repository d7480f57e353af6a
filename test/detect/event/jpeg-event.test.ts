import t from 'tap';
import type { DetectionConfig, FeedConfig } from '../../../src/config/config.js';
import { duplicateKeys } from '../../../src/detect/event/jpeg-event.js';
import { JpegReader } from '../../../src/detect/event/jpeg-reader.js';
import { recommended, sentinel } from '../../support/detection.js';
import { event } from '../../support/event-builder.js';
import { feedOf } from '../../support/feeds.js';

type Pairs = Record<string, string> | [string, string][];

function read(detection: DetectionConfig, pairs: Pairs, feed: Partial<FeedConfig> = {}) {
  return new JpegReader(detection).read(event(pairs), feedOf(feed));
}

const both: DetectionConfig = { ...recommended, direction: 'both' };
const upload: DetectionConfig = { ...recommended, direction: 'upload' };
const base = { request: 'http://h.example/dir/a.jpg?x', in: '5', out: '7', suser: ' bob ' };

t.test('what an event says', async (t) => {
  t.match(read(recommended, { ...base, fileType: 'image/jpeg' }), {
    url: 'http://h.example/dir/a.jpg?x',
    filename: 'a.jpg?x',
    account: 'bob',
    fileType: 'image/jpeg',
    hosts: ['h.example'],
    hostFrom: 'URL',
    sides: [{ direction: 'download', bytes: 5, zero: false, skip: null }],
  });
  t.equal(read(recommended, { request: 'http://h/a.png' }), null);
  t.match(read(sentinel, { request: 'h/a.jpg' }), { fileType: '', hosts: [], hostFrom: '' });
});

t.test('a profile says where the size is', async (t) => {
  const swapped = { received: ['out'], sent: ['in'] };
  t.match(read(both, { ...base, requestMethod: 'PUT' }, swapped), {
    sides: [
      { direction: 'download', bytes: 7 },
      { direction: 'upload', bytes: 5 },
    ],
  });
  const none = read(recommended, base, { received: ['nothing'] });
  t.ok(Number.isNaN(none!.sides[0]!.bytes));
});

t.test('zero bytes are a size to the letter, and missing by recommendation', async (t) => {
  const zero = { ...base, in: '0' };
  t.match(read(sentinel, { ...zero, request: 'h/a.jpg' }), { sides: [{ bytes: 0, zero: false }] });
  const side = read(recommended, zero)!.sides[0]!;
  t.ok(Number.isNaN(side.bytes));
  t.equal(side.zero, true);
});

t.test('uploads: by method, or without one by who sent more', async (t) => {
  const isUpload = (pairs: Record<string, string>) =>
    read(upload, { request: 'h/a.jpg', ...pairs })!.sides.length === 1;
  for (const requestMethod of ['POST', 'put', 'Patch']) {
    t.ok(isUpload({ requestMethod, in: '9', out: '1' }), requestMethod);
  }
  for (const requestMethod of ['GET', 'HEAD', 'DELETE']) {
    t.notOk(isUpload({ requestMethod, in: '1', out: '9' }), requestMethod);
  }
  t.ok(isUpload({ in: '1', out: '9' }));
  t.ok(isUpload({ out: '9' }));
  const forged: [string, string][] = [
    ['request', 'h/a.jpg'],
    ['out', '9'],
    ['in', '1'],
    ['in', '10'],
  ];
  t.equal(read(upload, forged)!.sides.length, 1, 'the smallest received counts');
  t.notOk(isUpload({ in: '9', out: '9' }));
  t.notOk(isUpload({ in: '9' }));
  t.notOk(isUpload({}));
  t.match(read(both, { ...base, requestMethod: 'GET' })!.sides, [{ direction: 'download' }]);
  t.match(read(both, { ...base, requestMethod: 'POST', outcome: '404' })!.sides, [
    { direction: 'download', skip: { by: 'status' } },
    { direction: 'upload', bytes: 7, skip: null },
  ]);
});

t.test('of a key that came twice the largest size counts, and every host', async (t) => {
  const twice: [string, string][] = [
    ['request', 'h/a.jpg'],
    ['in', '5000000'],
    ['in', '1'],
    ['dhost', 'evil.example'],
    ['dhost', 'cdn.example'],
  ];
  t.match(read(recommended, twice), {
    hosts: ['evil.example', 'cdn.example'],
    sides: [{ bytes: 5_000_000 }],
  });
  t.ok(Number.isNaN(read(recommended, twice)!.sides[0]!.learnedBytes), 'none of them is learned');
  t.match(read(sentinel, twice), { hosts: ['cdn.example'], sides: [{ bytes: 1 }] });
  const { profile } = feedOf({});
  t.strictSame(duplicateKeys(event(twice), profile), ['dhost', 'in']);
  t.strictSame(duplicateKeys(event(base), profile), []);
  const other: [string, string][] = [...twice.slice(0, 2), ['msg', 'a'], ['msg', 'b']];
  t.strictSame(duplicateKeys(event(other), profile), [], 'keys that are not judged do not matter');
});

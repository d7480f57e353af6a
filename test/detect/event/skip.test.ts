import t from 'tap';
import { SkipTest } from '../../../src/detect/event/skip.js';
import { recommended, sentinel } from '../../support/detection.js';
import { event } from '../../support/event-builder.js';
import { profileOf } from '../../support/feeds.js';

const profile = profileOf({});
const test = new SkipTest(recommended);
type Pairs = Record<string, string> | [string, string][];
const ofDownload = (pairs: Pairs) => test.ofDownload(event(pairs), profile);
const ofUpload = (pairs: Pairs) => test.ofUpload(event(pairs), profile);

t.test('methods that bring no file, in any case', async (t) => {
  for (const requestMethod of ['HEAD', 'head', 'Options', 'CONNECT', ' HEAD ']) {
    t.strictSame(ofDownload({ requestMethod }), { by: 'method', value: requestMethod.trim() });
  }
  for (const requestMethod of ['GET', 'POST', 'HEADER', '-', '']) {
    t.equal(ofDownload({ requestMethod }), null, requestMethod);
  }
});

t.test('statuses by class, as a number or with their words', async (t) => {
  for (const outcome of ['100', '301', '304', '404 Not Found', '503']) {
    t.strictSame(ofDownload({ outcome }), { by: 'status', value: outcome }, outcome);
  }
  for (const outcome of ['200', '206', '2', '40', '4040', '0', 'success', 'NA', '']) {
    t.equal(ofDownload({ outcome }), null, outcome);
  }
  const byLabel = { cn1: '404', cn1Label: 'HTTPStatusCode' };
  t.match(ofDownload(byLabel), { by: 'status', value: '404' }, 'as a custom field');
  const one = new SkipTest({ ...sentinel, skip: { ...sentinel.skip, statuses: ['404'] } });
  t.ok(one.ofDownload(event({ outcome: '404' }), profile));
  t.equal(one.ofDownload(event({ outcome: '403' }), profile), null);
});

t.test('what was blocked, by the beginning of any word of the action', async (t) => {
  for (const act of [
    'Blocked',
    'BLOCK',
    'block-url',
    'uc_site_blocked',
    'TCP_DENIED',
    'deny',
    'Dropped',
    'reset-both',
    'tcp reset',
    'rejected',
  ]) {
    t.strictSame(ofDownload({ act }), { by: 'action', value: act }, act);
    t.strictSame(ofUpload({ act }), { by: 'action', value: act }, 'an upload that went nowhere');
  }
  for (const act of [
    'Allowed',
    'permitted',
    'accept',
    'unblocked',
    'Not blocked',
    'OBSERVED',
    'alert',
    '',
    '-',
  ]) {
    t.equal(ofDownload({ act }), null, act);
  }
});

t.test('an upload was sent whatever its method and status', async (t) => {
  t.equal(ofUpload({ requestMethod: 'CONNECT', outcome: '500' }), null);
});

t.test('an absent field never skips, and preset sentinel skips nothing', async (t) => {
  t.equal(ofDownload({}), null);
  const none = new SkipTest(sentinel);
  const fields = event({ act: 'Blocked', requestMethod: 'HEAD', outcome: '404' });
  t.equal(none.ofDownload(fields, profile), null);
});

t.test(
  'of a key that came twice all values must ask for it: text cannot hide an event',
  async (t) => {
    t.equal(
      ofDownload([
        ['act', 'Allowed'],
        ['act', 'Blocked'],
      ]),
      null,
    );
    t.ok(
      ofDownload([
        ['act', 'Denied'],
        ['act', 'Blocked'],
      ]),
    );
    const last = new SkipTest({ ...recommended, mostSuspicious: false });
    const twice = event([
      ['act', 'Allowed'],
      ['act', 'Blocked'],
    ]);
    t.ok(last.ofDownload(twice, profile), 'duplicate_keys: last');
  },
);

t.test('a profile names the fields', async (t) => {
  const vendor = profileOf({ action: ['fw_action'], method: ['verb'], status: ['code'] });
  t.match(test.ofDownload(event({ fw_action: 'drop' }), vendor), { by: 'action' });
  t.match(test.ofDownload(event({ verb: 'HEAD' }), vendor), { by: 'method' });
  t.match(test.ofDownload(event({ code: '304' }), vendor), { by: 'status' });
  t.equal(test.ofDownload(event({ act: 'drop', outcome: '304' }), vendor), null);
});

t.test('hostile actions cost what their length costs, and no more', async (t) => {
  t.equal(ofDownload({ act: `${'x_'.repeat(50_000)}block` }), null, 'beyond any action');
  t.ok(ofDownload({ act: `block${'_'.repeat(50_000)}` }));
});

import fc from 'fast-check';
import t from 'tap';
import type { DetectionConfig } from '../../../src/config/config.js';
import { JpegTest, JpegTestResult, unquoted } from '../../../src/detect/event/jpeg.js';
import type { Fields } from '../../../src/fields.js';
import { recommended, sentinel } from '../../support/detection.js';
import { event } from '../../support/event-builder.js';
import { profileOf } from '../../support/feeds.js';

const { notJpeg, noUrl, judgedOnly, judgedAndLearned } = JpegTestResult;
const profile = profileOf({});

/** A test by these settings, of the default profile. */
function tester(detection: DetectionConfig) {
  const test = new JpegTest(detection);
  return { of: (fields: Fields) => test.of(fields, profile) };
}
const bySentinel = tester(sentinel);
const byRecommended = tester(recommended);

t.test('preset sentinel: the URL ends with .jpg in any case, and nothing else does', async (t) => {
  const of = (request: string) => bySentinel.of(event({ request }));
  for (const url of ['http://h/a.jpg', 'http://h/a.JPG', '.jpg', 'h/a.b/c.jPg', 'x?.jpg']) {
    t.equal(of(url), judgedAndLearned, url);
  }
  for (const url of [
    '',
    'http://h/',
    'jpg',
    'a.jpeg',
    'a.jpg?x=1',
    'a.jpg#f',
    'a.jpg%20',
    ' ',
    'a.jp',
    'a。jpg',
    'a.\u212Apg',
  ]) {
    t.equal(of(url), notJpeg, JSON.stringify(url));
  }
});

t.test('preset sentinel: a file type in another case is judged but not learned', async (t) => {
  const of = (fileType: string) => bySentinel.of(event({ request: 'http://h/x', fileType }));
  t.equal(of('Jpeg Files'), judgedAndLearned);
  t.equal(of('JPEG FILES'), judgedOnly);
  t.equal(of('jpeg files'), judgedOnly);
  for (const type of ['', 'Jpeg File', 'Jpeg  Files', 'image/jpeg', 'None']) {
    t.equal(of(type), notJpeg, JSON.stringify(type));
  }
  t.equal(
    bySentinel.of(event({ request: 'http://h/x.jpg', fileType: 'JPEG FILES' })),
    judgedAndLearned,
    'the URL alone makes it count on both sides',
  );
});

t.test('preset recommended: a file type is learned in any case', async (t) => {
  for (const fileType of ['jpeg FILES', 'IMAGE/JPEG', 'image/pjpeg', 'JPG', 'jpeg']) {
    t.equal(byRecommended.of(event({ request: 'h/x', fileType })), judgedAndLearned, fileType);
  }
  t.equal(byRecommended.of(event({ request: 'h/x', fileType: 'image/png' })), notJpeg);
});

t.test('a configured file type in any script matches itself', async (t) => {
  for (const type of ['Изображение JPEG', 'IMAGÉ', 'İmge']) {
    const test = tester({ ...recommended, jpeg: { ...recommended.jpeg, fileTypes: [type] } });
    t.equal(test.of(event({ request: 'h/x', fileType: type })), judgedAndLearned, type);
  }
});

t.test('white space around a value is layout', async (t) => {
  t.equal(bySentinel.of(event({ request: ' h/a.jpg  ' })), judgedAndLearned);
  t.equal(bySentinel.of(event({ request: 'h/x', fileType: ' Jpeg Files ' })), judgedAndLearned);
});

t.test('without a RequestURL no event is judged, whatever its type', async (t) => {
  for (const test of [bySentinel, byRecommended]) {
    t.equal(test.of(event({ fileType: 'Jpeg Files' })), noUrl);
    t.equal(test.of(event({ fileType: 'Jpeg Files', request: '' })), noUrl);
    t.equal(test.of(event({ fileType: 'PNG' })), notJpeg);
    t.equal(test.of(event({})), notJpeg);
  }
  const dash = event({ fileType: 'Jpeg Files', request: '-' });
  t.equal(byRecommended.of(dash), noUrl, 'a placeholder is no URL');
  t.equal(bySentinel.of(dash), judgedAndLearned, 'to the letter it is one');
});

t.test('a profile names type and URL by other fields', async (t) => {
  const test = new JpegTest(recommended);
  const other = profileOf({ fileType: ['ContentType', 'mimeType'], url: ['request', 'url'] });
  const of = (pairs: Record<string, string>) => test.of(event(pairs), other);
  t.equal(of({ request: 'h/x', cs3: 'image/jpeg', cs3Label: 'ContentType' }), judgedAndLearned);
  t.equal(of({ url: 'h/x', mimeType: 'image/jpeg' }), judgedAndLearned);
  t.equal(of({ url: 'h/x.jpg' }), judgedAndLearned);
  t.equal(of({ request: 'h/x', fileType: 'image/jpeg' }), notJpeg, 'fileType is not the one');
});

t.test('recommended: quotes around a URL and MIME parameters are how feeds write', async (t) => {
  for (const request of ['\\"www.example.com/a.jpg\\"', '"h/a.jpg"']) {
    t.equal(byRecommended.of(event({ request }, { raw: true })), judgedAndLearned, request);
    t.equal(bySentinel.of(event({ request }, { raw: true })), notJpeg, request);
  }
  const typed = { request: 'h/x', fileType: 'image/jpeg ; charset=binary' };
  t.equal(byRecommended.of(event(typed)), judgedAndLearned);
  t.equal(unquoted('\\"www.example.com/\\"'), 'www.example.com/');
  t.equal(unquoted('h/"a"'), 'h/"a');
});

t.test('most suspicious: of a key that came twice any value may say JPEG', async (t) => {
  const of = (...pairs: [string, string][]) => byRecommended.of(event(pairs));
  t.equal(of(['request', 'h/a.jpg'], ['request', 'h/a.png']), judgedAndLearned);
  t.equal(of(['request', 'h/a.jpg'], ['request', '']), judgedAndLearned);
  t.equal(of(['request', 'h/a'], ['fileType', 'jpeg'], ['fileType', 'ZIP']), judgedAndLearned);
  t.equal(of(['request', 'h/a'], ['request', 'h/b'], ['fileType', 'ZIP']), notJpeg);
  t.equal(of(['request', '-'], ['request', ''], ['fileType', 'jpeg']), noUrl);
  const test = new JpegTest(recommended);
  const fields = event([
    ['request', 'h/a.jpg'],
    ['request', 'h/a.png'],
  ]);
  test.of(fields, profile);
  t.equal(test.urlIndex, 0, 'the judged URL is the one that says it');
});

t.test('preset recommended: every suffix counts, before the query and the fragment', async (t) => {
  const of = (request: string) => byRecommended.of(event({ request }));
  for (const suffix of recommended.jpeg.urlSuffixes) {
    t.equal(of(`http://h/a${suffix}`), judgedAndLearned, suffix);
    t.equal(of(`http://h/a${suffix.toUpperCase()}?w=100&h=2`), judgedAndLearned, `${suffix}?`);
    t.equal(of(`http://h/a${suffix}#top`), judgedAndLearned, `${suffix}#`);
  }
  for (const url of [
    'http://h/a.png?f=.jpg',
    'http://h/a.png#.jpg',
    '?.jpg',
    'h/a.jpgx',
    'h/ajpg',
  ]) {
    t.equal(of(url), notJpeg, url);
  }
});

t.test('sentinel: of duplicate keys the last one counts, an empty one too', async (t) => {
  const of = (...pairs: [string, string][]) => bySentinel.of(event(pairs));
  t.equal(of(['request', 'h/a.png'], ['request', 'h/a.jpg']), judgedAndLearned);
  t.equal(of(['request', 'h/a.jpg'], ['request', 'h/a.png']), notJpeg);
  t.equal(of(['request', 'h/a.jpg'], ['request', '']), notJpeg);
  t.equal(
    of(['request', 'h/a.jpg'], ['Request', 'h/b.png']),
    notJpeg,
    'whatever the case of the key',
  );
});

t.test('escaped values are read as their sender meant them', async (t) => {
  const of = (request: string) => byRecommended.of(event({ request }, { raw: true }));
  t.equal(of('h/a\\=1.jpg'), judgedAndLearned);
  t.equal(of('h/a.jpg?x\\=1'), judgedAndLearned);
  t.equal(of('h/a\\.jpg'), judgedAndLearned, 'an unknown escape is kept, the dot with it');
  t.equal(of('h/a.jp\\g'), notJpeg);
  const type = { request: 'h/x', fileType: 'Jpeg\\ Files' };
  t.equal(bySentinel.of(event(type, { raw: true })), notJpeg);
});

t.test('a suffix that escapes could make is compared after unescaping', async (t) => {
  const jpeg = { ...sentinel.jpeg, urlSuffixes: ['.x=jpg', 'n.jpg'] };
  const of = (request: string) =>
    tester({ ...sentinel, jpeg }).of(event({ request }, { raw: true }));
  t.equal(of('h/a.x\\=jpg'), judgedAndLearned);
  t.equal(of('h/a.x=jpg'), judgedAndLearned);
  t.equal(of('h/an.jpg'), judgedAndLearned);
  t.equal(of('h/a\\n.jpg'), notJpeg, 'a line feed is not the letter n');
});

t.test('bytes say what strings would say, for any text', async () => {
  const parts = fc.constantFrom(
    '.jpg',
    '.JPG',
    '.jpeg',
    '\\',
    '\\n',
    '\\=',
    '?',
    '#',
    '=',
    'é',
    '/',
  );
  const text = fc.array(fc.oneof(parts, fc.string({ maxLength: 3 })), { maxLength: 6 });
  fc.assert(
    fc.property(text, fc.boolean(), (pieces, ignoreQuery) => {
      const fields = event({ request: pieces.join('').replace(/[\r\n]/g, '') }, { raw: true });
      const suffixes = recommended.jpeg.urlSuffixes;
      const url = fields.value(0).replace(/^ +| +$/g, '');
      const path = ignoreQuery ? url.split(/[?#]/)[0]! : url;
      const folded = path.replace(/[A-Z]/g, (c) => c.toLowerCase());
      const expected = suffixes.some((suffix) => folded.endsWith(suffix));
      const jpeg = { ...recommended.jpeg, ignoreQuery };
      return (
        (tester({ ...recommended, feedProfiles: false, jpeg }).of(fields) === judgedAndLearned) ===
        expected
      );
    }),
    { numRuns: 500 },
  );
});

/**
 * Mutated frames from decode to spool, under each kind of names and both presets. Whatever the bytes: one
 * frame gives one record, in canonical MessagePack, equal to what plain code makes of the table, and no
 * prototype is touched.
 */

import { pick, type Random } from '../support/mutate.js';
import { oneRecord } from '../support/one-record.js';
import { WholePath } from '../support/whole-path.js';
import { lines } from './corpora.js';
import { type FuzzTarget, tokensOf } from './target.js';

const startMs = Date.UTC(2026, 10, 24, 10, 15);

const configs = [
  'detection: { preset: recommended, direction: both, time: event, minimum_samples: 1, minimum_history: 0h }',
  'forward: { fluentd: { names: ecs, resolve_labels: true, raw: alerts } }\ndetection: { preset: recommended, feed_profiles: false, direction: both, minimum_bytes: 0, minimum_samples: 1, minimum_history: 0h }',
  'forward: { fluentd: { names: commonsecuritylog, resolve_labels: true, raw: always } }\ndetection: { preset: sentinel, direction: both }',
];

const tokens = tokensOf(
  ...[
    'alert=',
    ' alert_suppressed={} ',
    ' event_id=01 ',
    ' syslog=x ',
    ' peer=::1 ',
    ' Alert=',
    ' ext_alert=',
  ],
  ...[
    ' __proto__=x ',
    ' constructor=x ',
    ' toString=x ',
    ' raw=',
    ' message=',
    ' invalid=',
    ' alert.level=',
  ],
  ...[
    ' request=http://a.example/x.jpg ',
    '.jpg',
    ' in=99999999 ',
    ' in=-1 ',
    ' in=1e9 ',
    ' dhost=',
    ' dst=',
  ],
  ...[
    ' cs1=a cs1Label=alert ',
    ' cs2=b cs2Label=__proto__ ',
    'xn--',
    '[::1]:80',
    '//',
    '@',
    '%2e',
    '\\n',
    '\0',
  ],
  ...[
    ' rt=0 ',
    ' rt=100000000 ',
    ' rt=4102444800000 ',
    ' fileType=Jpeg Files ',
    ' act=',
    '😀',
    '\ud800',
  ],
);

export async function wholePath(folder: string): Promise<FuzzTarget> {
  const paths = await Promise.all(
    configs.map((yaml, i) => WholePath.open(yaml, `${folder}/${i}`, startMs)),
  );
  // Something to compare with, so that what is large and new is an alert.
  for (const [i, frame] of jpegs().entries()) {
    const atMs = startMs - 48 * 3_600_000 + i;
    for (const path of paths) path.frame(frame, atMs);
  }
  for (const path of paths) path.take();
  const seeds = [...lines(), ...jpegs(5_000_000)];
  let receivedAtMs = startMs;
  const check = (frame: Buffer, random: Random): void => {
    if (frame.length === 0) return;
    // Nearly always a moment later, at times hours, and at times back.
    const step = pick(random, [1, 1, 1, 1, 1, 60_000, 3_600_000, -60_000, -7_200_000]);
    receivedAtMs = Math.max(startMs, receivedAtMs + step);
    for (const path of paths) oneRecord(path, frame, receivedAtMs);
  };
  return { name: 'whole-path', seeds, tokens, inputs: 800, check };
}

/** The CEF lines, each made a JPEG of a host of its own. */
function jpegs(bytes = 0): Buffer[] {
  const cef = lines().filter((line) => line.includes('CEF:'));
  return cef.map((line, i) => {
    const host = `img${i}.${bytes}.example`;
    const size = bytes + i * 100;
    const keys = ` request=http://${host}/a.jpg in=${size} out=${size} dhost=${host} act=Allowed`;
    return Buffer.concat([line, Buffer.from(keys)]);
  });
}

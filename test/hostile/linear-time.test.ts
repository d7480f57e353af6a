/**
 * Goal: time in proportion to the bytes that come, for every shape and all stages together. Method: 512 KiB
 * from the wire to the spool, as frames of 16 KiB and as one frame: the same bytes, so the same work. What
 * starts over for each byte or key would take 32 times as long in one frame. Stages alone, and other shapes:
 * test/framing/hostile-streams.test.ts, test/decode/hostile.test.ts.
 */
import t from 'tap';
import { StreamFramer } from '../../src/framing/stream-framer.js';
import { cpuRatio } from '../support/cpu.js';
import { shapes } from '../support/hostile-shapes.js';
import { WholePath } from '../support/whole-path.js';

t.setTimeout(110_000);

const now = Date.UTC(2026, 10, 24, 12, 30);
const large = 512 * 1024;
const times = 32;
/** Between 1 and 32, far from both. */
const tooMuch = 6;
const cef = 'CEF:0|Acme|Proxy|1|web|web access|3|';
const jpeg =
  'request=http://new.example/a.jpg fileType=Jpeg Files in=5000000 out=5000000 dhost=new.example ';

const listen = 'listen: { max_message: 1MiB, max_fields: 4096 }';
const judgesAll =
  'direction: both, minimum_bytes: 0, minimum_samples: 1, minimum_history: 0h, suppress: { by: [] }';
const exclusions = `
exclusions:
  - { name: a, reason: b, match: { "msg|re": "(a+)+$", "label:Department": x, "url.path|contains": y } }
  - { name: c, reason: d, match: { "dhost|domain": no.example, "user.name": z, "key:k1|re": "(.*a){9}$" } }
`;
const configs: Readonly<Record<string, string>> = {
  cef: `${listen}\ndetection: { preset: recommended, ${judgesAll} }\n${exclusions}`,
  ecs: `${listen}\ndetection: { preset: recommended, ${judgesAll} }
forward: { fluentd: { names: ecs, resolve_labels: true, raw: always } }`,
  commonsecuritylog: `${listen}\ndetection: { preset: sentinel, direction: both }
forward: { fluentd: { names: commonsecuritylog, resolve_labels: true } }`,
};

for (const [names, yaml] of Object.entries(configs)) {
  t.test(`${names}: one frame of 512 KiB costs what 32 frames of 16 KiB cost`, async (t) => {
    const path = await WholePath.open(yaml, t.testdir(), now);
    path.frame(Buffer.from(`${cef}request=http://a.example/a.jpg in=9 dhost=a.example`), now - 1e8);
    const wire = (stream: Buffer): void => {
      const { counters } = path;
      const peer = { address: '192.0.2.7' };
      const sink = path.path;
      const framer = new StreamFramer({ maxMessageBytes: 1024 * 1024, sink, counters, peer });
      for (let at = 0; at < stream.length; at += 65_536) {
        framer.push(stream.subarray(at, at + 65_536), now);
      }
      framer.end(now);
      path.take();
    };
    for (const [name, make] of Object.entries(shapes)) {
      const start = `${cef}${jpeg}`;
      const small = counted(make(large / times, start), times);
      const one = counted(make(large, start), 1);
      const ratio = cpuRatio(
        () => wire(small),
        () => wire(one),
        tooMuch,
      );
      t.ok(ratio < tooMuch, `${name}: ${ratio.toFixed(2)} times`);
    }
    t.equal(path.counters.framing_resyncs, 0);
  });
}

/** Octet-counted, since some shapes hold delimiters. */
function counted(frame: Buffer, copies: number): Buffer {
  const one = Buffer.concat([Buffer.from(`${frame.length} `), frame]);
  return Buffer.concat(Array.from({ length: copies }, () => one));
}

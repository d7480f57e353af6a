/**
 * Sample traffic for `stegwatch demo`: eight days of an invented company's proxy log, quiet at night,
 * and at its end a handful of events that each show one thing. Seeded, so that every demo is the same.
 */
const dayMs = 86_400_000;

/** One staged event at the end of the traffic, and what to look for. */
export interface Scene {
  readonly shows: string;
  readonly line: string;
}

const knownHosts = [
  'images.supplier.example',
  'photos.intranet.example',
  'cdn.news.example',
  'static.travel.example',
  'media.shop.example',
  'pictures.catalogue.example',
];

/** RFC 3164 + CEF lines in order of time, without line ends, ending at `nowMs`. */
export function* history(nowMs: number): Generator<string> {
  const random = generator(20221001);
  for (let at = nowMs - 8 * dayMs; at < nowMs - 10_000; ) {
    const hour = new Date(at).getUTCHours();
    const busy = hour >= 7 && hour < 19 ? 1 : 0.15;
    at += (60_000 * (0.2 + random())) / busy;
    if (at >= nowMs - 10_000) return;
    const host = knownHosts[Math.floor(random() * random() * knownHosts.length)]!;
    const jpeg = random() < 0.4;
    const file = `${Math.floor(random() * 1e9).toString(36)}.${jpeg ? 'jpg' : 'html'}`;
    // Sizes of pictures are close to log-normal: median 60 KB here, one in twenty above about 320 KB.
    const gauss = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const bytes = Math.round(60_000 * Math.exp(gauss));
    yield event(at, host, `https://${host}/p/${file}`, bytes, jpeg ? 'Jpeg Files' : 'HTML Files');
  }
}

export function scenes(nowMs: number): readonly Scene[] {
  const at = nowMs - 5_000;
  const fresh = 'holiday-pictures.example';
  return [
    {
      shows: 'a large JPEG from a host never seen before: an alert',
      line: event(at, fresh, `https://${fresh}/2022/beach.jpg`, 4_831_201, 'Jpeg Files'),
    },
    {
      shows: 'the same size from a host known for six days: no alert',
      line: event(at, knownHosts[0]!, `https://${knownHosts[0]}/big.jpg`, 4_831_201, 'Jpeg Files'),
    },
    {
      shows: 'a small JPEG from a new host: no alert',
      line: event(at, 'tiny.example', 'https://tiny.example/dot.jpg', 4_120, 'Jpeg Files'),
    },
    {
      shows: 'a large JPEG hidden behind a query string, no dhost, type by URL alone: an alert',
      line: event(at, '', 'https://drop.zone.example/x/art.jpeg?v\\=7', 9_400_000, 'None'),
    },
    {
      shows: 'the nightly backup, excluded by name: suppressed, and still forwarded',
      line: event(
        at,
        'vault.backup.example',
        'https://vault.backup.example/img/disk.jpg',
        88_000_000,
        'Jpeg Files',
        'Veeam Backup & Replication',
      ),
    },
    {
      shows: 'a line that is not CEF at all: forwarded as it is, marked with parse_error',
      line: `<134>${stamp(at)} proxy01 proxy: configuration reloaded`,
    },
  ];
}

function event(
  atMs: number,
  host: string,
  url: string,
  bytes: number,
  fileType: string,
  agent = 'Mozilla/5.0',
): string {
  return (
    `<134>${stamp(atMs)} proxy01 CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|` +
    `rt=${Math.round(atMs)} act=Allowed requestMethod=GET src=10.1.2.3 suser=dana@corp.example ` +
    `dhost=${host} in=${bytes} out=612 request=${url} fileType=${fileType} ` +
    `requestClientApplication=${agent}`
  );
}

function stamp(ms: number): string {
  const [, month, day, time] = /(\w{3}) (\d\d) \d{4} ([\d:]{8})/.exec(
    new Date(ms).toUTCString().replace(/^\w+, (\d\d) (\w+)/, '$2 $1'),
  ) as unknown as [string, string, string, string];
  return `${month} ${day.replace(/^0/, ' ')} ${time}`;
}

/** Park-Miller: enough for sample traffic, and the same on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/**
 * The workload: seeded syslog+CEF proxy lines, RFC 3164, newline-framed, 22 extension keys, about 600
 * bytes, 8 % JPEG, 12 % with an escaped `=`. Hosts follow Zipf's law over 5,000 names.
 */
export interface Workload {
  readonly lines: readonly string[];
  readonly jpegShare: number;
}

const words = (text: string): readonly string[] => text.split(' ');
const prefixes = words(
  'news shop cdn static api img mail video cloud docs forum travel bank games',
);
const stems = words(
  'harbor summit pixel orbit maple delta quartz willow falcon ember nimbus cobalt',
);
const domains = words('com net org io co.uk de example fr com.br jp');
const folders = words('assets images media content u static/v2 2026/11 img/large api/v1 files p');
const departments = ['Engineering', 'Sales and Marketing', 'Finance', 'Legal', 'IT Operations'];
const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0',
  'curl/8.5.0',
];
/** [fileType, extension, weight in per cent]. */
const kinds: readonly (readonly [string, string, number])[] = [
  ['Jpeg Files', 'jpg', 8],
  ['PNG Files', 'png', 9],
  ['JavaScript Files', 'js', 18],
  ['HTML Files', 'html', 20],
  ['CSS Files', 'css', 10],
  ['JSON Files', 'json', 16],
  ['GIF Files', 'gif', 4],
  ['None', '', 15],
];
const months = words('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec');
const hostCount = 5_000;

/** mulberry32: a small generator that any reader can check; the seed is printed with each result. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function workload(count: number, seed: number, startMs: number): Workload {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const hex = (n: number): string =>
    Array.from({ length: n }, () => below(16).toString(16)).join('');
  const hosts = Array.from(
    { length: hostCount },
    (_, i) => `${pick(prefixes)}.${pick(stems)}${i}.${pick(domains)}`,
  );
  const weights = hosts.map((_, i) => 1 / (i + 1));
  const zipf = sampler(weights, random);
  const kind = sampler(
    kinds.map(([, , weight]) => weight),
    random,
  );
  let jpegs = 0;
  const lines = Array.from({ length: count }, (_, i) => {
    const ms = startMs + Math.floor(i * 1.8);
    const host = hosts[zipf()]!;
    const [fileType, extension] = kinds[kind()]!;
    const jpeg = extension === 'jpg';
    if (jpeg) jpegs++;
    const act = random() < 0.04 ? 'Blocked' : 'Allowed';
    const query = random() < 0.12 ? `?id\\=${hex(10)}&w\\=${below(2000)}` : '';
    const file = extension === '' ? '' : `/${hex(12)}.${extension}`;
    const size = jpeg ? 20_000 + below(900_000) : below(120_000);
    return (
      `<134>${stamp(ms)} proxy0${1 + (i % 4)} CEF:0|Zscaler|NSSWeblog|5.7|${act}|${act}|3|` +
      `act=${act} app=HTTPS cat=Professional Services dhost=${host} dst=104.${below(256)}.7.9 ` +
      `src=10.${below(16)}.${below(256)}.7 in=${size} out=${300 + below(2500)} ` +
      `request=https://${host}/${pick(folders)}/${hex(8)}${file}${query} requestMethod=GET ` +
      `requestClientApplication=${pick(agents)} requestContext=https://${host}/${hex(6)} ` +
      `suser=user${below(2000)}@corp.example rt=${ms} cs1Label=dept cs1=${pick(departments)} ` +
      `cs2Label=policy cs2=None fileType=${fileType} reason=Allowed cn1=${below(100)} ` +
      'cn1Label=riskscore\n'
    );
  });
  return { lines, jpegShare: jpegs / count };
}

function sampler(weights: readonly number[], random: () => number): () => number {
  let sum = 0;
  const cumulative = weights.map((weight) => {
    sum += weight;
    return sum;
  });
  return () => {
    const x = random() * sum;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! < x) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function stamp(ms: number): string {
  const at = new Date(ms);
  const time = at.toISOString().slice(11, 19);
  return `${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${time}`;
}

/**
 * The table that ships: every feed of the survey of vendors has a row, lines with the keys that the feeds
 * send are read as the row says, and docs/feeds.md shows the same table.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { FeedProfile } from '../../src/feed.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import { defaultFields, type ShippedFeed, shippedFeeds } from '../../src/feeds/shipped.js';
import type { Fields } from '../../src/fields.js';
import { read } from '../decode/reading.js';

type Key = keyof typeof defaultFields;

interface Example {
  /** Begins the first cell of a row of the survey; '' if the feed is not in it. */
  readonly survey: string;
  readonly vendor: string;
  readonly product: string;
  /** Written here, with the keys of the feed. */
  readonly line: string;
  /** What is found; what is not named is found nowhere. */
  readonly found: Partial<Record<Key, string>>;
  /** None of its own: it is read as by default. */
  readonly origin?: 'default';
}

const examples: readonly Example[] = [
  {
    survey: 'Zscaler NSSWeblog',
    vendor: 'Zscaler',
    product: 'NSSWeblog',
    line:
      'act=Allowed app=HTTPS dhost=img.example.net in=5000 out=300 request=img.example.net/a.jpg ' +
      'outcome=200 requestMethod=GET fileType=Jpeg Files contenttype=image/jpeg',
    found: {
      received: '5000',
      sent: '300',
      host: 'img.example.net',
      fileType: 'Jpeg Files',
      url: 'img.example.net/a.jpg',
      method: 'GET',
      status: '200',
      action: 'Allowed',
    },
  },
  {
    survey: 'Zscaler NSSWeblog',
    vendor: 'ZSCALER',
    product: 'NSSWeblog',
    line: 'cn1=404 cn1Label=HTTPStatusCode fileType= contenttype=image/jpeg',
    found: { fileType: 'image/jpeg', status: '404' },
  },
  {
    survey: 'Zscaler in Azure',
    vendor: 'Zscaler',
    product: 'NSSWeblog',
    line: 'act=Allowed in=550 out=307 fileType=None request=http://a.example/',
    found: {
      received: '550',
      sent: '307',
      fileType: 'None',
      url: 'http://a.example/',
      action: 'Allowed',
    },
  },
  {
    survey: 'Forcepoint Web Security on-prem',
    vendor: 'Forcepoint',
    product: 'Security',
    line:
      'act=permitted dhost=a.example in=70 out=8 requestMethod=GET cs3Label=ContentType cs3=image/jpeg ' +
      'cn1Label=DispositionCode cn1=1026 request=http://a.example/?b\\=c',
    found: {
      received: '70',
      sent: '8',
      host: 'a.example',
      fileType: 'image/jpeg',
      url: 'http://a.example/?b=c',
      method: 'GET',
      action: 'permitted',
    },
  },
  {
    survey: 'Forcepoint CSG cloud',
    vendor: 'Forcepoint CSG',
    product: 'Web',
    line:
      'act=Allowed in=0 out=429 dhost= fileType=Unknown cs2=a.example ' +
      'cs2Label=Domain name of the destination site request=HTTP://a.example/b requestMethod=Get',
    found: {
      received: '0',
      sent: '429',
      host: 'a.example',
      fileType: 'Unknown',
      url: 'HTTP://a.example/b',
      method: 'Get',
      action: 'Allowed',
    },
  },
  {
    survey: '',
    vendor: 'Forcepoint CASB',
    product: 'SaaS Security Gateway',
    line: 'act=Block request=https://a.example/ in=1 out=2',
    found: { url: 'https://a.example/', action: 'Block' },
  },
  ...['McAfee', 'Skyhigh'].map((vendor) => ({
    survey: 'McAfee / Skyhigh Web Gateway',
    vendor,
    product: 'Web Gateway',
    line: 'dhost=a.example requestMethod=GET request=https://a.example/?b=c fileType=image/jpeg out=9 in=4',
    found: {
      received: '9',
      sent: '4',
      host: 'a.example',
      fileType: 'image/jpeg',
      url: 'https://a.example/?b=c',
      method: 'GET',
    },
  })),
  {
    survey: 'Blue Coat ProxySG',
    vendor: 'Blue Coat',
    product: 'Proxy SG',
    line:
      'in=90 out=20 deviceSeverity=200 act=OBSERVED dhost=a.example request=http://a.example:80/b.jpg ' +
      'requestMethod=GET cs1=- cs1Label=x-virus-id',
    found: {
      received: '90',
      sent: '20',
      host: 'a.example',
      url: 'http://a.example:80/b.jpg',
      method: 'GET',
      status: '200',
      action: 'OBSERVED',
    },
  },
  {
    survey: 'Netskope webtx',
    vendor: 'Netskope',
    product: 'Some Tenant',
    line:
      'out=800 in=30 dhost=a.example dvchost=proxy request=a.example/b.jpg app=https ' +
      'fileType=image/jpeg requestMethod=GET',
    found: {
      received: '800',
      sent: '30',
      host: 'a.example',
      fileType: 'image/jpeg',
      url: 'a.example/b.jpg',
      method: 'GET',
    },
  },
  {
    survey: 'Netskope application/page/alert',
    vendor: 'Netskope',
    product: 'Some Tenant',
    line: 'act=Download fsize=700 mimeType=image/jpeg url=drive.example/f timestamp=1788273490',
    found: {
      received: '700',
      fileType: 'image/jpeg',
      url: 'drive.example/f',
      action: 'Download',
    },
  },
  {
    survey: 'FortiGate webfilter',
    vendor: 'Fortinet',
    product: 'Fortigate',
    line: 'dhost=a.example act=passthrough request=/b.jpg out=120 in=948 FTNTFGTmethod=domain',
    found: {
      received: '948',
      sent: '120',
      host: 'a.example',
      url: '/b.jpg',
      action: 'passthrough',
    },
  },
  {
    survey: 'FortiGate virus / waf',
    vendor: 'Fortinet',
    product: 'Fortigate',
    line: 'dst=a.example act=blocked request=http://a.example/b.jpg FTNTFGTfiletype=jpeg',
    found: { fileType: 'jpeg', url: 'http://a.example/b.jpg', action: 'blocked' },
  },
  {
    survey: 'FortiWeb Cloud',
    vendor: '',
    product: '',
    line: 'act=Monitor dhost=a.example request=/b requestMethod=GET cn2=1530 cn2Label=length',
    found: { host: 'a.example', url: '/b', method: 'GET', action: 'Monitor' },
  },
  {
    survey: '',
    vendor: 'Fortinet',
    product: 'FortiWeb',
    line: 'act=Alert_Deny dhost=a.example request=/b in=5',
    found: { host: 'a.example', url: '/b', action: 'Alert_Deny' },
  },
  {
    survey: 'Palo Alto PAN-OS URL',
    vendor: 'Palo Alto Networks',
    product: 'PAN-OS',
    line: 'act=alert request=\\"a.example/b.jpg\\" requestContext=image/jpeg in=3 out=4',
    found: { fileType: 'image/jpeg', url: '\\"a.example/b.jpg\\"', action: 'alert' },
  },
  {
    survey: 'Palo Alto Strata / CDL URL',
    vendor: 'Palo Alto Networks',
    product: 'LF',
    line: 'dtz=UTC request=?% requestContext=application/jpeg PanOSURLDomain=a.example',
    found: { host: 'a.example', fileType: 'application/jpeg', url: '?%' },
  },
  {
    survey: '',
    vendor: 'Palo Alto Networks',
    product: 'LF',
    line: 'PanOSFileType=JPEG File Upload PanOSURL=a.example/b',
    found: { fileType: 'JPEG File Upload', url: 'a.example/b' },
  },
  {
    survey: 'Check Point Log Exporter',
    vendor: 'Check Point',
    product: 'VPN-1 & FireWall-1',
    line: 'act=Accept request=https://a.example:443  requestMethod=CONNECT',
    found: { url: 'https://a.example:443', method: 'CONNECT', action: 'Accept' },
  },
  {
    survey: 'Check Point Log Exporter',
    vendor: '',
    product: 'Check Point',
    line: 'act=Accept in=52 out=0 request=https://a.example:443',
    found: { received: '52', sent: '0', url: 'https://a.example:443', action: 'Accept' },
  },
  {
    survey: 'SonicWall',
    vendor: 'SonicWall',
    product: 'NSa 4500',
    line: 'out=12 in=45 request=a.example/ fw_action="drop"',
    found: { received: '45', sent: '12', url: 'a.example/', action: '"drop"' },
  },
  {
    survey: 'Imperva Cloud WAF (Incapsula)',
    vendor: 'Incapsula',
    product: 'SIEMintegration',
    line:
      'sourceServiceName=site.example request=site.example/b.jpg requestmethod=GET cn1=200 in=54 ' +
      'fileType=30037 act=REQ_CACHED_FRESH qstr=a\\=b',
    found: {
      received: '54',
      host: 'site.example',
      url: 'site.example/b.jpg',
      method: 'GET',
      status: '200',
      action: 'REQ_CACHED_FRESH',
    },
  },
  {
    survey: '',
    vendor: 'Imperva Inc.',
    product: 'SecureSphere',
    line:
      'act=block cs6=POST cs6Label=HTTPHeaderRequest-URLMethod cs7=/b.php ' +
      'cs7Label=HTTPHeaderRequest-URLPath',
    found: { url: '/b.php', method: 'POST', action: 'block' },
  },
  {
    survey: 'Barracuda WAAS',
    vendor: 'BarracudaNetworks',
    product: 'WAAS',
    line: 'in=209 out=0 dhost=192.0.2.1 outcome=302 requestMethod=GET dst=- request=/b',
    found: {
      received: '209',
      sent: '0',
      host: '192.0.2.1',
      url: '/b',
      method: 'GET',
      status: '302',
    },
  },
  {
    survey: 'Citrix ADC',
    vendor: 'Citrix',
    product: 'NetScaler',
    line: 'method=GET request=http://a.example/b act=not blocked cn1=233',
    found: { url: 'http://a.example/b', method: 'GET', action: 'not blocked' },
  },
  {
    survey: 'WireX NDR',
    vendor: 'WireX',
    product: 'NFP',
    line: 'dhost=a.example request=http://a.example/i?a\\=b requestMethod=GET reason=200',
    found: { host: 'a.example', url: 'http://a.example/i?a=b', method: 'GET', status: '200' },
  },
  {
    survey: 'Trend Micro Deep Security WebReputation',
    vendor: 'Trend Micro',
    product: 'Deep Security Agent',
    line: 'request=a.example msg=Blocked By Admin',
    found: { url: 'a.example' },
  },
  {
    survey: 'Bitdefender GravityZone',
    vendor: 'Bitdefender',
    product: 'GravityZone',
    line: 'request=https://a.example act=uc_site_blocked',
    found: { url: 'https://a.example', action: 'uc_site_blocked' },
  },
  {
    survey: 'Cisco Firepower eStreamer',
    vendor: 'Cisco',
    product: 'Firepower',
    line: 'act=Allow request=http://a.example/b.txt bytesOut=88 bytesIn=99',
    found: { received: '99', sent: '88', url: 'http://a.example/b.txt', action: 'Allow' },
  },
  {
    // A kind of word, not a feed of web requests: the default reads it.
    survey: 'fileType elsewhere',
    vendor: 'Votiro',
    product: 'Votiro cloud',
    line: 'fileType=jpg',
    found: { fileType: 'jpg' },
    origin: 'default',
  },
];

/** No CEF feed of it was found, so there is nothing to read. */
const withoutFeed = ['Cisco Umbrella / WSA'];

const feeds = createFeeds({ feeds: [], feedProfiles: true });
const keys = Object.keys(defaultFields) as Key[];

t.test('lines with the keys of each feed are read as its row says', async (t) => {
  for (const { vendor, product, line, found, origin = 'shipped' } of examples) {
    const { fields } = read(`CEF:0|${vendor}|${product}|1|2|name|3|${line}`);
    const { profile } = feeds.of(fields);
    const title = `${vendor} ${product}: ${line}`;
    t.equal(profile.origin, origin, title);
    t.strictSame(valuesOf(fields, profile), found, title);
  }
});

t.test('every row of the table is the first that fits some of these headers', async (t) => {
  // Where no header has a Feed of its own, its Feed is named after the row.
  const byRow = createFeeds({ feeds: [], feedProfiles: true, maxFeeds: 0 });
  const fitted = examples.map(({ vendor, product }) => {
    return byRow.of(read(`CEF:0|${vendor}|${product}|1|2|name|3|a=b`).fields).name;
  });
  const rows = shippedFeeds.map(({ vendor, product }) => `${vendor} ${product}`.trim());
  t.strictSame(
    rows.filter((row) => !fitted.includes(`other feeds (${row || 'no vendor, no product'})`)),
    [],
  );
});

const survey = join(repository(), '..', 'shared', 'corpora', 'vendors.md');
const reason = existsSync(survey) ? false : 'the survey of vendors is not here';
t.test('every feed of the survey has a line above', { skip: reason }, async (t) => {
  const table = readFileSync(survey, 'utf8').split('## 2. Table')[1]!.split('\n## ')[0]!;
  const cells = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map((row) => row[1]!.replace(/\*\*/g, ''));
  const listed = cells.filter((cell) => !/^(Vendor|-+)/.test(cell));
  t.ok(listed.length >= 20, `read ${listed.length} rows`);
  const told = [...examples.map((one) => one.survey).filter((cell) => cell !== ''), ...withoutFeed];
  t.strictSame(
    listed.filter((cell) => !told.some((name) => cell.startsWith(name))),
    [],
    'surveyed, not told',
  );
  t.strictSame(
    told.filter((name) => !listed.some((cell) => cell.startsWith(name))),
    [],
    'told, not surveyed',
  );
});

t.test('every row says what it rests on', async (t) => {
  for (const { vendor, product, source } of shippedFeeds) {
    t.match(source, /^([DCP](, [DCP])*: .{20}|McAfee)/, `${vendor} ${product}`);
  }
});

t.test('docs/feeds.md shows this table and the defaults, and nothing else', async (t) => {
  const page = readFileSync(join(repository(), 'docs', 'feeds.md'), 'utf8');
  const section = (title: string) => page.split(`## ${title}\n`)[1]!.split('\n## ')[0]!;
  const rowsOf = (text: string) =>
    [...text.matchAll(/^\| `.*$/gm)].map(([row]) => row.split('|').map((cell) => cell.trim()));
  t.strictSame(
    rowsOf(section('What ships')).map((cells) => cells.slice(1, 4)),
    shippedFeeds.map((row) => [`\`${row.vendor}\``, `\`${row.product}\``, differences(row)]),
  );
  t.strictSame(
    rowsOf(section('What is read')).map((cells) => cells.slice(1, 3)),
    keys.map((key) => [`\`${yamlKey(key)}\``, listOf(defaultFields[key])]),
  );
});

/** As the page writes them: `received`: `out`, `fsize`; `sent`: none. */
function differences(row: ShippedFeed): string {
  const told = keys
    .filter((key) => row[key] !== undefined)
    .map((key) => `\`${yamlKey(key)}\`: ${listOf(row[key]!)}`);
  if (row.timezone !== undefined) told.push(`\`timezone\`: \`${row.timezone}\``);
  return told.join('; ') || 'as by default';
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ') || 'none';
}

function yamlKey(key: Key): string {
  return key === 'fileType' ? 'file_type' : key;
}

function valuesOf(fields: Fields, profile: FeedProfile): Partial<Record<Key, string>> {
  const values: Partial<Record<Key, string>> = {};
  for (const key of keys) {
    const value = profile[key]
      .map((ref) => ref.indexIn(fields))
      .filter((index) => index >= 0)
      .map((index) => fields.trimmed(index))
      .find((text) => text !== '');
    if (value !== undefined) values[key] = value;
  }
  return values;
}

/** Tests run from a build folder; the sources are above. */
function repository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

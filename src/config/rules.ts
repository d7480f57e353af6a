/** Rules that look at several keys at once, silent where one of the keys is wrong in itself. */
import { isIPv4, isIPv6 } from 'node:net';
import { resolve, sep } from 'node:path';
import type { ConfigProblem, OutputName } from './config.js';
import { quote } from './config-error.js';
import { foldPattern } from './feed-notices.js';
import type { Path } from './issues.js';
import type { Settings } from './schema.js';
import type { Checked } from './settings.js';
import { testProblems } from './test-rules.js';
import { listenerPath } from './tls-listeners.js';
import { formatDuration, hourMs } from './units.js';

interface Rule {
  /** What the rule looks at; the problem is put at the first of these that the file gives. */
  readonly keys: readonly Path[];
  /** What is wrong, '' if nothing. */
  readonly test: (settings: Settings, explicit: Checked['explicit']) => string;
}

interface Listener {
  readonly address: string;
  readonly port: number;
}

const fluentd = ['forward', 'fluentd'];
const syslog = ['forward', 'syslog'];
const file = ['forward', 'file'];

/** Above what is in memory on its way (16 MiB) there must be something to drop. */
const leastToDropFrom = 64 * 1024 * 1024;

const rules: readonly Rule[] = [
  {
    keys: [
      ['listen', 'relp'],
      ['spool', 'path'],
    ],
    test: ({ listen: { relp }, spool: { path } }) =>
      relp.length === 0 || path !== false
        ? ''
        : 'RELP acks what is on disk, so it needs a spool there: give spool.path a directory',
  },
  {
    keys: [['spool', 'path'], syslog, file],
    test: ({ spool: { path }, forward: { syslog: second, file: third } }) =>
      path === false && (second ?? third) !== undefined
        ? 'forward.syslog and forward.file need a spool on disk, so that an outage of one holds nobody up: ' +
          'give spool.path a directory'
        : '',
  },
  ...[fluentd, syslog, file].map(
    (output): Rule => ({
      keys: ['max_size', 'when_full'].map((key) => [...output, 'spool', key]),
      test: ({ forward, spool }, explicit) => {
        const given = forward[output[1] as OutputName]?.spool;
        if (given === undefined) return '';
        const isSecond =
          output !== fluentd && (explicit(fluentd) || (output === file && explicit(syslog)));
        // What is not of its own is told of `spool`.
        if (!isSecond && Object.keys(given).length === 0) return '';
        const { max_size = spool.max_size } = given;
        const { when_full = isSecond ? 'drop_oldest' : spool.when_full } = given;
        return when_full !== 'drop_oldest' || max_size >= leastToDropFrom
          ? ''
          : 'drop_oldest needs a max_size of 64MiB or more';
      },
    }),
  ),
  {
    keys: [
      [...syslog, 'tls'],
      [...syslog, 'protocol'],
    ],
    test: ({ forward: { syslog: given } }) =>
      given === undefined || given.protocol === 'tls' || Object.values(given.tls).every(isDefault)
        ? ''
        : `tls is of no use with protocol: ${given.protocol}; set protocol: tls`,
  },
  {
    keys: ['cert', 'key'].map((key) => [...syslog, 'tls', key]),
    test: ({ forward: { syslog: given } }) =>
      given === undefined || (given.tls.cert === undefined) === (given.tls.key === undefined)
        ? ''
        : 'cert and key belong together',
  },
  {
    keys: ['when_full', 'max_size', 'path'].map((key) => ['spool', key]),
    test: ({ spool: { when_full, max_size, path } }) => {
      if (when_full !== 'drop_oldest') return '';
      if (path === false) return 'drop_oldest needs a spool on disk: give spool.path a directory';
      return max_size >= leastToDropFrom ? '' : 'drop_oldest needs a max_size of 64MiB or more';
    },
  },
  {
    keys: [
      ['spool', 'path'],
      ['baseline', 'path'],
    ],
    test: ({ spool, baseline }) =>
      spool.path === false ? '' : sharedFolder(spool.path, baseline.path),
  },
  {
    keys: [
      ['detection', 'lookback'],
      ['detection', 'holdback'],
    ],
    test: ({ detection: { lookback, holdback } }) =>
      lookback > holdback
        ? ''
        : `lookback (${lookback}h) must be longer than holdback (${holdback}h), its newest part`,
  },
  {
    keys: [
      ['detection', 'max_lateness'],
      ['detection', 'holdback'],
    ],
    test: ({ detection: { max_lateness, holdback } }) =>
      max_lateness <= holdback * hourMs
        ? ''
        : `max_lateness (${formatDuration(max_lateness)}) must not exceed holdback ` +
          `(${holdback}h): an hour that is compared with must not change any more`,
  },
  {
    keys: ['minimum_history', 'lookback', 'holdback'].map((key) => ['detection', key]),
    test: ({ detection: { minimum_history = 0, lookback, holdback } }) =>
      lookback <= holdback || minimum_history <= lookback - holdback
        ? ''
        : `must not exceed lookback minus holdback (${lookback - holdback}h), ` +
          'or nothing ever alerts',
  },
  {
    keys: [
      ['detection', 'jpeg', 'url_suffixes'],
      ['detection', 'jpeg', 'file_types'],
    ],
    test: ({ detection: { jpeg } }) =>
      jpeg.url_suffixes?.length === 0 && jpeg.file_types?.length === 0
        ? 'url_suffixes and file_types are both empty, so nothing is a JPEG'
        : '',
  },
  {
    keys: ['medium', 'high', 'critical'].map((key) => ['detection', 'level', key]),
    test: ({ detection: { level } }) =>
      level.medium <= level.high && level.high <= level.critical
        ? ''
        : `medium (${level.medium}), high (${level.high}) and critical (${level.critical}) must ascend`,
  },
  {
    keys: ['alert_tag', 'tag'].map((key) => [...fluentd, key]),
    test: ({ forward: { fluentd: given } }) =>
      given.tag === given.alert_tag
        ? `tag and alert_tag are both ${quote(given.tag)}: Fluentd could not tell alerts apart`
        : '',
  },
  ...['shared_key', 'password'].map(
    (key): Rule => ({
      keys: [
        [...fluentd, `${key}_file`],
        [...fluentd, key],
      ],
      test: ({ forward }) => {
        const given: Readonly<Record<string, unknown>> = forward.fluentd;
        return given[key] !== undefined && given[`${key}_file`] !== undefined
          ? `${key} and ${key}_file are both given; one is enough`
          : '';
      },
    }),
  ),
  {
    keys: ['token_file', 'token'].map((key) => ['admin', key]),
    test: ({ admin }) =>
      admin !== false && admin.token !== undefined && admin.token_file !== undefined
        ? 'token and token_file are both given; one is enough'
        : '',
  },
  {
    keys: ['port', 'address'].map((key) => ['admin', key]),
    test: ({ admin, listen: { tcp, tls, relp } }) =>
      admin !== false &&
      admin.port !== 0 &&
      [...tcp, ...tls, ...relp].some((listener) => clash(admin, listener))
        ? `port ${admin.port} is that of a listener for syslog`
        : '',
  },
  {
    keys: ['username', 'password', 'password_file'].map((key) => [...fluentd, key]),
    test: ({ forward: { fluentd: given } }) =>
      (given.username === undefined) === ((given.password ?? given.password_file) === undefined)
        ? ''
        : 'username and password (or password_file) belong together',
  },
  {
    keys: ['username', 'shared_key', 'shared_key_file'].map((key) => [...fluentd, key]),
    test: ({ forward: { fluentd: given } }) =>
      given.username === undefined || (given.shared_key ?? given.shared_key_file) !== undefined
        ? ''
        : 'a username needs a shared_key too: the Forward protocol has no login without it',
  },
  {
    keys: ['cert', 'key'].map((key) => [...fluentd, 'tls', key]),
    test: ({
      forward: {
        fluentd: { tls },
      },
    }) =>
      tls === false || (tls.cert === undefined) === (tls.key === undefined)
        ? ''
        : 'cert and key belong together',
  },
  {
    keys: [[...fluentd, 'tls', 'key_passphrase_file']],
    test: ({
      forward: {
        fluentd: { tls },
      },
    }) =>
      tls === false || tls.key_passphrase_file === undefined || tls.key !== undefined
        ? ''
        : 'key_passphrase_file is of no use without a key',
  },
];

/** Of `tls`: as if it was not given. */
const isDefault = (value: unknown): boolean => value === undefined || value === true;

/** Why two directories cannot be those of spool and baseline, '' if they can. As written: links are not followed. */
function sharedFolder(spool: string, baseline: string): string {
  const [a, b] = [resolve(spool), resolve(baseline)];
  const each = 'each needs a directory of its own';
  if (a === b) return `spool.path and baseline.path are the same directory; ${each}`;
  if (isBelow(a, b)) return `spool.path is inside baseline.path; ${each}`;
  return isBelow(b, a) ? `baseline.path is inside spool.path; ${each}` : '';
}

function isBelow(inner: string, outer: string): boolean {
  return inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** Names in any case, with or without the last dot, are one host. */
function serverKey({ host, port }: Settings['forward']['fluentd']['servers'][number]): string {
  return JSON.stringify([host.toLowerCase().replace(/\.$/, ''), port]);
}

const namesWithoutCa =
  'client_names asks for nothing without client_ca: no sender is asked for a certificate';

/** Paths are those of the file. */
export function checkRules(checked: Checked): ConfigProblem[] {
  const { settings } = checked;
  const broken = rules.flatMap(({ keys, test }) => {
    const message = keys.some(checked.suspect) ? '' : test(settings, checked.explicit);
    return message === '' ? [] : [{ path: keys.find(checked.explicit) ?? keys[0]!, message }];
  });
  const twice = [
    ...repeated(settings.exclusions, ({ name }) => name).map((index) => ({
      path: ['exclusions', index, 'name'],
      message: 'another exclusion has this name',
    })),
    ...repeated(settings.feeds, ({ vendor, product }) =>
      JSON.stringify([foldPattern(vendor), foldPattern(product)]),
    ).map((index) => ({
      path: ['feeds', index],
      message: 'another entry has this vendor and product, and the first that fits counts',
    })),
    ...settings.listen.tls.flatMap(({ client_ca, client_names }, index) =>
      client_names.length === 0 || client_ca !== undefined
        ? []
        : [
            {
              path: [...listenerPath(checked, 'tls', index), 'client_names'],
              message: namesWithoutCa,
            },
          ],
    ),
    ...repeated(settings.tests, ({ name }) => name).map((index) => ({
      path: ['tests', index, 'name'],
      message: 'another test has this name',
    })),
    ...repeated(settings.forward.fluentd.servers, serverKey).map((index) => ({
      path: [...fluentd, 'servers', index],
      message: 'another entry has this host and port: it would stand by for itself',
    })),
    ...testProblems(settings),
    ...sameListeners(checked, ['udp']),
    ...sameListeners(checked, ['tcp', 'tls', 'relp']),
  ];
  return [...broken, ...twice.map((p) => ({ ...p, path: checked.sourcePath(p.path) }))];
}

type ListenKey = 'udp' | 'tcp' | 'tls' | 'relp';

/** Listeners that cannot start because an earlier one takes their port. @param kinds that share ports */
function sameListeners(checked: Checked, kinds: readonly ListenKey[]): ConfigProblem[] {
  const { settings, suspect } = checked;
  const taken: (Listener & { readonly kind: ListenKey })[] = [];
  const all = kinds.flatMap((kind) =>
    settings.listen[kind].map((listener: Listener, index) => ({ kind, listener, index })),
  );
  return all.flatMap(({ kind, listener: { address, port }, index }) => {
    const path = listenerPath(checked, kind, index);
    if (port === 0 || suspect(path)) return [];
    const earlier = taken.find((other) => clash({ address, port }, other));
    taken.push({ kind, address, port });
    if (earlier === undefined) return [];
    const which = earlier.kind === kind ? `another ${kind}` : `a ${earlier.kind}`;
    const message =
      earlier.address === address
        ? `${which} listener has this address and port`
        : `${which} listener has this port, and ${overlap(earlier.address, address)}`;
    return [{ path, message }];
  });
}

/** `::` takes the port on IPv4 too, also where the machine has no IPv6 (input/listen.ts). */
function clash(a: Listener, b: Listener): boolean {
  if (a.port !== b.port) return false;
  return a.address === b.address || covers(a.address, b.address) || covers(b.address, a.address);
}

function covers(address: string, other: string): boolean {
  return allZero.test(address) && (isIPv6(address) || isIPv4(other));
}

/** `::` and `0.0.0.0` in any spelling. */
const allZero = /^[0:.]+$/;

function overlap(a: string, b: string): string {
  const [wide, narrow] = covers(a, b) ? [a, b] : [b, a];
  return `${wide} stands for ${narrow} too; one of them is enough`;
}

/** Indexes of the items whose key an earlier item has; null is no key. */
function repeated<Item>(
  items: readonly Item[],
  keyOf: (item: Item, index: number) => string | null,
): number[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOf(item, index);
    if (key === null) return [];
    if (seen.has(key)) return [index];
    seen.add(key);
    return [];
  });
}

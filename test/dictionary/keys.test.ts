/**
 * Holds the dictionary's table against itself and against Microsoft's mapping page as gathered in
 * ../shared/cef-name-mapping.tsv, with the corrections that the table's real schema calls for.
 */
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { headerNames } from '../../src/dictionary/header-names.js';
import { keyRows } from '../../src/dictionary/keys.js';

const mapping = '../shared/cef-name-mapping.tsv';

/** The page's names -> the table's names: other letters' case, and columns that were replaced. */
const corrections: Readonly<Record<string, string>> = {
  deviceExternalId: 'DeviceExternalID',
  DestinationMacAddress: 'DestinationMACAddress',
  SourceMacAddress: 'SourceMACAddress',
  DestinationUserId: 'DestinationUserID',
  'Process ID': 'ProcessID',
  OldFileId: 'OldFileID',
  deviceCustomFloatingPoint1Label: 'DeviceCustomFloatingPoint1Label',
  deviceCustomFloatingPoint2Label: 'DeviceCustomFloatingPoint2Label',
  deviceCustomFloatingPoint3Label: 'DeviceCustomFloatingPoint3Label',
  deviceCustomFloatingPoint4Label: 'DeviceCustomFloatingPoint4Label',
  ExternalID: 'ExtID',
  DeviceCustomNumber1: 'FieldDeviceCustomNumber1',
  DeviceCustomNumber2: 'FieldDeviceCustomNumber2',
  DeviceCustomNumber3: 'FieldDeviceCustomNumber3',
};
/** Columns of the table that the page does not give a key for. */
const beyondThePage = ['EndTime', 'StartTime'];
/** Columns of the page that the header fills. */
const ofTheHeader = headerNames.map((h) => h.column).filter((column) => column !== '');

const skip =
  existsSync(mapping) || process.env.STEGWATCH_REQUIRE_PEERS === '1'
    ? false
    : `${mapping} is not there`;

t.test('columns are those of the mapping page, corrected', { skip }, async (t) => {
  const page = new Map<string, string>();
  for (const line of readFileSync(mapping, 'utf8').trim().split('\n').slice(1)) {
    const [key, column] = line.split('\t') as [string, string];
    page.set(key === 'Request' ? 'request' : key, corrections[column] ?? column);
  }
  const ours = new Map(keyRows.filter((row) => row[2] !== '').map((row) => [row[0], row[2]]));
  let compared = 0;
  for (const [key, column] of page) {
    if (ofTheHeader.includes(column)) continue;
    t.equal(ours.get(key), column, key);
    compared++;
  }
  t.ok(compared > 120, `${compared} rows compared`);
  const beyond = [...ours].filter(([key]) => !page.has(key)).map(([, column]) => column);
  t.strictSame(beyond.sort(), beyondThePage);
});

t.test('no key, full name or column is given twice, whatever its case', async (t) => {
  for (const [what, position] of [
    ['key', 0],
    ['full name', 1],
    ['column', 2],
  ] as const) {
    const seen = new Set<string>();
    for (const row of keyRows) {
      const name = row[position].toLowerCase();
      if (name === '') continue;
      t.notOk(seen.has(name), `${what} ${name}`);
      seen.add(name);
    }
  }
});

t.test('every key has a full name, but the one that is not CEF', async (t) => {
  t.strictSame(
    keyRows.filter((row) => row[1] === '').map((row) => row[0]),
    ['Host'],
  );
});

t.test('a key is what a CEF key may be', async (t) => {
  for (const [key] of keyRows) t.match(key, /^[A-Za-z][A-Za-z0-9]*$/);
});

t.test('types are those of the CEF dictionary', async (t) => {
  const ofType = (type: string) =>
    keyRows
      .filter((row) => row[4] === type)
      .map((row) => row[0])
      .sort();
  t.strictSame(ofType('integer'), [
    'cn1',
    'cn2',
    'cn3',
    'cnt',
    'destinationTranslatedPort',
    'deviceDirection',
    'dpid',
    'dpt',
    'dvcpid',
    'eventId',
    'flexNumber1',
    'flexNumber2',
    'fsize',
    'in',
    'oldFileSize',
    'out',
    'sourceTranslatedPort',
    'spid',
    'spt',
    'type',
  ]);
  t.strictSame(ofType('float'), ['cfp1', 'cfp2', 'cfp3', 'cfp4', 'dlat', 'dlong', 'slat', 'slong']);
});

t.test('ECS fields are those of the CEF codec', async (t) => {
  const ecs = new Map(keyRows.map((row) => [row[0], row[3]]));
  const expected = {
    in: 'source.bytes',
    out: 'destination.bytes',
    dhost: 'destination.domain',
    request: 'url.original',
    fileType: 'file.extension',
    fname: 'file.name',
    suser: 'source.user.name',
    requestClientApplication: 'user_agent.original',
    requestContext: 'http.request.referrer',
    rt: '@timestamp',
    dtz: 'event.timezone',
  };
  for (const [key, field] of Object.entries(expected)) t.equal(ecs.get(key), field, key);
  for (const [key, field] of ecs) t.match(field, /^(@timestamp|[a-z_0-9]+(\.[a-z_0-9]+)*)?$/, key);
});

import t from 'tap';
import { resolveField } from '../../../src/detect/exclusions/field-names.js';
import type { Source } from '../../../src/detect/exclusions/field-sources.js';
import { genericFields } from '../../../src/detect/exclusions/generic-fields.js';
import { keys } from '../../../src/dictionary/dictionary.js';
import { headerNames } from '../../../src/dictionary/header-names.js';
import { facts, matcher, matches, problemsOf } from './try-exclusion.js';

/** Ids of the sources of a name; fails on a name that is not known. */
function sourcesOf(name: string): readonly string[] {
  const found = resolveField(name);
  if (typeof found === 'string') throw new Error(found);
  return found.map(({ id }: Source) => id);
}

/** The judged URL is `request`. */
function reads(ids: readonly string[], key: string): boolean {
  return ids.includes(key) || (key === 'request' && ids.includes('judged url'));
}

t.test('every key of the dictionary is found by each of its names, in any case', async (t) => {
  const names = new Set<string>();
  for (const { id, key, fullName, column, ecs } of keys) {
    if (id === 0) continue;
    t.strictSame(sourcesOf(key), [key], key);
    for (const name of [key, fullName, column, ecs].filter((name) => name !== '')) {
      names.add(name);
      t.ok(reads(sourcesOf(name), key), `${name} reads ${key}`);
    }
    if (fullName !== '') t.strictSame(sourcesOf(fullName), [key], fullName);
    if (column !== '') t.strictSame(sourcesOf(column), [key], column);
  }
  t.ok(names.size > 350, `${names.size} names`);
  t.strictSame(sourcesOf('SOURCEPROCESSNAME'), ['sproc']);
  t.strictSame(sourcesOf('Sproc'), ['sproc']);
});

t.test('header fields are found by record name, full name, column and ECS name', async (t) => {
  for (const { record, fullName, column, ecs } of headerNames) {
    for (const name of [record, fullName, column, ecs].filter((name) => name !== '')) {
      t.strictSame(sourcesOf(name), [record], name);
    }
  }
  t.strictSame(sourcesOf('Device Vendor'), ['device_vendor']);
  const header = {
    vendor: 'Zsc|aler',
    product: 'NSS',
    classId: '7',
    name: 'Allowed',
    severity: '3',
  };
  const event = facts({}, { header });
  t.ok(matcher({ DeviceVendor: 'zsc|aler', DeviceProduct: 'nss' })(event));
  t.ok(matcher({ device_event_class_id: 7, 'LogSeverity|gte': 3, Activity: 'allowed' })(event));
  t.notOk(matcher({ name: 'blocked' })(event));
  t.ok(matcher({ device_version: null })(event));
});

t.test('Host is the CEF key, host the judged host of the alert', async (t) => {
  t.strictSame(sourcesOf('Host'), ['Host']);
  t.strictSame(sourcesOf('host'), ['judged host']);
  t.strictSame(sourcesOf('FileName'), ['fname']);
  t.ok(sourcesOf('filename').includes('judged filename'));
});

t.test('a generic name holds every key that the dictionary gives its ECS name', async (t) => {
  for (const [name, sources] of genericFields) {
    const ids = sources.map(({ id }) => id);
    t.equal(new Set(ids).size, ids.length, `${name} reads nothing twice`);
    for (const { key } of keys.filter(({ ecs }) => ecs === name)) {
      t.ok(reads(ids, key), `${name} reads ${key}`);
    }
  }
});

t.test('five ways name the same field', async (t) => {
  const event = { sproc: 'gimp.exe', cs1Label: 'Process', cs1: 'gimp.exe' };
  const ways = ['sproc', 'sourceProcessName', 'SourceProcessName', 'process.name', 'label:process'];
  for (const name of [...ways, 'process_name']) {
    t.ok(matches({ [name]: 'GIMP.exe' }, event), name);
    t.notOk(matches({ [name]: 'krita' }, event), name);
    t.notOk(matches({ [name]: 'gimp.exe' }, { act: 'gimp.exe' }), name);
  }
});

t.test('an unknown name is a problem with the nearest name, at the key', async (t) => {
  const wrong: readonly [string, string][] = [
    ['proces.name', 'process.name'],
    ['sproq', 'sproc'],
    ['SPROQ', 'sproc'],
    ['SourceProcesName', 'SourceProcessName'],
    ['sourceProcesName', 'sourceProcessName'],
    ['process.parent.nam', 'process.parent.name'],
    ['destination.domian', 'destination.domain'],
    ['user_agent', 'user_agent.original'],
    ['userAgent', 'user_agent.original'],
    ['url.orginal', 'url.original'],
    ['filetype_', 'fileType'],
  ];
  for (const [name, nearest] of wrong) {
    const [problem, ...rest] = problemsOf({ [`${name}|contains`]: 'x' });
    t.equal(rest.length, 0);
    t.equal(problem![0], `${name}|contains`);
    t.match(problem![1], `unknown field "${name}"; the nearest name is `);
    t.match(problem![1], `name is "${nearest}"`);
    t.equal(problem![2], true);
  }
  t.match(problemsOf({ '': 'x' })[0], ['', /field name is missing/, true]);
  t.match(problemsOf({ '|contains': 'x' })[0], ['|contains', /field name is missing/, true]);
});

t.test(
  'a name that is near to none gets no guess, but the place where they are listed',
  async (t) => {
    for (const name of ['browser', 'referrer_policy', 'sandbox', 'x', 'colour_of_the_sky']) {
      const [problem] = problemsOf({ [name]: 'x' });
      t.match(problem![1], `unknown field "${name}"; docs/exclusions.md lists the names (the text`);
    }
    t.match(problemsOf({ 'msg|foo': 'x' })[0]![1], 'unknown modifier "foo"; there are contains, ');
    t.match(problemsOf({ 'msg|contians': 'x' })[0]![1], 'the nearest is "contains"');
  },
);

t.test('names of JavaScript objects are just unknown fields', async (t) => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__']) {
    const match = JSON.parse(`{ ${JSON.stringify(name)}: "x" }`);
    t.match(problemsOf(match), [[name, /unknown field/, true]], name);
  }
  const event = facts([
    ['__proto__', 'polluted'],
    ['constructor', 'c'],
    ['cs1Label', '__proto__'],
    ['cs1', 'v'],
  ]);
  t.ok(
    matcher({ 'key:__proto__': 'polluted', 'label:__proto__': 'v', 'key:constructor': 'c' })(event),
  );
  t.notOk(matcher({ 'key:toString|exists': true })(event));
  t.equal(({} as { polluted?: string }).polluted, undefined);
});

t.test('a very long wrong name costs no more than a short one', async (t) => {
  const [problem] = problemsOf({ ['x'.repeat(1_000_000)]: 'x' });
  t.match(problem![1], /unknown field "x{100}…"/);
  t.ok(problem![1].length < 400);
});

t.test('a custom label is found by its text, whatever its case and number', async (t) => {
  const department = { 'label:Department': 'Marketing' };
  t.ok(matches(department, { cs1Label: 'department', cs1: 'MARKETING' }));
  t.ok(matches(department, { cs4Label: ' DEPARTMENT ', cs4: 'Marketing' }));
  t.ok(matches(department, { cs67Label: 'Department', cs67: 'Marketing' }));
  t.ok(matches(department, { cs6label: 'Department', cs6: 'Marketing' }));
  t.ok(matches(department, { flexString1Label: 'Department', flexString1: 'Marketing' }));
  t.ok(matches({ 'label:Score|gt': 50 }, { cn1Label: 'score', cn1: '51' }));
  t.notOk(matches(department, { cs1Label: 'Department', cs2: 'Marketing' }));
  t.notOk(matches(department, { cs1Label: 'Departments', cs1: 'Marketing' }));
  t.notOk(matches(department, { Department: 'Marketing' }));
  t.notOk(matches(department, { Label: 'Department', '': 'Marketing' }));
  t.ok(matches({ 'label:Department|exists': false }, { cs1Label: 'Department' }));
});

t.test('a bare name with a blank is a label; label: and key: need a name', async (t) => {
  t.ok(matches({ 'Threat Score': 7 }, { cs1Label: 'Threat Score', cs1: '7' }));
  t.notOk(matches({ 'Threat Score': 7 }, { cs1Label: 'Score', cs1: '7' }));
  t.match(problemsOf({ 'label:': 'x' })[0], ['label:', /label: needs a name/, true]);
  t.match(problemsOf({ 'key: ': 'x' })[0], ['key: ', /key: needs a name/, true]);
});

t.test("key: names a vendor's own key, and a key of the dictionary too", async (t) => {
  t.ok(matches({ 'key:PanOSURLDomain|domain': 'a.example' }, { panosurldomain: 'x.a.example' }));
  t.notOk(matches({ 'key:PanOSURLDomain': 'x' }, { PanOSURLDomain2: 'x' }));
  t.ok(matches({ 'key:SUSER': 'x' }, { suser: 'x' }));
});

t.test('a generic name matches if any of its fields does; absence needs all of them', async (t) => {
  for (const key of ['sproc', 'dproc', 'deviceProcessName']) {
    t.ok(matches({ 'process.name': 'gimp' }, { [key]: 'gimp' }), key);
    t.notOk(matches({ 'process.name': null }, { [key]: 'gimp' }), key);
    t.notOk(matches({ 'process.name|exists': false }, { [key]: 'gimp' }), key);
    t.ok(matches({ 'process.name|exists': true }, { [key]: 'gimp' }), key);
  }
  t.ok(matches({ 'process.name': null }, { sproc: '' }));
  t.ok(matches({ 'process.name': 'b' }, { sproc: 'a', dproc: 'b' }));
  const both = { 'process.name|contains|all': ['a', 'b'] };
  t.notOk(matches(both, { sproc: 'a', dproc: 'b' }), 'one value must hold all of it');
  t.ok(matches(both, { sproc: 'x', dproc: 'b a' }));
});

t.test('a process is found by name and by path', async (t) => {
  const paths = ['C:\\Program Files\\GIMP\\gimp.exe', '/usr/bin/gimp.exe', 'gimp.exe'];
  for (const path of paths) t.ok(matches({ process_name: 'gimp.exe' }, { sproc: path }), path);
  t.notOk(matches({ process_name: 'gimp.exe' }, { sproc: 'C:\\gimp.exe\\x.exe' }));
  t.ok(matches({ 'process.name|startswith': 'c:\\program' }, { sproc: paths[0]! }));
  t.notOk(matches({ sproc: 'gimp.exe' }, { sproc: paths[0]! }), 'the CEF key is the value itself');
});

t.test(
  'the file name is that of the URL, with and without query, or that of a file key',
  async (t) => {
    const rule = { file_name: 'report.jpg' };
    for (const request of [
      'http://h/a/report.jpg',
      'h/report.jpg?w=1',
      'report.jpg',
      '/report.jpg#f',
    ]) {
      t.ok(matches(rule, { request }), request);
    }
    t.ok(matches(rule, { fname: 'C:\\x\\report.jpg' }));
    t.ok(matches(rule, { filePath: '/srv/report.jpg' }));
    t.notOk(matches(rule, { request: 'http://h/xreport.jpg' }));
    t.notOk(matches(rule, { request: 'http://h/report.jpg/x.jpg' }));
    t.ok(matches({ filename: 'report.jpg?w=1' }, { request: 'h/report.jpg?w=1' }));
  },
);

t.test('the extension is found with and without its dot', async (t) => {
  for (const value of ['jpg', '.jpg', 'JPG']) {
    t.ok(matches({ file_extension: value }, { request: 'http://h/a.JPG?x=1.png' }), value);
    t.ok(matches({ 'file.extension': value }, { fname: 'a.jpg' }), value);
    t.ok(matches({ file_extension: value }, { fileType: 'jpg' }), value);
    t.notOk(matches({ file_extension: value }, { request: 'http://h/ajpg' }), value);
    t.notOk(matches({ file_extension: value }, { request: 'http://h/a.jpgx' }), value);
  }
  t.ok(matches({ 'url.extension': '.jpg' }, { request: 'h/a.jpg' }));
  t.ok(matches({ file_extension: 'Jpeg Files' }, { fileType: 'Jpeg Files' }));
});

t.test('parts of the URL', async (t) => {
  const request = 'https://user@img.example.com:8443/a/b.jpg?q=1&r=2#f';
  const parts = { 'url.domain': 'img.example.com', 'url.path': '/a/b.jpg', 'url.query': 'q=1&r=2' };
  t.ok(
    matches({ ...parts, 'url.extension': 'jpg', url: request, 'url.full': request }, { request }),
  );
  t.ok(matches({ 'url.domain': null }, { request: '/a.jpg' }));
  t.ok(matches({ 'url.domain': '::1' }, { request: 'http://[::1]:80/a.jpg' }));
  t.ok(matches({ 'url.domain': 'ebay.com' }, { request: 'ebay.com/' }));
});

t.test(
  'destination and source look at every field for the server and for the client',
  async (t) => {
    for (const key of ['dhost', 'dst', 'destinationDnsDomain', 'destinationServiceName']) {
      t.ok(matches({ destination: 'a.example' }, { [key]: 'a.example' }), key);
    }
    t.ok(matches({ 'destination|domain': 'a.example' }, { request: 'http://x.a.example/' }));
    t.ok(matcher({ destination: 'fallback' })(facts({}, { host: 'fallback' })), 'the judged host');
    t.notOk(matches({ destination: 'a.example' }, { shost: 'a.example', src: 'a.example' }));
    for (const key of ['src', 'shost', 'sourceTranslatedAddress', 'filePath', 'fname']) {
      t.ok(matches({ source: 'x' }, { [key]: 'x' }), key);
    }
    t.notOk(matches({ source: 'x' }, { dhost: 'x', dst: 'x', request: 'x' }));
    t.ok(
      matches(
        { 'source.ip|cidr': '2001:db8::/32' },
        { c6a2Label: 'Source IPv6 Address', c6a2: '2001:db8::5' },
      ),
    );
  },
);

t.test('who sent the event: peer, syslog host and app', async (t) => {
  const event = facts({}, { peer: '192.0.2.9', hostname: 'proxy1', appName: 'nss' });
  t.ok(matcher({ 'peer|cidr': '192.0.2.0/24', 'syslog.hostname': 'PROXY1' })(event));
  t.ok(matcher({ 'syslog.app_name': 'nss' })(event));
  t.notOk(matcher({ 'peer|cidr': '10.0.0.0/8' })(event));
  t.ok(matcher({ 'syslog.hostname': null })(facts({})));
});

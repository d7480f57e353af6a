/**
 * Holds the direction of dependencies: data goes one way, and so do imports. The table below is the
 * architecture; docs/ARCHITECTURE.md draws it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const src = join(repository(), 'src');

/** What every stage may stand on: the seams, the data that flows, the dictionary, the platform. */
const ground = [
  'stages',
  'fields',
  'feed',
  'verdict',
  'cef-text',
  'hour',
  'nearest-rank',
  'errors',
  'nearest',
  'dictionary',
  'platform',
  'observe',
];

/** Folder or top-level file -> what it may import. `type:x` allows types of x only. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  nearest: [],
  platform: ['errors'],
  observe: ['errors', 'platform'],
  dictionary: [],
  'cef-text': [],
  fields: ['dictionary', 'cef-text'],
  feed: ['type:fields'],
  verdict: [],
  hour: [],
  'nearest-rank': [],
  stages: ['type:fields', 'type:feed', 'type:verdict'],
  config: ['errors', 'nearest', 'dictionary', 'platform'],
  input: [...ground, 'framing', 'type:config'],
  framing: [...ground, 'type:config'],
  decode: [...ground, 'type:config'],
  feeds: [...ground, 'type:config'],
  detect: [...ground, 'type:config'],
  baseline: [...ground, 'type:config'],
  encode: [...ground, 'type:config'],
  batch: [...ground, 'type:config'],
  spool: [...ground, 'type:config'],
  output: [...ground, 'type:config'],
  admin: [...ground, 'type:config'],
};
/** The top: they know the stages, no stage knows them. */
const top = new Set(['cli', 'commands', 'pipeline']);

t.test('a stage imports the ground, types of the config, and never another stage', async (t) => {
  const broken: string[] = [];
  let seen = 0;
  for (const file of sources(src)) {
    const from = roomOf(file);
    for (const { to, typeOnly } of importsOf(file)) {
      seen++;
      if (from === to || top.has(from)) {
        if (!top.has(from) || from !== 'pipeline' || to !== 'commands') continue;
      }
      const rules = allowed[from];
      const fine = rules?.includes(to) || (typeOnly && rules?.includes(`type:${to}`));
      if (!fine) broken.push(`${relative(src, file)} imports ${to}`);
    }
  }
  t.ok(seen > 50, `read ${seen} imports`);
  t.strictSame(broken, []);
});

t.test('every folder of src has its place in the table', async (t) => {
  const unknown = readdirSync(src)
    .map((name) => name.replace(/\.ts$/, ''))
    .filter((room) => !(room in allowed) && !top.has(room));
  t.strictSame(unknown, []);
});

t.test('no source file is longer than 400 lines', async (t) => {
  const long = [...sources(src)]
    .map((file) => ({
      file: relative(src, file),
      lines: readFileSync(file, 'utf8').split('\n').length,
    }))
    .filter(({ file, lines }) => lines > 401 && !file.startsWith('dictionary'));
  t.strictSame(long, []);
});

t.test('detect and baseline read no wall clock', async (t) => {
  const readers = [...sources(join(src, 'detect')), ...sources(join(src, 'baseline'))]
    .filter((file) =>
      /Date\.now\(|new Date\(\)|performance\.now\(/.test(readFileSync(file, 'utf8')),
    )
    .map((file) => relative(src, file));
  t.strictSame(readers, []);
});

t.test('a test that tears something down keeps its folder until then', async (t) => {
  const early = [...sources(join(repository(), 'test'))]
    .filter((file) => !/support.folder\.ts$/.test(file))
    .filter((file) => {
      const text = readFileSync(file, 'utf8');
      return /teardown|Fluentd\.|startSidecar/.test(text) && /\bt\.testdir\(/.test(text);
    })
    .map((file) => relative(src, file));
  t.strictSame(early, []);
});

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

function roomOf(file: string): string {
  return relative(src, file).split(sep)[0]!.replace(/\.ts$/, '');
}

function* importsOf(file: string): Generator<{ to: string; typeOnly: boolean }> {
  const text = readFileSync(file, 'utf8');
  const pattern =
    /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gms;
  for (const [, type, from, dynamic] of text.matchAll(pattern)) {
    const target = join(dirname(file), (from ?? dynamic)!.replace(/\.js$/, '.ts'));
    yield { to: roomOf(target), typeOnly: type !== undefined };
  }
}

/** Tests run from build/test; the sources are two levels up. */
function repository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!readdirSync(folder).includes('package.json')) folder = dirname(folder);
  return folder;
}

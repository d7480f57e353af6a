/** Documents lead to each other, and to what is there: links, headings, files, metrics; none stands alone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import { documentedMetrics } from '../support/metrics.js';
import { documents, linesOf, read, root } from './documents.js';

interface Link {
  /** From the root; that of the document itself for `#heading`. */
  readonly target: string;
  readonly heading: string;
  readonly words: string;
}

function linksOf(document: string): Link[] {
  const links = read(document).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g);
  return [...links].map(([words, path = '', heading = '']) => ({
    target: path === '' ? document : normalize(join(dirname(document), path)),
    heading,
    words,
  }));
}

/** As GitHub makes them. */
function headingsOf(document: string): Set<string> {
  const headings = linesOf(read(document))
    .filter(({ language, text }) => language === null && /^#+ /.test(text))
    .map(({ text }) =>
      text
        .replace(/^#+ /, '')
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    );
  return new Set(headings);
}

t.test('every local link leads to a file, and to a heading of it', async (t) => {
  for (const document of documents) {
    for (const { target, heading, words } of linksOf(document)) {
      if (!existsSync(join(root, target))) t.fail(`${document}: ${words}: no such file`);
      else if (heading !== '' && !headingsOf(target).has(heading))
        t.fail(`${document}: ${words}: no such heading`);
    }
  }
});

t.test('nothing of a merge is left in a document, a config or an example', async (t) => {
  const others = ['config', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(yaml|conf|service|json)$/.test(file))
      .map((file) => join(folder, file)),
  );
  for (const file of [...documents, ...others]) t.notMatch(read(file), /^(<{7}|>{7}) /m, file);
});

t.test('every document is reached from the README', async (t) => {
  const reached = new Set<string>();
  const walk = (document: string): void => {
    if (reached.has(document)) return;
    reached.add(document);
    for (const { target } of linksOf(document)) if (documents.includes(target)) walk(target);
  };
  walk('README.md');
  t.strictSame(
    documents.filter((document) => !reached.has(document)),
    [],
  );
});

t.test('the first screen of the README sends each of its readers to a document', async (t) => {
  const screen = read('README.md').split('\n').slice(0, 26).join('\n');
  const readers = [...screen.matchAll(/^\| \*\*(\w+) it\*\*.* \| .*\]\((\S+)\)/gm)];
  t.strictSame(
    readers.map(([, verb]) => verb),
    ['try', 'deploy', 'tune', 'debug', 'change'],
  );
});

t.test('an index has each document of its folder', async (t) => {
  for (const folder of ['docs', 'docs/adr']) {
    const index = join(folder, 'README.md');
    const listed = new Set(linksOf(index).map(({ target }) => target));
    for (const document of documents) {
      if (dirname(document) === folder && document !== index)
        t.ok(listed.has(document), `${index}: ${document}`);
    }
  }
  for (const { target } of linksOf('docs/adr/README.md').filter(({ words }) => /\(0/.test(words))) {
    const [, number, title] = /^# (\d+)\. (.*)\n/.exec(read(target))!;
    t.match(read('docs/adr/README.md'), `| ${number} | [${title}](`);
  }
});

t.test('examples/README.md has each example, and the routes into SIEMs theirs', async (t) => {
  for (const folder of ['examples', 'examples/fluentd']) {
    const index = join(folder, 'README.md');
    const lines = read(index)
      .split('\n')
      .filter((line) => line.startsWith('| '));
    for (const name of readdirSync(join(root, folder))) {
      if (name === 'README.md') continue;
      const listed = lines.filter((line) =>
        linkTargets(line).some((path) => path.split('/')[0] === name),
      );
      t.ok(listed.length > 0, `${index}: ${name}`);
    }
  }
});

const linkTargets = (line: string): string[] =>
  [...line.matchAll(/\]\(([^)]*)\)/g)].map(([, path]) => path!);

t.test('every file of the repository that is named in a document exists', async (t) => {
  for (const document of documents.filter((one) => one !== 'CHANGELOG.md')) {
    const named = read(document).matchAll(/`((?:src|test|bench|config|examples|docs)\/[\w./-]+)`/g);
    for (const [, path] of named) t.ok(existsSync(join(root, path!)), `${document}: ${path}`);
  }
});

t.test('every file that is named at the head of a config or an example exists', async (t) => {
  const files = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(yaml|conf|service)$/.test(file))
    .map((file) => join('examples', file));
  for (const file of ['config/stegwatch.yaml', 'Dockerfile', ...files]) {
    const comments = readFileSync(join(root, file), 'utf8').matchAll(/^\s*#.*$/gm);
    for (const [comment] of comments) {
      const named = comment.matchAll(/(?<![\w/.-])(?:docs|examples|config)\/[\w./-]*\w/g);
      for (const [path] of named) t.ok(existsSync(join(root, path)), `${file}: ${path}`);
    }
  }
});

t.test('every metric that a document names is one', async (t) => {
  const metrics = documentedMetrics(read('docs/metrics.md')).map(({ name }) => name);
  for (const document of documents.filter((one) => one !== 'CHANGELOG.md')) {
    for (const [name] of read(document).matchAll(/\bstegwatch_\w+[a-z]\b/g)) {
      if (/^stegwatch_(tap|raw|filter|alert|event)/.test(name) && !metrics.includes(name)) continue;
      t.ok(metrics.includes(name), `${document}: ${name}`);
    }
  }
});

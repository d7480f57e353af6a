/**
 * Every command in a block of `sh` of every document is run here, or `elsewhere.ts` says where else, or why it cannot be. A
 * command that stands outside of such a block is a mistake, for nobody would run it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { exitCodes } from '../../src/errors.js';
import { findProgram, missing } from '../support/peers.js';
import { cliPath } from '../support/stegwatch.js';
import { type Command, commandsOf, documents, linesOf, read, root } from './documents.js';
import { type Elsewhere, elsewhere } from './elsewhere.js';
import { Stage } from './stage.js';

t.setTimeout(300_000);

/** What goes on for ever, and what it says once it is at work. */
const endless: readonly (readonly [RegExp, RegExp])[] = [
  [/ run -c /, /"started"/],
  [/^tail -F /, /times the 95th percentile/],
];
/** Of some it is known what they must say. */
const says: readonly (readonly [RegExp, RegExp])[] = [
  [/ validate -c /, /recommended/],
  [/ explain .*-c stegwatch\.yaml/, /^(ALERT high: photo\.jpg|no alert: )/m],
  [/ hunt .*\| jq/, /photo\.jpg \(85\.8 MiB\) from new\.example is/],
  [/ learn -c /, /the baseline is ready/],
  [/\.inputs\[\]/, /"listening":true/],
  [/\.outputs\[\]/, /"connect_failures":[1-9]/],
  [/select\(\.code\)/, /CONNECT_FAILED .*127\.0\.0\.1:1/],
  [/\.baselines\[\] \| "/, /download: ready/],
  [/\.feeds\[\]/, /Example Proxy: too few/],
  [/\.alerts\[\]\.host/, /1 live\.example/],
  [/inspect$/, /Spool in data\/spool\/fluentd|not there|no spool/],
  [/^stegwatch health/, /^ready/],
  [/ filter .*--protocol lines$/, /"alert":/],
];
/** Not everybody has them. */
const programs = ['curl', 'jq', 'openssl', 'ss'] as const;

const place = ({ document, line, text }: Command): string => `${document}:${line}: ${text}`;
const commands = documents.flatMap(commandsOf);

function excuseOf({ document, text }: Command): Elsewhere | undefined {
  return elsewhere.find(
    (one) =>
      document.startsWith(one.document) && one.begins.some((begins) => text.startsWith(begins)),
  );
}

t.test('what is said to be run elsewhere is in a document, and the test is there', async (t) => {
  for (const { document, begins, because } of elsewhere) {
    for (const start of begins) {
      const used = commands.some(
        (command) => command.document.startsWith(document) && command.text.startsWith(start),
      );
      t.ok(used, `${document}: ${start}`);
    }
    if (because.startsWith('test/')) t.ok(existsSync(join(root, because)), because);
  }
});

t.test('no command stands outside of a block of sh', async (t) => {
  const command =
    /^\s*(stegwatch|node|npm|npx|curl|jq|tail|openssl|git|docker|kubectl|systemctl|journalctl|sudo|promtool|tar|gem) /;
  for (const document of documents) {
    for (const { number, language, text } of linesOf(read(document))) {
      const shown = language === null ? text.startsWith('    ') : language !== 'sh';
      if (shown && command.test(text) && !isSynopsis(text))
        t.fail(`${document}:${number}: ${text}`);
    }
  }
});

const isSynopsis = (text: string): boolean => /^ {4}stegwatch \w+ .*\[/.test(text);

t.test('each synopsis has the options of the command, and no other', async (t) => {
  const synopses = documents.flatMap((document) =>
    linesOf(read(document)).filter(({ text, language }) => language === null && isSynopsis(text)),
  );
  t.ok(synopses.length >= 5);
  for (const { text } of synopses) {
    const [, name, options] = /stegwatch (\w+) (.*)/.exec(text)!;
    const help = spawnSync(process.execPath, [cliPath, name!, '--help'], { encoding: 'utf8' });
    const long = (words: string): string[] =>
      [...new Set([...words.matchAll(/--[a-z-]+/g)].map(([option]) => option))].sort();
    const offered = long(help.stdout).filter((option) => option !== '--help');
    // -c is short for --config.
    t.strictSame(long(options!.replace('[-c FILE]', '--config')), offered, text);
  }
});

t.test('every other command ends well', async (t) => {
  const here = commands.filter((command) => excuseOf(command) === undefined);
  t.ok(here.length > 50, `${here.length} of ${commands.length} commands`);
  const stage = await Stage.build(t);
  const absent = programs.filter((name) => findProgram(name) === null);
  const needs = ({ text }: Command) => absent.find((name) => text.includes(`${name} `));
  const plays = [...new Set(here.map(({ document }) => document))];
  // Two beside each other; those of one document in their order.
  const worker = async (): Promise<void> => {
    for (let document = plays.shift(); document !== undefined; document = plays.shift()) {
      const scene = stage.play(document);
      for (const command of here.filter((one) => one.document === document)) {
        const lacking = needs(command);
        if (lacking !== undefined) {
          missing(t, lacking);
          continue;
        }
        const [, until] = endless.find(([pattern]) => pattern.test(command.text)) ?? [];
        const { status, stdout, stderr } = await scene.run(command.text, until);
        t.equal(status, 0, place(command), status === 0 ? {} : { stdout, stderr });
        const [, words] = says.find(([pattern]) => pattern.test(command.text)) ?? [];
        if (words !== undefined) t.match(stdout + stderr, words, place(command));
      }
    }
  };
  await Promise.all([worker(), worker()]);

  t.match(
    read('docs/deploy.md'),
    'ends\n  with `BASELINE_IN_USE` (75)',
    'whoever shares its baseline',
  );
  const second = await stage.play('docs/debug.md').run('stegwatch run -c stegwatch.yaml');
  t.equal(second.status, exitCodes.BASELINE_IN_USE, second.stderr);
  const learn = await stage
    .play('docs/debug.md')
    .run('stegwatch learn -c stegwatch.yaml proxy.log');
  t.equal(learn.status, exitCodes.BASELINE_IN_USE, learn.stderr);

  const tap = 'examples/tap/README.md';
  const logged = commands.find((one) => one.document === tap && one.text.startsWith('logger '))!;
  const explain = logged.text.replace('logger', 'stegwatch explain -c stegwatch.yaml');
  const { stdout } = await stage.play('what the tap is tried with').run(explain);
  t.match(
    stdout,
    /^ALERT high: photo\.jpg .* from tap-test\.example/m,
    'what the tap is tried with',
  );
});

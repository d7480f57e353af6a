#!/usr/bin/env node
/** Entry: parses the command line, runs one command, turns errors into words and exit codes. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { parseMoment } from './commands/moment.js';
import { StegwatchError } from './errors.js';

/** EX_USAGE of sysexits.h. */
const usageExitCode = 64;

interface CommonOptions {
  readonly config?: string;
}

const version: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;

const program = new Command('stegwatch')
  .description(
    'Flags abnormally large JPEGs from sources not seen before in syslog/CEF feeds, ' +
      'and forwards every event to Fluentd.',
  )
  .version(version)
  // Commands made from here on inherit it: what commander has said is thrown, and handled below.
  .exitOverride()
  .showHelpAfterError()
  .showSuggestionAfterError();

withConfig('run', 'the sidecar: listen, judge, forward (SIGTERM drains)').action(
  exits(async (options: CommonOptions) => {
    const { load } = await import('./commands/load.js');
    const { run } = await import('./commands/run.js');
    const { createLogger } = await import('./observe/log.js');
    const { config, exclusions } = load(options.config, process.env, true);
    return run(config, exclusions, createLogger());
  }),
);

withConfig('hunt', 'the hunting query over old logs, exactly')
  .argument('<file...>', 'log files, .gz too; - is stdin')
  .option('--now <ISO>', 'the verdicts of the query run at this moment', instant)
  .option('--json', 'one line of JSON per alert: the record that would be forwarded')
  .action(
    exits(async (files: string[], options: CommonOptions & { now?: number; json?: boolean }) => {
      const { load } = await import('./commands/load.js');
      const { hunt } = await import('./commands/hunt/hunt.js');
      return hunt({
        ...load(options.config),
        files,
        nowMs: options.now ?? null,
        json: options.json === true,
        stdout: process.stdout,
        stderr: process.stderr,
      });
    }),
  );

withConfig('learn', 'fill the baseline from old logs')
  .argument('<file...>', 'log files, .gz too; - is stdin')
  .option('--replace', 'learn hours anew that the baseline already holds')
  .action(
    exits(async (files: string[], options: CommonOptions & { replace?: boolean }) => {
      const { load } = await import('./commands/load.js');
      const { learn } = await import('./commands/learn.js');
      return learn({
        ...load(options.config),
        files,
        replace: options.replace === true,
        nowMs: Date.now(),
        stdout: process.stdout,
        stderr: process.stderr,
      });
    }),
  );

withConfig('explain', 'why this event would, or would not, alert')
  .argument('[line]', 'the event as received; - or nothing is the first line of stdin', '-')
  .option('--at <ISO>', 'judge it as at this moment', instant)
  .option('--json', 'every step as JSON')
  .action(
    exits(async (line: string, options: CommonOptions & { at?: number; json?: boolean }) => {
      const { load } = await import('./commands/load.js');
      const { explain } = await import('./commands/explain/explain.js');
      return explain({
        ...load(options.config),
        line,
        atMs: options.at ?? null,
        json: options.json === true,
        nowMs: Date.now(),
        stdout: process.stdout,
        stderr: process.stderr,
      });
    }),
  );

withConfig('tune', 'what other settings would have meant over old logs')
  .argument('<file...>', 'log files, .gz too; - is stdin')
  .option('--json', 'all figures as one line of JSON')
  .action(
    exits(async (files: string[], options: CommonOptions & { json?: boolean }) => {
      const { load } = await import('./commands/load.js');
      const { tune } = await import('./commands/tune/tune.js');
      return tune({
        ...load(options.config),
        files,
        json: options.json === true,
        stdout: process.stdout,
        stderr: process.stderr,
      });
    }),
  );

withConfig('validate', 'check a config, run its tests, print the effective detection')
  .option('--no-environment', 'leave this machine out: directories, files of TLS listeners')
  .option('--schema', 'print the JSON Schema of the config for editors, and check nothing')
  .action(
    exits(async (options: CommonOptions & { schema?: boolean; environment?: boolean }) => {
      if (options.schema === true) {
        const { jsonSchema } = await import('./config/json-schema.js');
        process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
        return 0;
      }
      const { validate } = await import('./commands/validate.js');
      return validate({
        ...(options.config === undefined ? {} : { file: options.config }),
        env: process.env,
        stdout: process.stdout,
        stderr: process.stderr,
        environment: options.environment !== false,
      });
    }),
  );

const spool = withConfig('spool', 'what waits for delivery, on disk');

spool
  .command('inspect')
  .description('what it holds, what was set aside, and why')
  .option('--json', 'as one line of JSON')
  .action(
    exits(async (options: { json?: boolean }, command: Command) => {
      const { load } = await import('./commands/load.js');
      const { inspect } = await import('./commands/spool/inspect.js');
      const { config } = command.optsWithGlobals<CommonOptions>();
      const { json = false } = options;
      return inspect({ ...load(config), json, stdout: process.stdout });
    }),
  );

spool
  .command('replay')
  .description('take dead letters into it once more, while `run` is stopped')
  .argument('[directory]', 'the segments of another directory instead')
  .action(
    exits(async (directory: string | undefined, _options: object, command: Command) => {
      const { load } = await import('./commands/load.js');
      const { replay } = await import('./commands/spool/replay.js');
      const { config } = command.optsWithGlobals<CommonOptions>();
      return replay({ ...load(config), directory: directory ?? null, stdout: process.stdout });
    }),
  );

program
  .command('demo')
  .description('the real thing on sample traffic, with an embedded receiver')
  .option('--once', 'end after the sample traffic instead of going on')
  .action(
    exits(async (options: { once?: boolean }) => {
      const { demo } = await import('./commands/demo/demo.js');
      return demo({ once: options.once === true, stdout: process.stdout });
    }),
  );

function withConfig(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-c, --config <file>', 'YAML config; without it, the defaults');
}

/** A command returns its exit code; nothing calls process.exit while output may be pending. */
function exits<A extends unknown[]>(command: (...args: A) => Promise<number>) {
  return async (...args: A): Promise<void> => {
    process.exitCode = await command(...args);
  };
}

function instant(text: string): number {
  const ms = parseMoment(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('give a moment like 2026-11-24T00:00:00Z');
  return ms;
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Says what is left to say. What is no error of ours is thrown on. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
  if (!(error instanceof StegwatchError)) throw error;
  console.error(`stegwatch: ${error.message}`);
  if (error.hint !== '') console.error(error.hint);
  return error.exitCode;
}

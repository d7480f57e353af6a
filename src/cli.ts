#!/usr/bin/env node
/** Entry: parses the command line, runs one command, turns errors into words and exit codes. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ProtocolName } from './commands/filter/protocol.js';
import { parseMoment } from './commands/moment.js';
import { type OutputName, outputNames } from './config/config.js';
import { StegwatchError, wordsOf } from './errors.js';
import type { LogCode } from './observe/log-codes.js';

/** EX_USAGE of sysexits.h. */
const usageExitCode = 64;

interface CommonOptions {
  readonly config?: string;
}

interface OfOutput {
  readonly output?: OutputName;
}

interface FilterCommandOptions {
  readonly protocol: ProtocolName;
  readonly key: string;
  readonly tagKey?: string;
  readonly log?: string;
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
    return run(() => load(options.config, process.env, true), createLogger());
  }),
);

withConfig('filter', 'the same judgement over stdin and stdout, as a plug-in of another program')
  .addOption(
    new Option('--protocol <name>', 'what comes in, and what goes out')
      .choices(['lines', 'json', 'msgpack', 'mmexternal'])
      .makeOptionMandatory(),
  )
  .option('--key <name>', 'json, msgpack: where a record has the CEF line', 'message')
  .option('--tag-key <name>', 'json, msgpack: where a record gets its tag of forward.fluentd')
  .option('--log <file>', 'the log goes there instead of stderr; mmexternal needs it')
  .addHelpText(
    'after',
    `
lines       syslog/CEF lines in, one JSON record per line out: pipes, syslog-ng's program()
json        Fluentd's out_exec_filter, <format> and <parse> of type json
msgpack     the same, of type msgpack
mmexternal  rsyslog's module of that name, forceSingleInstance="on"

Example:
  $ tail -F proxy.log | stegwatch filter -c stegwatch.yaml --protocol lines | jq -c 'select(.alert)'`,
  )
  .action(
    exits(async (options: CommonOptions & FilterCommandOptions) => {
      const { load } = await import('./commands/load.js');
      const { filter } = await import('./commands/filter/filter.js');
      const { filterLog } = await import('./commands/filter/filter-log.js');
      const log = filterLog(options.log ?? null);
      try {
        return await filter({
          ...load(options.config),
          protocol: options.protocol,
          key: options.key,
          tagKey: options.tagKey ?? null,
          stdin: process.stdin,
          stdout: process.stdout,
          log,
        });
      } catch (error) {
        // Whoever started it may not show what it says at its end.
        if (options.log !== undefined) log.fatal({ code: codeOfEnd(error) }, wordsOf(error));
        throw error;
      }
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
      const { onGone } = await import('./commands/text-output.js');
      onGone(process.stdout);
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

withConfig('health', 'whether the sidecar that runs is ready (0) or not (1), and why not')
  .option('--live', 'whether it is alive: not being ready is no failure')
  .action(
    exits(async (options: CommonOptions & { live?: boolean }) => {
      const { loadConfig } = await import('./config/load.js');
      const { health } = await import('./commands/health.js');
      const { admin } = loadConfig({ file: options.config, env: process.env });
      return health({ admin, live: options.live === true, stdout: process.stdout });
    }),
  );

const spool = withConfig('spool', 'what waits for delivery, on disk');

spool
  .command('inspect')
  .description('what it holds, what was set aside, and why')
  .addOption(outputOption('if not given, all that the config uses'))
  .option('--json', 'as one line of JSON for each output')
  .action(
    exits(async (options: { json?: boolean } & OfOutput, command: Command) => {
      const { load } = await import('./commands/load.js');
      const { inspect } = await import('./commands/spool/inspect.js');
      const { config } = command.optsWithGlobals<CommonOptions>();
      const { json = false, output = null } = options;
      return inspect({ ...load(config), output, json, stdout: process.stdout });
    }),
  );

spool
  .command('replay')
  .description('take dead letters into it once more, while `run` is stopped')
  .argument('[directory]', 'the segments of another directory instead')
  .addOption(outputOption('if not given, the first that the config uses'))
  .action(
    exits(async (directory: string | undefined, options: OfOutput, command: Command) => {
      const { load } = await import('./commands/load.js');
      const { replay } = await import('./commands/spool/replay.js');
      const { config } = command.optsWithGlobals<CommonOptions>();
      const { output = null } = options;
      return replay({
        ...load(config),
        ...{ output, directory: directory ?? null, stdout: process.stdout },
      });
    }),
  );

program
  .command('demo')
  .description('the real thing on sample traffic, with an embedded receiver')
  .option('--once', 'end after the sample traffic instead of going on')
  .option('--print', 'print the sample traffic, a log to try hunt, learn and tune on, and no more')
  .action(
    exits(async (options: { once?: boolean; print?: boolean }) => {
      if (options.print === true) {
        const { printTraffic } = await import('./commands/demo/print.js');
        return printTraffic(process.stdout, Date.now());
      }
      const { demo } = await import('./commands/demo/demo.js');
      return demo({ once: options.once === true, stdout: process.stdout });
    }),
  );

function outputOption(otherwise: string): Option {
  return new Option('--output <name>', `whose spool; ${otherwise}`).choices(outputNames);
}

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

/** Under which docs/errors.md has it. */
function codeOfEnd(error: unknown): LogCode {
  return error instanceof StegwatchError ? error.code : 'FAULT';
}

/** Says what is left to say. What is no error of ours is thrown on. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
  if (!(error instanceof StegwatchError)) throw error;
  const { code, message } = error;
  // Lines that begin with a file and a line number are for editors too.
  console.error(`stegwatch: ${code}:${message.includes('\n') ? '\n' : ' '}${message}`);
  if (error.hint !== '') console.error(error.hint);
  return error.exitCode;
}

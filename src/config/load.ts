/** YAML, environment and secret files to the effective config, or to every mistake in them. */
import { isUtf8 } from 'node:buffer';
import { buildConfig } from './build.js';
import type { Config, ConfigProblem } from './config.js';
import { ConfigError, formatPath, type LocatedProblem } from './config-error.js';
import { readConfigFile, readSecrets } from './files.js';
import type { Path } from './issues.js';
import { checkRules } from './rules.js';
import { checkTree } from './settings.js';
import { tlsProblems } from './tls-files.js';
import { readTlsListeners, unreadTlsListeners } from './tls-listeners.js';
import { readTree } from './tree.js';
import { formatSize } from './units.js';
import { readValuesFiles } from './values-files.js';
import { type Finding, maxTextBytes, YamlDocument } from './yaml-document.js';

export interface LoadOptions {
  /** Read if there is no `text`; names the config in messages. Neither: the defaults. */
  readonly file?: string | undefined;
  readonly text?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The listeners are to start, so that their certificates and keys are read too. */
  readonly listens?: boolean | undefined;
  /** What other parts know better, such as the meaning of exclusions. Paths are those of `Config`. */
  readonly check?: ((config: Config) => readonly ConfigProblem[]) | undefined;
}

export interface LocatedConfig {
  readonly config: Config;
  /** Where a path of keys and indexes of the YAML stands: the value, or the nearest around it. From 1. */
  placeOf(path: Path): { readonly line: number; readonly column: number };
}

/** As `locateConfig`, for those who need no places. */
export function loadConfig(options: LoadOptions): Config {
  return locateConfig(options).config;
}

/** Throws `ConfigError` (`CONFIG_INVALID`) with all problems, or `CONFIG_UNREADABLE`. */
export function locateConfig(options: LoadOptions): LocatedConfig {
  const { file = '' } = options;
  const label = file === '' ? 'config' : file;
  const text = textOf(options, label);
  const source = new YamlDocument(text);
  const { config, problems } = interpret(file, source, options);
  if (source.problems.length === 0 && problems.length === 0) {
    return { config, placeOf: (path) => source.position(source.offsetOf(path)) };
  }
  const offsetOf = ({ offset, path, atKey }: Finding) => offset ?? source.offsetOf(path, atKey);
  const end = source.trustedEnd;
  const trusted = problems.filter((problem) => offsetOf(problem) < end);
  const located = [...source.problems, ...trusted].map((problem) => ({
    file: label,
    ...source.position(offsetOf(problem)),
    path: formatPath(problem.path),
    message: problem.message,
  }));
  throw new ConfigError(located.sort(byPlace));
}

function interpret(
  file: string,
  source: YamlDocument,
  { env, check, listens = false }: LoadOptions,
): { config: Config; problems: readonly Finding[] } {
  const tree = readTree(source, env);
  const checked = checkTree(tree);
  const secrets = readSecrets(checked);
  const valuesFiles = readValuesFiles(checked);
  const tls = listens ? readTlsListeners(checked) : unreadTlsListeners;
  const config = buildConfig(file, checked, { secrets, valuesFiles: valuesFiles.read, tls });
  const own = [
    ...checkRules(checked),
    ...secrets.problems,
    // Where the passphrase cannot be read, nothing more can be said of the key.
    ...(secrets.problems.length > 0 ? [] : tlsProblems(checked, secrets.keyPassphrase)),
    ...valuesFiles.problems,
    ...tls.problems,
  ];
  const foreign = (check?.(config) ?? []).map((problem) => ({
    ...problem,
    path: checked.sourcePath(problem.path),
  }));
  return { config, problems: [...tree.problems, ...checked.problems, ...own, ...foreign] };
}

function textOf({ file = '', text }: LoadOptions, label: string): string {
  if (text === undefined && file === '') return '';
  const bytes = text === undefined ? readConfigFile(file, maxTextBytes) : Buffer.from(text);
  if (bytes.length > maxTextBytes) {
    throw unusable(label, 1, 1, `larger than ${formatSize(maxTextBytes)}`);
  }
  const decoded = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (isUtf8(bytes)) return decoded;
  const before = decoded.slice(0, decoded.indexOf('\uFFFD')).split('\n');
  throw unusable(label, before.length, before.at(-1)!.length + 1, 'not UTF-8 text');
}

function unusable(file: string, line: number, column: number, message: string): ConfigError {
  return new ConfigError([{ file, line, column, path: '', message }]);
}

function byPlace(a: LocatedProblem, b: LocatedProblem): number {
  return a.line - b.line || a.column - b.column;
}

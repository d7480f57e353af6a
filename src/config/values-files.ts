/**
 * Reads the files that exclusions take values from (`dhost|domain|values_file: cdn.txt`): UTF-8, one
 * value a line; blanks around it, empty lines and lines that begin with `#` are left out.
 */
import { isUtf8 } from 'node:buffer';
import { resolve } from 'node:path';
import { readRegularFile, reason } from '../platform/regular-file.js';
import type { ConfigProblem, ExclusionConfig, MatchMap, ValuesFile } from './config.js';
import type { Path } from './issues.js';
import type { Checked } from './settings.js';
import { formatSize } from './units.js';
import { namesValuesFiles } from './values-key.js';

const maxFileBytes = 16 * 1024 * 1024;
const maxFileValues = 1_000_000;
/** Of all exclusions, a file counted each time it is named: bounds the memory and the time to start. */
const maxValues = 4_000_000;

interface ValuesFiles {
  /** By path as given; without those that have a problem. None if there are too many values in all. */
  readonly read: ReadonlyMap<string, ValuesFile>;
  readonly problems: readonly ConfigProblem[];
}

/** Each file is read once, however often it is named. Relative to the working directory. Never throws. */
export function readValuesFiles({ settings, sourcePath }: Checked): ValuesFiles {
  const results = new Map<string, ValuesFile | string>();
  const problems: ConfigProblem[] = [];
  let values = 0;
  for (const [index, { match }] of settings.exclusions.entries()) {
    for (const { file, path } of pathsOfValues(match)) {
      const result = results.get(file) ?? readValues(file);
      results.set(file, result);
      const place = sourcePath(['exclusions', index, 'match', ...path]);
      if (typeof result === 'string') problems.push({ path: place, message: result });
      else values += result.values.length;
      if (values <= maxValues) continue;
      return { read: new Map(), problems: [...problems, { path: place, message: tooMany }] };
    }
  }
  const read = [...results].filter((entry): entry is [string, ValuesFile] => isRead(entry[1]));
  return { read: new Map(read), problems };
}

const tooMany =
  `with this file the exclusions take more than ${maxValues} values from files, ` +
  'each file counted as often as it is named';

function isRead(result: ValuesFile | string): boolean {
  return typeof result !== 'string';
}

/** The files that a match names, and where below it. */
export function pathsOfValues(
  match: ExclusionConfig['match'],
): readonly { readonly file: string; readonly path: Path }[] {
  const maps: readonly MatchMap[] = Array.isArray(match) ? match : [match as MatchMap];
  return maps.flatMap((map, at) => {
    const place = Array.isArray(match) ? [at] : [];
    return Object.entries(map)
      .filter(([key]) => namesValuesFiles(key))
      .flatMap(([key, value]) =>
        Array.isArray(value)
          ? value.map((file, index) => ({ file: String(file), path: [...place, key, index] }))
          : [{ file: String(value), path: [...place, key] }],
      );
  });
}

/** The values, or a sentence that says why there are none. */
function readValues(file: string): ValuesFile | string {
  let bytes: Buffer;
  try {
    bytes = readRegularFile(file, maxFileBytes);
  } catch (error) {
    // Relative paths begin at the working directory, which is not that of the config.
    return `the values file ${JSON.stringify(resolve(file))} cannot be read: ${reason(error)}`;
  }
  if (bytes.length > maxFileBytes) {
    return `the values file is larger than ${formatSize(maxFileBytes)}`;
  }
  if (!isUtf8(bytes)) return `line ${badLine(bytes)} of the values file is not UTF-8 text`;
  return valuesOf(bytes.toString('utf8').replace(/^\uFEFF/, ''));
}

function valuesOf(text: string): ValuesFile | string {
  const values: string[] = [];
  const lines: number[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const value = line.trim();
    if (value === '' || value.startsWith('#')) continue;
    if (values.length === maxFileValues) {
      return `the values file holds more than ${maxFileValues} values`;
    }
    values.push(value);
    lines.push(index + 1);
  }
  if (values.length === 0) return 'the values file holds no value: it would never match';
  return { values, lines: Uint32Array.from(lines) };
}

/** The first line that is not UTF-8. */
function badLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
  return line;
}

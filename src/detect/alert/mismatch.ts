/**
 * Do the declared file type and the name in the URL contradict each other, one saying JPEG and the
 * other something that is no image? MITRE's detection strategy DET0235 names "mismatched file MIME
 * types" (attack.mitre.org/detectionstrategies/DET0235). A signal, so silence is no statement: what is
 * not surely known says nothing (docs/detection.md, "File type against name").
 *
 * For would-be alerts only. The texts are the attacker's: linear time.
 */
import type { DetectionConfig } from '../../config/config.js';
import { fileKinds } from './file-kinds.js';

export interface MismatchFacts {
  /** As received, '' if absent. */
  readonly fileType: string;
  readonly url: string;
  readonly jpeg: Pick<DetectionConfig['jpeg'], 'urlSuffixes' | 'ignoreQuery' | 'fileTypes'>;
  /** Lower case. */
  readonly placeholders: readonly string[];
}

type Statement = 'jpeg' | 'other' | 'none';

/** Longer types are nobody's, and longer endings no extension. */
const maxTypeLength = 128;
const maxEnding = 64;

export function isMismatch({ fileType, url, jpeg, placeholders }: MismatchFacts): boolean {
  const type = statementOfType(fileType, jpeg.fileTypes, placeholders);
  if (type === 'none') return false;
  const name = statementOfName(url, jpeg);
  return name !== 'none' && name !== type;
}

/** A MIME type (without its parameters), a vendor's words ("PDF Documents") or an extension. */
function statementOfType(
  fileType: string,
  jpegTypes: readonly string[],
  placeholders: readonly string[],
): Statement {
  const whole = fileType.length > 4 * maxTypeLength ? '' : fileType;
  const type = whole.split(';', 1)[0]!.replaceAll('"', '').trim().toLowerCase();
  if (type === '' || type.length > maxTypeLength || placeholders.includes(type)) return 'none';
  if (jpegTypes.some((jpegType) => jpegType.toLowerCase() === type)) return 'jpeg';
  const slash = type.indexOf('/');
  return slash < 0 ? statementOfWords(type) : statementOfMime(type, slash);
}

function statementOfMime(type: string, slash: number): Statement {
  const family = type.slice(0, slash);
  const subtype = type.slice(slash + 1);
  if (fileKinds.mimeFamilies.has(family)) return 'other';
  if (family === 'image') return fileKinds.jpegWords.has(subtype) ? 'jpeg' : 'none';
  if (family !== 'application') return 'none';
  // Palo Alto writes application/jpeg.
  if (fileKinds.jpegWords.has(subtype)) return 'jpeg';
  const known =
    fileKinds.applications.has(subtype) ||
    fileKinds.applicationPrefixes.some((prefix) => subtype.startsWith(prefix)) ||
    fileKinds.applicationSuffixes.some((suffix) => subtype.endsWith(suffix));
  return known ? 'other' : 'none';
}

function statementOfWords(type: string): Statement {
  const words = type.split(/[^a-z0-9]+/).filter((word) => word !== '');
  if (words.some((word) => fileKinds.jpegWords.has(word))) return 'jpeg';
  if (words.some((word) => fileKinds.imageWords.has(word))) return 'none';
  if (words.some((word) => fileKinds.words.has(word))) return 'other';
  // Extensions are short, and words too: `one`, `class`, `map`.
  const [first = '', second] = words;
  const alone = second === undefined || second === 'file' || second === 'files';
  return alone && fileKinds.extensions.has(first) ? 'other' : 'none';
}

/**
 * By the last extension of the path's last segment; only if that says nothing, by the query, where the
 * JPEG test looks at it too (`ignore_query: false`).
 */
function statementOfName(url: string, jpeg: MismatchFacts['jpeg']): Statement {
  const whole = url.trim();
  const pathEnd = whole.search(/[?#]/);
  const path = pathEnd < 0 ? whole : whole.slice(0, pathEnd);
  const endsLikeJpeg = (text: string): boolean => {
    const ending = text.slice(-maxEnding).toLowerCase();
    return jpeg.urlSuffixes.some((suffix) => ending.endsWith(suffix));
  };
  const extension = extensionOf(path);
  if (endsLikeJpeg(path) || fileKinds.jpegWords.has(extension)) return 'jpeg';
  // Without a slash it may be a host: `files.zip` is a name that can be registered.
  if (fileKinds.extensions.has(extension) && hasPath(path)) return 'other';
  return !jpeg.ignoreQuery && endsLikeJpeg(whole) ? 'jpeg' : 'none';
}

/** Lower case, without the dot; '' if there is none. Percent-encoding is undone, once. */
function extensionOf(path: string): string {
  const slash = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const segment = path.slice(slash + 1);
  const parameters = segment.indexOf(';');
  const name = parameters < 0 ? segment : segment.slice(0, parameters);
  const ending = name
    .slice(-maxEnding)
    .replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    .trim();
  const dot = ending.lastIndexOf('.');
  return dot < 0 ? '' : ending.slice(dot + 1).toLowerCase();
}

/** False for a host alone, `files.zip` and `http://files.zip`. */
function hasPath(path: string): boolean {
  const scheme = /^(?:[a-z][a-z0-9+.-]{0,30}:)?[/\\]{2}/i.exec(path);
  const from = scheme === null ? 0 : scheme[0].length;
  return path.includes('/', from) || path.includes('\\', from);
}

/**
 * What of a preset's verdicts a config changes. Compared is what is in effect: the order of a list, and
 * upper and lower case where the detection does not heed them, change nothing.
 */
import { schemaKeys } from './keys.js';
import type { PresetName } from './presets.js';
import { type Settings, schema } from './schema.js';
import { type WholeDetection, withPreset } from './whole-detection.js';

const inAnyCase: ReadonlySet<string> = new Set([
  'jpeg.url_suffixes',
  'placeholders',
  'skip.methods',
  'skip.statuses',
  'skip.actions',
]);

/**
 * Keys below `detection`, dotted; `feeds` if an entry says how a feed is read, `exclusions[].learn` if
 * one says other than the preset what excluded events teach.
 */
export function alteredKeys(settings: Settings, detection: WholeDetection): string[] {
  const { preset } = settings.detection;
  const plain = withPreset(schema.parse({}).detection, preset);
  const altered = schemaKeys
    .filter((key) => key.path.startsWith('detection.') && !key.section)
    .map((key) => key.path.slice('detection.'.length))
    .filter((key) => {
      const anyCase = inAnyCase.has(key) || (key === 'jpeg.file_types' && preset !== 'sentinel');
      const effective = (whole: WholeDetection) => comparable(at(whole, key), anyCase);
      return key !== 'preset' && effective(detection) !== effective(plain);
    });
  if (settings.feeds.some(readsAnew)) altered.push('feeds');
  const teaches = learnsByPreset(preset);
  if (settings.exclusions.some(({ learn = teaches }) => learn !== teaches)) {
    altered.push('exclusions[].learn');
  }
  return altered;
}

/** Whether excluded events teach the baseline, where the exclusion does not say. */
export function learnsByPreset(preset: PresetName): boolean {
  return preset === 'sentinel';
}

/** A time zone alone says when an event was, not what is read of it. */
function readsAnew({ vendor, product, timezone, judge, ...fields }: Settings['feeds'][number]) {
  return !judge || Object.values(fields).some((names) => names !== undefined);
}

function at(detection: object, dotted: string): unknown {
  return dotted
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], detection);
}

function comparable(value: unknown, anyCase: boolean): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  const items = value.map((item) => (anyCase ? String(item).toLowerCase() : item));
  return JSON.stringify([...new Set(items)].sort());
}

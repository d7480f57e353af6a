/** The detection as settings, once the preset has filled in what the file leaves open. */
import { type PresetKey, type PresetName, presets } from './presets.js';
import { type Settings, schema } from './schema.js';

type Detection = Settings['detection'];
type Whole<T> = { [K in keyof T]-?: NonNullable<T[K]> };
/** The maps in `detection`. */
type Part = 'jpeg' | 'skip' | 'suppress' | 'level';
export type WholeDetection = Whole<Omit<Detection, Part>> & { [K in Part]: Whole<Detection[K]> };

/** The detection with every key of the preset that `given` leaves open. */
export function withPreset(given: Detection, preset: PresetName): WholeDetection {
  const { detection } = schema.parse({ detection: asYaml(presets[preset]) });
  // A preset names every key that has no default of its own (held by a test).
  return {
    ...detection,
    ...given,
    jpeg: { ...detection.jpeg, ...given.jpeg },
    skip: { ...detection.skip, ...given.skip },
    suppress: { ...detection.suppress, ...given.suppress },
  } as WholeDetection;
}

/** Dotted keys to nested maps: presets are written flat. */
function asYaml(preset: Readonly<Record<PresetKey, unknown>>): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(preset)) {
    const [first, second] = key.split('.') as [string, string | undefined];
    if (second === undefined) nested[first] = value;
    else nested[first] = { ...(nested[first] as object | undefined), [second]: value };
  }
  return nested;
}

/**
 * What an event must hold for a value to match, as keys that can be looked up. A clue never misses an event
 * that the value matches; it may find others, so what it finds is still to be tried.
 */
import type { MatchValue } from '../../config/config.js';
import { hostOfName } from './domain-set.js';
import type { FieldKey } from './modifiers.js';
import { networkKey, networkOf } from './network-set.js';
import type { Reading } from './readings.js';
import { gramsOf } from './readings.js';
import { fold } from './value-set.js';
import { isShareName, literalOf } from './wildcards.js';

export interface Clue {
  readonly reading: Reading;
  /** Whatever matches has every one of them: to look for any one is enough. Never none. */
  readonly keys: readonly string[];
}

/** Null if nothing can be looked up: regular expressions, wildcards, comparisons, very short texts. */
export function clueOf(
  { operator, cased }: FieldKey,
  value: Exclude<MatchValue, null>,
): Clue | null {
  switch (operator) {
    case 'equals':
      if (typeof value === 'number') return { reading: 'number', keys: [String(value)] };
      return ofText(value, cased ? 'whole, cased' : 'whole', (text) => [text]);
    case 'contains':
    case 'startswith':
    case 'endswith':
      return ofText(value, cased ? 'inside, cased' : 'inside', gramsOf);
    case 'domain':
      return { reading: 'host', keys: [hostOfName(String(value))] };
    case 'cidr': {
      const network = networkOf(String(value));
      return network && { reading: 'address', keys: [networkKey(network, network.prefix)] };
    }
    default:
      return null;
  }
}

function ofText(
  value: Exclude<MatchValue, null>,
  reading: Reading,
  keysOf: (text: string) => readonly string[],
): Clue | null {
  const written = String(value);
  const literal = isShareName(written) ? null : literalOf(written);
  if (literal === null) return null;
  const keys = keysOf(reading.endsWith('cased') ? literal : fold(literal));
  return keys.length === 0 ? null : { reading, keys };
}

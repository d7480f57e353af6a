/** Ways to read a text of the event as keys: what it has in common with the values that it may match. */
import { comparableHost, namesAbove } from './domain-set.js';
import { addressIn, lengthsOf, networkKey } from './network-set.js';
import { numberOf } from './number-set.js';
import type { Text } from './value-set.js';

export type Reading =
  | 'whole'
  | 'whole, cased'
  | 'number'
  | 'host'
  | 'address'
  | 'inside'
  | 'inside, cased';

/** Tells the keys of a text; those that nobody wants it may leave out. */
export type Reader = (text: Text, found: (key: string) => void) => void;

/** @param wanted the keys that are looked for */
export function readerOf(reading: Reading, wanted: readonly string[]): Reader {
  switch (reading) {
    case 'whole':
      return ({ folded }, found) => found(folded);
    case 'whole, cased':
      return ({ text }, found) => found(text);
    case 'number':
      return ({ folded }, found) => found(String(numberOf(folded)));
    case 'host':
      return ({ text }, found) => {
        for (const name of namesAbove(comparableHost(text))) found(name);
      };
    case 'address':
      return addressReader(wanted);
    case 'inside': {
      const scan = gramScanner(wanted);
      return ({ folded }, found) => scan(folded, found);
    }
    case 'inside, cased': {
      const scan = gramScanner(wanted);
      return ({ text }, found) => scan(text, found);
    }
  }
}

function addressReader(wanted: readonly string[]): Reader {
  const lengths = lengthsOf(wanted);
  return ({ text }, found) => {
    const address = addressIn(text);
    if (address === null) return;
    for (const prefix of lengths[address.family]) found(networkKey(address, prefix));
  };
}

/** Characters (UTF-16 units) of a gram: a piece of a text that stands for the whole. */
const gramLength = 3;

/** Every piece of that length; none of a shorter text. */
export function gramsOf(text: string): readonly string[] {
  const count = Math.max(0, text.length - gramLength + 1);
  return Array.from({ length: count }, (_, at) => text.slice(at, at + gramLength));
}

/** Enough that few grams share a place. */
const places = 1 << 15;

/** The place of a gram follows from that of the one before it and the next character. */
function nextPlace(place: number, character: number): number {
  return ((place << 5) ^ character) & (places - 1);
}

/** One pass over the text, and a look at a table for each character. */
function gramScanner(
  wanted: readonly string[],
): (text: string, found: (key: string) => void) => void {
  const taken = new Uint8Array(places);
  for (const gram of wanted) {
    let place = 0;
    for (let at = 0; at < gramLength; at++) place = nextPlace(place, gram.charCodeAt(at));
    taken[place] = 1;
  }
  return (text, found) => {
    let place = 0;
    for (let at = 0; at < text.length; at++) {
      place = nextPlace(place, text.charCodeAt(at));
      if (taken[place] === 1) found(text.slice(at + 1 - gramLength, at + 1));
    }
  };
}

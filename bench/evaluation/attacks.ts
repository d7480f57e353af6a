/**
 * The attacks, after what the query's reference tells (KNOTWEED: a second stage inside a large JPEG from a
 * host of the attacker's own) and what an attacker who knows the method would try against it.
 */
import {
  download,
  type Estate,
  fileName,
  msPerDay,
  msPerHour,
  type Person,
  startMs,
} from './estate.js';
import type { WebEvent } from './event.js';
import type { Random } from './random.js';

/**
 * visible: the recommended preset must find it; margin: found or not by a hair or by luck; upload: found
 * only where uploads are judged; blind: the recommended preset cannot find it.
 */
export type Sight = 'visible' | 'margin' | 'upload' | 'blind';

type Draft = Omit<WebEvent, 'label'>;

/** One attack in the making. */
interface Scene {
  readonly random: Random;
  readonly estate: Estate;
  /** A host of the attacker's own, never seen before. */
  readonly host: string;
  readonly person: Person;
  readonly atMs: number;
  /** 95th percentile of all JPEG answers of the estate. */
  readonly large: number;
  /** A download of so many times that percentile. */
  get(times: number, host?: string, atMs?: number): Draft;
}

interface AttackKind {
  readonly sight: Sight;
  readonly what: string;
  readonly make: (scene: Scene) => readonly Draft[];
  /** Set: only in the traffic of a poisoner. */
  readonly poisoner?: true;
}

const hours = (count: number): number => count * msPerHour;
/** Into the lookback of the attack, whatever the hour: more than the holdback before it. */
const twoDaysBefore = ({ atMs }: Scene): number => atMs - hours(50);

/** A few files of the same kind within two hours. */
const again = (draft: Draft, { random, host }: Scene): Draft => ({
  ...draft,
  timeMs: draft.timeMs + random.below(hours(2)),
  url: `${host}/${fileName(random)}.jpg`,
});

const sized =
  (times: number) =>
  (scene: Scene): readonly Draft[] => {
    const first = scene.get(times);
    return [first, again(first, scene)];
  };

export const attackKinds: Readonly<Record<string, AttackKind>> = {
  '1.2 times': {
    sight: 'margin',
    what: 'just above the percentile, which moves from day to day',
    make: sized(1.2),
  },
  '2 times': { sight: 'visible', what: 'twice the percentile, fresh host', make: sized(2) },
  '5 times': { sight: 'visible', what: 'five times, fresh host', make: sized(5) },
  '20 times': { sight: 'visible', what: 'twenty times, fresh host', make: sized(20) },
  'one fetch': {
    sight: 'visible',
    what: 'three times, a single fetch and nothing after it',
    make: (scene) => [scene.get(3)],
  },
  'type is no JPEG': {
    sight: 'visible',
    what: 'twelve times, named .jpg, the proxy recognised an executable',
    make: (scene) => [{ ...scene.get(12), fileType: 'Windows Executables' }],
  },
  'name is no JPEG': {
    sight: 'visible',
    what: 'the proxy recognised a JPEG, the name ends in .php',
    make: (scene) => [{ ...scene.get(3), url: `${scene.host}/gate.php` }],
  },
  'pending host': {
    sight: 'visible',
    what: 'a small picture six hours before the large one',
    make: (scene) => [scene.get(0.05, scene.host, scene.atMs - hours(6)), scene.get(4)],
  },
  'blocked first': {
    sight: 'visible',
    what: 'the proxy blocked the host two days before, then let it pass',
    make: (scene) => [
      { ...scene.get(0.02, scene.host, twoDaysBefore(scene)), action: 'Blocked' },
      scene.get(4),
    ],
  },
  'HEAD first': {
    sight: 'visible',
    what: 'asked by HEAD two days before the fetch',
    make: (scene) => [
      { ...scene.get(0.001, scene.host, twoDaysBefore(scene)), method: 'HEAD' },
      scene.get(4),
    ],
  },
  '404 first': {
    sight: 'visible',
    what: 'not yet there two days before the fetch',
    make: (scene) => [
      { ...scene.get(0.002, scene.host, twoDaysBefore(scene)), status: 404, received: 900 },
      scene.get(4),
    ],
  },
  'forged size': {
    sight: 'visible',
    what: 'the user agent, which the malware chooses, holds the text in=1',
    make: (scene) => [{ ...scene.get(5), agent: 'Mozilla/5.0 in=1 out=1' }],
  },
  'query string': {
    sight: 'visible',
    what: 'a.jpg?id=1, and the proxy tells no type',
    make: (scene) => [
      { ...scene.get(4), url: `${scene.host}/${scene.random.hex(6)}.jpg?id=1`, fileType: 'None' },
    ],
  },
  'name ends in .jpeg': {
    sight: 'visible',
    what: 'a.jpeg, and the proxy tells no type',
    make: (scene) => [
      { ...scene.get(4), url: `${scene.host}/${scene.random.hex(6)}.jpeg`, fileType: 'None' },
    ],
  },
  'MIME type only': {
    sight: 'visible',
    what: 'no suffix; the feed writes image/jpeg',
    make: (scene) => [
      { ...scene.get(4), url: `${scene.host}/${scene.random.hex(6)}`, fileType: 'image/jpeg' },
    ],
  },
  'host is a dash': {
    sight: 'visible',
    what: 'the feed writes - for the host; the URL names it',
    make: (scene) => [{ ...scene.get(4), feed: 'gateway', fileType: 'image/jpeg', host: '-' }],
  },
  'swapped feed': {
    sight: 'visible',
    what: 'the feed puts the download in out',
    make: (scene) => [{ ...scene.get(4), feed: 'webtx', fileType: 'image/jpeg' }],
  },
  'private suffix': {
    sight: 'visible',
    what: 'a fresh name below github.io, which many others use',
    make: (scene) => {
      const host = `${scene.random.hex(7)}.github.io`;
      return [scene.get(4, host)];
    },
  },
  'aimed at a designer': {
    sight: 'visible',
    what: 'four times, fetched by someone of the design department',
    make: (scene) => [
      { ...scene.get(4), ...scene.random.pick(scene.estate.designers), feed: 'nss' },
    ],
  },
  'borrowed user agent': {
    sight: 'visible',
    what: "five times, under the backup agent's user agent",
    make: (scene) => [{ ...scene.get(5), agent: scene.estate.backup.agent }],
  },
  'no host': {
    sight: 'margin',
    what: 'the feed tells a path only: one low alert per feed and window, whoever comes first',
    make: (scene) => [
      { ...scene.get(5), feed: 'gateway', fileType: 'image/jpeg', host: '', url: '/i/x.jpg' },
    ],
  },
  'upload to a fresh host': {
    sight: 'upload',
    what: 'stolen data inside JPEGs, POSTed to a host of the attacker',
    make: (scene) => [0, 1, 2].map((n) => posted(scene, scene.host, n)),
  },
  'upload to a popular host': {
    sight: 'blind',
    what: 'stolen data inside JPEGs, POSTed where designers share their work',
    make: (scene) => [posted(scene, `dl${scene.random.hex(8)}.sharebox.example`, 0)],
  },
  'below the percentile': {
    sight: 'blind',
    what: 'two fifths of the percentile: no larger than what people look at',
    make: sized(0.4),
  },
  'popular hosting': {
    sight: 'blind',
    what: 'a fresh name below a domain that everyone uses and the suffix list does not know',
    make: (scene) => {
      const host = `d${scene.random.hex(12)}.cdn0front.example`;
      return [scene.get(5, host)];
    },
  },
  'compromised site': {
    sight: 'blind',
    what: 'ten times, from a site that the estate visits every day',
    make: (scene) => [scene.get(10, scene.estate.sites[scene.random.below(10)]!.host)],
  },
  'patient host': {
    sight: 'blind',
    what: 'small pictures for three days make the host known, then the large one',
    make: (scene) => [
      ...[72, 60, 48, 36].map((ago) => scene.get(0.05, scene.host, scene.atMs - hours(ago))),
      scene.get(5),
    ],
  },
  'no size': {
    sight: 'blind',
    what: 'a feed that tells no bytes',
    make: (scene) => [{ ...scene.get(5), received: null }],
  },
  'not inspected': {
    sight: 'blind',
    what: 'HTTPS without inspection: a CONNECT, no path, no type',
    make: (scene) => [
      { ...scene.get(5), method: 'CONNECT', url: `${scene.host}:443`, fileType: 'None' },
    ],
  },
  'after poisoning': {
    sight: 'blind',
    what: 'three times, once the poisoner has raised the percentile',
    poisoner: true,
    make: sized(3),
  },
};

function posted(scene: Scene, host: string, nth: number): Draft {
  const draft = scene.get(0, host, scene.atMs + nth * 600_000);
  const sent = Math.round(scene.large * 4);
  // Of known feeds the plain one: the swapped feed is a case of its own.
  return {
    ...draft,
    feed: 'nss',
    host,
    fileType: 'Jpeg Files',
    method: 'POST',
    received: 700,
    sent,
  };
}

export interface Incident {
  readonly kind: string;
  readonly sight: Sight;
}

export interface Attacks {
  readonly events: readonly WebEvent[];
  readonly incidents: readonly Incident[];
}

/** @param large the 95th percentile of the estate's JPEG answers, bytes */
export function attacks(estate: Estate, random: Random, large: number, poisoned: boolean): Attacks {
  const { days, warm_up_days: warmUp, incidents_per_kind: each } = estate.parameters;
  const events: WebEvent[] = [];
  const incidents: Incident[] = [];
  // Someone of the plain feed, whose events lack nothing; what a feed lacks is a kind of its own.
  const plain = estate.people.filter(
    ({ feed, department }) => feed === 'nss' && department === 'Office',
  );
  for (const [kind, { sight, make, poisoner }] of Object.entries(attackKinds)) {
    if (poisoner && !poisoned) continue;
    for (let nth = 0; nth < each; nth++) {
      const day = poisoner ? days - 1 : random.below(days - warmUp - 1) + warmUp + 1;
      const within = random.between(8, 16);
      const atMs = Math.floor(startMs + day * msPerDay + within * msPerHour);
      const host = `${random.hex(5)}.drop${random.hex(6)}.example`;
      const person = random.pick(plain);
      const get: Scene['get'] = (times, from = host, when = atMs) =>
        download(person, when, from, Math.ceil(large * times), random);
      const drafts = make({ random, estate, host, person, atMs, large, get });
      const label = { kind, incident: incidents.length };
      events.push(...drafts.map((draft) => ({ ...draft, label })));
      incidents.push({ kind, sight });
    }
  }
  if (poisoned) {
    incidents.push({ kind: 'poisoning', sight: 'visible' });
    events.push(...poison(estate, random, plain, large, incidents.length - 1));
  }
  return { events, incidents };
}

const poisonDays = 4;
const poisonFrom = (days: number): number => (days - 1 - poisonDays) * msPerDay;

/** Large pictures from one host, day after day: more than 5 % of what the estate fetches. */
function poison(
  estate: Estate,
  random: Random,
  people: readonly Person[],
  large: number,
  incident: number,
): WebEvent[] {
  const { days, jpegs_per_workday: full, poison_share: share } = estate.parameters;
  const victims = people.slice(0, 4);
  const label = { kind: 'poisoning', incident };
  return Array.from({ length: Math.round(full * share * poisonDays) }, (): WebEvent => {
    const timeMs = startMs + poisonFrom(days) + random.below(poisonDays * msPerDay);
    const size = Math.round(large * random.between(8, 15));
    return {
      ...download(random.pick(victims), timeMs, 'pics.poison.example', size, random),
      label,
    };
  });
}

/** Who browses, and what is there to be fetched. */
import type { FeedName, WebEvent } from './event.js';
import type { Parameters } from './parameters.js';
import { type Random, Weighted } from './random.js';

const kib = 1024;
export const msPerHour = 3_600_000;
export const msPerDay = 24 * msPerHour;
/** A Monday. */
export const startMs = Date.parse('2026-11-02T00:00:00Z');

export interface Person {
  readonly user: string;
  readonly department: string;
  readonly client: string;
  readonly agent: string;
  readonly feed: FeedName;
}

export interface Site {
  readonly host: string;
  readonly medianBytes: number;
  /** Sigma of the logarithm of its sizes. */
  readonly spread: number;
}

const browser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0';

export class Estate {
  readonly people: readonly Person[];
  readonly designers: readonly Person[];
  readonly backup: Person;
  readonly sites: readonly Site[];
  readonly pages: readonly Site[];
  readonly siteRank: Weighted;
  readonly pageRank: Weighted;
  readonly parameters: Parameters;
  readonly #hours: Weighted;

  constructor(parameters: Parameters, random: Random) {
    this.parameters = parameters;
    this.people = people(parameters);
    this.designers = this.people.filter(({ department }) => department === 'Design');
    this.backup = {
      user: 'svc-backup',
      department: 'IT Operations',
      client: '10.20.30.5',
      agent: 'Veeam Backup & Replication 12',
      feed: 'nss',
    };
    const named = (count: number, name: (at: number) => string): Site[] =>
      Array.from({ length: count }, (_, at) => ordinarySite(name(at), parameters, random));
    this.sites = named(parameters.sites, (at) => `img.site${at}.example`);
    this.pages = named(parameters.pages_known, (at) => `project${at}.github.io`);
    this.siteRank = Weighted.zipf(this.sites.length, parameters.zipf_exponent);
    this.pageRank = Weighted.zipf(this.pages.length, parameters.zipf_exponent);
    this.#hours = new Weighted(
      Array.from({ length: 24 }, (_, hour) =>
        hour >= 7 && hour < 19 ? 1 : parameters.night_share,
      ),
    );
  }

  isWorkday(day: number): boolean {
    return day % 7 < 5;
  }

  /** A moment of a day, by the rhythm of work. */
  momentOf(day: number, random: Random): number {
    const within = this.#hours.draw(random) + random.between(0, 1);
    return Math.floor(startMs + day * msPerDay + within * msPerHour);
  }
}

function people(parameters: Parameters): Person[] {
  const behindGateway = Math.round(parameters.users * parameters.no_dhost_users);
  const behindWebtx = Math.round(parameters.users * parameters.swapped_users);
  return Array.from({ length: parameters.users }, (_, at): Person => {
    const fromEnd = parameters.users - at;
    const feed = fromEnd <= behindGateway ? 'gateway' : 'nss';
    return {
      user: `user${at}@corp.example`,
      department: at < parameters.designers ? 'Design' : 'Office',
      client: `10.1.${at >> 8}.${at & 255}`,
      agent: browser,
      feed: feed === 'nss' && fromEnd <= behindGateway + behindWebtx ? 'webtx' : feed,
    };
  });
}

export function ordinarySite(host: string, parameters: Parameters, random: Random): Site {
  return {
    host,
    medianBytes: random.logNormal(parameters.site_median_kib * kib, parameters.site_median_spread),
    spread: random.between(parameters.size_spread_low, parameters.size_spread_high),
  };
}

export function sizeOf(site: Site, random: Random): number {
  return Math.round(site.medianBytes * Math.exp(site.spread * random.normal()));
}

/** A plain download of a JPEG; what is special about one is put over it. */
export function download(
  person: Person,
  timeMs: number,
  host: string,
  received: number,
  random: Random,
): Omit<WebEvent, 'label'> {
  const { feed } = person;
  const jpeg = feed === 'nss' ? 'Jpeg Files' : 'image/jpeg';
  return {
    ...person,
    timeMs,
    method: 'GET',
    status: 200,
    action: 'Allowed',
    host: feed === 'gateway' ? (random.chance(0.3) ? '-' : '') : host,
    url: `${host}/${random.hex(4)}/${fileName(random)}.jpg`,
    fileType: jpeg,
    received,
    sent: 400 + random.below(800),
  };
}

/** Cameras and sites number their pictures, so names come again. */
export function fileName(random: Random): string {
  return random.chance(0.2) ? `IMG_${1000 + random.below(2000)}` : random.hex(10);
}

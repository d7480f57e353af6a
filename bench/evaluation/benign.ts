/** What people and machines of the estate do all day, each kind of it labelled. */

import type { Site } from './estate.js';
import { download, type Estate, fileName, ordinarySite, type Person, sizeOf } from './estate.js';
import { benign, type WebEvent } from './event.js';
import type { Random } from './random.js';

const kib = 1024;
const mib = 1024 * kib;

/** All benign events, unordered. */
export function benignTraffic(estate: Estate, random: Random): WebEvent[] {
  return new BenignTraffic(estate, random).make();
}

class BenignTraffic {
  readonly #estate: Estate;
  readonly #random: Random;
  readonly #events: WebEvent[] = [];
  #names = 0;

  constructor(estate: Estate, random: Random) {
    this.#estate = estate;
    this.#random = random;
  }

  make(): WebEvent[] {
    const { parameters } = this.#estate;
    const labels: Site[][] = Array.from({ length: parameters.cdn_domains }, () => []);
    for (let day = 0; day < parameters.days; day++) {
      this.#renewLabels(labels);
      this.#surf(day, labels);
      this.#backup(day);
      this.#strayHosts(day);
      this.#uploads(day);
      if (!this.#estate.isWorkday(day)) continue;
      this.#newSites(day);
      this.#newPages(day);
      this.#designers(day);
    }
    return this.#events;
  }

  #add(kind: string, event: Omit<WebEvent, 'label'>): void {
    this.#events.push({ ...event, label: benign(kind) });
  }

  #person(): Person {
    return this.#random.pick(this.#estate.people);
  }

  #freshDomain(word: string): string {
    return `${word}${this.#names++}-${this.#random.hex(4)}.example`;
  }

  #volume(day: number): number {
    const { jpegs_per_workday: full, weekend_share: weekend } = this.#estate.parameters;
    return Math.round(full * (this.#estate.isWorkday(day) ? 1 : weekend));
  }

  #renewLabels(labels: readonly Site[][]): void {
    const { parameters } = this.#estate;
    for (const [at, list] of labels.entries()) {
      for (let i = 0; i < parameters.cdn_new_labels; i++) {
        const host = `d${this.#random.hex(12)}.cdn${at}front.example`;
        list.push(ordinarySite(host, parameters, this.#random));
      }
      list.splice(0, list.length - parameters.cdn_new_labels * parameters.cdn_label_days);
    }
  }

  /** The bulk: known sites, CDN names, pages below a private suffix. */
  #surf(day: number, labels: readonly Site[][]): void {
    const random = this.#random;
    const { parameters, sites, siteRank, pages, pageRank } = this.#estate;
    for (let i = this.#volume(day); i > 0; i--) {
      const at = this.#estate.momentOf(day, random);
      const where = random.between(0, 1);
      if (where < parameters.cdn_share) {
        this.#fetch('cdn', at, random.pick(random.pick(labels)), this.#person());
      } else if (where < parameters.cdn_share + parameters.pages_share) {
        this.#fetch('pages', at, pages[pageRank.draw(random)]!, this.#person());
      } else {
        const site = sites[siteRank.draw(random)]!;
        if (random.chance(parameters.not_modified_share)) this.#notModified(at, site);
        else this.#fetch('steady', at, site, this.#person());
      }
      if (random.chance(parameters.non_jpeg_share)) this.#otherKind(at);
    }
  }

  /** One answer with a picture, in the forms in which sites name and proxies log them. */
  #fetch(kind: string, timeMs: number, site: Site, person: Person): void {
    const random = this.#random;
    const { parameters } = this.#estate;
    const bytes = random.chance(parameters.zero_share) ? 0 : sizeOf(site, random);
    const event = download(person, timeMs, site.host, bytes, random);
    const form = random.between(0, 1);
    const path = `${site.host}/${random.hex(4)}/${fileName(random)}`;
    if (form < parameters.webp_share) {
      const fileType = person.feed === 'nss' ? 'WebP Files' : 'image/webp';
      this.#add(kind, { ...event, fileType });
    } else if (form < 0.3) this.#add(kind, { ...event, url: `${path}.jpg?w=800` });
    else if (form < 0.4) this.#add(kind, { ...event, url: `${path}.jpeg` });
    else if (form < 0.5) this.#add(kind, { ...event, url: path });
    else if (form < 0.55) {
      // Redirects and links write a host as they like.
      const host = event.host === site.host ? `${site.host.toUpperCase()}:443` : event.host;
      this.#add(kind, { ...event, host });
    } else this.#add(kind, event);
  }

  #notModified(timeMs: number, site: Site): void {
    const event = download(this.#person(), timeMs, site.host, 300, this.#random);
    this.#add('not modified', { ...event, status: 304 });
  }

  #otherKind(timeMs: number): void {
    const random = this.#random;
    const host = random.chance(0.1) ? this.#freshDomain('files') : 'static.site1.example';
    const event = download(this.#person(), timeMs, host, 0, random);
    const [extension, fileType] = random.pick([
      ['png', 'PNG Files'],
      ['zip', 'ZIP'],
      ['html', 'HTML Files'],
    ] as const);
    const received = Math.round(random.logNormal(100 * kib, 1.5));
    const url = `${host}/${random.hex(8)}.${extension}`;
    this.#add('no JPEG', { ...event, url, fileType, received });
  }

  #newSites(day: number): void {
    const random = this.#random;
    const { parameters } = this.#estate;
    for (let i = random.poisson(parameters.new_sites_per_workday); i > 0; i--) {
      const { kind, site } = this.#newSite();
      const person = this.#person();
      const start = this.#estate.momentOf(day, random);
      const visits = random.chance(0.3) ? [start, this.#estate.momentOf(day + 1, random)] : [start];
      for (const visit of visits) {
        let at = visit;
        for (let n = 1 + random.poisson(parameters.new_site_jpegs - 1); n > 0; n--) {
          at += random.below(90_000);
          this.#fetch(kind, at, site, person);
        }
      }
    }
  }

  #newSite(): { kind: string; site: Site } {
    const random = this.#random;
    const { parameters } = this.#estate;
    const draw = random.between(0, 1);
    const withPhotographers = parameters.photographers;
    const withRealEstate = withPhotographers + parameters.real_estate;
    const of = (kind: string, medianKib: number, spread: number) => ({
      kind,
      site: {
        host: this.#freshDomain(kind.replace(' ', '-')),
        medianBytes: medianKib * kib,
        spread,
      },
    });
    if (draw < withPhotographers) return of('photographer', 900, 0.6);
    if (draw < withRealEstate) return of('real estate', 450, 0.6);
    if (draw < withRealEstate + parameters.wallpapers) return of('wallpapers', 1536, 0.5);
    const host = `www.${this.#freshDomain('new')}`;
    return { kind: 'new site', site: ordinarySite(host, parameters, random) };
  }

  /** A tenth of the new names below a private suffix are found by two people. */
  #newPages(day: number): void {
    const random = this.#random;
    const { parameters } = this.#estate;
    for (let i = random.poisson(parameters.pages_new_per_day); i > 0; i--) {
      const host = `${random.hex(6)}-pages.github.io`;
      const site = ordinarySite(host, parameters, random);
      for (let n = 1 + random.poisson(2); n > 0; n--) {
        this.#fetch('new page', this.#estate.momentOf(day, random), site, this.#person());
      }
    }
  }

  /** At night, in both directions: the restore check reads, the backup writes. */
  #backup(day: number): void {
    const random = this.#random;
    const { parameters, backup } = this.#estate;
    const moved = day >= parameters.backup_moves_on_day;
    const host = moved ? 'objects.second-vault.example' : 'objects.vault.example';
    const from = this.#estate.momentOf(day, random);
    const night = from - (from % 86_400_000) + 3_600_000;
    for (let i = 0; i < parameters.backup_jpegs_per_night; i++) {
      const at = night + random.below(2 * 3_600_000);
      const size = Math.round(random.between(2 * mib, 30 * mib));
      const event = download(backup, at, host, size, random);
      if (i % 2 === 0) this.#add('backup', event);
      else this.#add('backup', { ...event, method: 'PUT', received: 300, sent: size });
    }
  }

  #designers(day: number): void {
    const random = this.#random;
    const { parameters, designers } = this.#estate;
    const portal = random.chance(parameters.designer_new_portals)
      ? `review.${this.#freshDomain('customer')}`
      : '';
    const files = designers.length * parameters.designer_files_per_workday;
    for (let i = 0; i < files; i++) {
      const size = Math.round(random.logNormal(5 * mib, 0.7));
      const shared = `dl${random.hex(8)}.sharebox.example`;
      const host = portal !== '' && i < 6 ? portal : shared;
      const at = this.#estate.momentOf(day, random);
      const event = download(random.pick(designers), at, host, size, random);
      const kind = host === portal ? 'new portal' : 'designer';
      if (i % 2 === 0) this.#add(kind, event);
      else this.#add(kind, { ...event, method: 'POST', received: 500, sent: size });
    }
  }

  #uploads(day: number): void {
    const random = this.#random;
    const { parameters, sites } = this.#estate;
    const share = this.#volume(day) / parameters.jpegs_per_workday;
    const fresh = this.#estate.isWorkday(day) ? random.poisson(parameters.upload_new_hosts) : 0;
    const known = Math.round(parameters.uploads_per_workday * share);
    for (let i = 0; i < known + fresh; i++) {
      const host = i < known ? sites[random.below(20)]!.host : this.#freshDomain('form');
      const sent = Math.round(random.logNormal(parameters.upload_median_kib * kib, 1));
      const event = download(this.#person(), this.#estate.momentOf(day, random), host, 600, random);
      this.#add(i < known ? 'upload' : 'new form', { ...event, method: 'POST', sent });
    }
  }

  /** What is rare, each of its own host: galleries, blocked answers, HEAD, forgeries by chance. */
  #strayHosts(day: number): void {
    const random = this.#random;
    const { parameters } = this.#estate;
    const at = (): number => this.#estate.momentOf(day, random);
    const large = (): number => Math.round(random.logNormal(2 * mib, 0.6));
    if (random.chance(parameters.galleries_per_day)) this.#gallery(day);
    for (let i = random.poisson(parameters.blocked_large_per_day); i > 0; i--) {
      const host = this.#freshDomain('blocked');
      const event = download(this.#person(), at(), host, large(), random);
      this.#add('blocked', { ...event, action: 'Blocked' });
    }
    for (let i = random.poisson(parameters.head_large_per_day); i > 0; i--) {
      const event = download(this.#person(), at(), this.#freshDomain('head'), large(), random);
      this.#add('HEAD', { ...event, method: 'HEAD' });
    }
    for (let i = random.poisson(parameters.forged_by_chance_per_day); i > 0; i--) {
      const host = this.#freshDomain('chance');
      const event = download(this.#person(), at(), host, 40 * kib, random);
      this.#add('forged by chance', { ...event, agent: `Mirror/1.0 limits in=${large()} out=1` });
    }
    for (let i = random.poisson(parameters.no_host_per_day); i > 0; i--) {
      const person = { ...this.#person(), feed: 'gateway' as const };
      const received = Math.round(random.logNormal(150 * kib, 1.2));
      const event = download(person, at(), '', received, random);
      this.#add('no host', { ...event, host: '' });
    }
  }

  #gallery(day: number): void {
    const random = this.#random;
    const site = { host: this.#freshDomain('gallery'), medianBytes: 1.2 * mib, spread: 0.5 };
    const person = this.#person();
    let at = this.#estate.momentOf(day, random);
    for (let n = this.#estate.parameters.gallery_jpegs; n > 0; n--) {
      at += random.below(240_000);
      this.#fetch('gallery', at, site, person);
    }
  }
}

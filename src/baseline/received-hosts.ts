/**
 * Hosts as received, of late: an `lru-cache` from that text to all that is known of it, so that a host that
 * comes often costs one look-up. Deriving its key costs more than all the rest (a public suffix list), and
 * hosts follow Zipf's law.
 */
import { LRUCache } from 'lru-cache';
import { ownCopy, rememberedHost } from './host-text.js';
import { HostHandle } from './known-hosts.js';

/** Some 4 MiB when full. */
const maxReceived = 16_384;

export interface ReceivedHost {
  /** As it goes into files. */
  readonly remembered: string;
  readonly known: HostHandle;
  /** The `HourHosts.era` that it was last added to. */
  era: object | null;
}

export class ReceivedHosts {
  readonly #hostKey: (received: string) => string;
  /** Made when first needed: most commands never judge. */
  #cache: LRUCache<string, ReceivedHost> | null = null;
  /** The host last asked for: it is judged and then learned. */
  #received = '';
  #last: ReceivedHost | null = null;

  constructor(hostKey: (received: string) => string) {
    this.#hostKey = hostKey;
  }

  of(received: string): ReceivedHost {
    if (received === this.#received && this.#last !== null) return this.#last;
    this.#cache ??= new LRUCache({ max: maxReceived });
    this.#last = this.#cache.get(received) ?? this.#remember(received, this.#cache);
    this.#received = received;
    return this.#last;
  }

  #remember(received: string, cache: LRUCache<string, ReceivedHost>): ReceivedHost {
    const remembered = rememberedHost(received);
    const isAsReceived = remembered === received;
    const own = isAsReceived ? ownCopy(received) : remembered;
    const known = new HostHandle(this.#hostKey(own));
    const host = { remembered: own, known, era: null };
    // One that is too long, or no text, is not worth the room.
    if (isAsReceived) cache.set(own, host);
    return host;
  }
}

/**
 * Which downloads neither alert nor teach: those that brought no file (HEAD, 304, 404) and those that
 * were blocked, so that a blocked probe does not make its host known. An absent field never skips, and
 * where there are several values, of one key or of several that may hold it, all must ask for it: text in
 * an event must not hide it.
 */
import type { DetectionConfig } from '../../config/config.js';
import { type FeedProfile, firstPresent } from '../../feed.js';
import type { Fields } from '../../fields.js';
import { valuesOf } from './judged-fields.js';
import { RecentTexts } from './recent-texts.js';

export interface Skip {
  readonly by: 'method' | 'status' | 'action';
  /** The value that did it, as received. */
  readonly value: string;
}

type SkipConfig = Pick<DetectionConfig, 'skip' | 'mostSuspicious'>;

export class SkipTest {
  readonly #methods: ReadonlySet<string>;
  readonly #statuses: ReadonlySet<string>;
  readonly #actions: readonly string[];
  readonly #mostSuspicious: boolean;
  readonly #texts = new RecentTexts();
  /** Answers by value, since the same few words come with every event. */
  readonly #known = {
    method: new Map<string, boolean>(),
    status: new Map<string, boolean>(),
    action: new Map<string, boolean>(),
  };

  constructor({ skip, mostSuspicious }: SkipConfig) {
    this.#methods = new Set(skip.methods);
    this.#statuses = new Set(skip.statuses);
    this.#actions = skip.actions;
    this.#mostSuspicious = mostSuspicious;
  }

  /** Why a download is skipped, null if it is not. A blocked one is told as blocked. */
  ofDownload(fields: Fields, profile: FeedProfile): Skip | null {
    return (
      this.ofUpload(fields, profile) ??
      this.#by('method', fields, profile) ??
      this.#by('status', fields, profile)
    );
  }

  /** An upload has been sent, whatever was answered; only what was blocked is skipped. */
  ofUpload(fields: Fields, profile: FeedProfile): Skip | null {
    return this.#by('action', fields, profile);
  }

  #by(by: Skip['by'], fields: Fields, profile: FeedProfile): Skip | null {
    if (!this.#asks(by)) return null;
    if (!this.#mostSuspicious) {
      const index = firstPresent(fields, profile[by]);
      const value = index < 0 ? '' : fields.trimmed(index);
      return index >= 0 && this.#isSkipped(by, value) ? { by, value } : null;
    }
    let found: string | null = null;
    for (let r = 0; r < profile[by].length; r++) {
      const indexes = valuesOf(fields, profile[by][r]!);
      for (let i = 0; i < indexes.length; i++) {
        found = this.#texts.trimmed(fields, indexes[i]!);
        // Nearly all events end here, at the first value.
        if (!this.#isSkipped(by, found)) return null;
      }
    }
    return found === null ? null : { by, value: found };
  }

  #isSkipped(by: Skip['by'], value: string): boolean {
    const known = this.#known[by];
    let skipped = known.get(value);
    if (skipped !== undefined) return skipped;
    skipped = this.#skips(by, value.toLowerCase());
    // Values are the sender's: what is remembered of them is bounded in number and length.
    if (value.length > maxRemembered) return skipped;
    if (known.size >= maxRemembered) known.clear();
    known.set(value, skipped);
    return skipped;
  }

  #asks(by: Skip['by']): boolean {
    if (by === 'method') return this.#methods.size > 0;
    return by === 'status' ? this.#statuses.size > 0 : this.#actions.length > 0;
  }

  /** @param value in lower case */
  #skips(by: Skip['by'], value: string): boolean {
    if (by === 'method') return this.#methods.has(value);
    if (by === 'status') return this.#skipsStatus(value);
    const words = wordsOf(value);
    // `Not blocked`
    if (words.includes('not')) return false;
    return words.some((word) => this.#actions.some((action) => word.startsWith(action)));
  }

  /** `304`, or `304 Not Modified`. */
  #skipsStatus(value: string): boolean {
    const status = /^([1-5])\d\d(?!\d)/.exec(value);
    return (
      status !== null && (this.#statuses.has(status[0]) || this.#statuses.has(`${status[1]}xx`))
    );
  }
}

const maxRemembered = 256;
/** An action is a word or a few: `uc_site_blocked`, `TCP_DENIED`. */
const maxActionLength = 256;

function wordsOf(action: string): readonly string[] {
  return action.slice(0, maxActionLength).split(/[^a-z]+/);
}

/** What an exclusion may look at: the event's fields, and what the detector made of them. */
import type { Fields } from '../../fields.js';

/** May be one reused object; its members may be getters. Read during `match` only. */
export interface EventFacts {
  readonly fields: Fields;
  /** The judged URL as received and unescaped; '' if there is none. */
  readonly url: string;
  /** The part of `url` after the last `/`, query string included, as in the alert. */
  readonly filename: string;
  /** The judged host; '' if the event names none. */
  readonly host: string;
  /**
   * Every URL and every host that the event names, the judged ones first: text that a device failed to
   * escape can name one more (C7).
   */
  readonly urls: readonly string[];
  readonly hosts: readonly string[];
}

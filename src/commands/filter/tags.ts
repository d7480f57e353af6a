/** The tag of `forward.fluentd` as part of a record: `out_exec_filter` can take it from there (`<extract>`). */
import type { FluentdConfig } from '../../config/config.js';

export class Tags {
  readonly #key: string;
  readonly #event: string;
  readonly #alert: string;

  constructor(key: string, { tag, alertTag }: Pick<FluentdConfig, 'tag' | 'alertTag'>) {
    this.#key = key;
    this.#event = tag;
    this.#alert = alertTag;
  }

  entry(isAlert: boolean): Readonly<Record<string, string>> {
    return { [this.#key]: isAlert ? this.#alert : this.#event };
  }

  /** As JSON, without braces. */
  member(isAlert: boolean): string {
    return JSON.stringify(this.entry(isAlert)).slice(1, -1);
  }
}

/** What `detect` says of one event. One reused object; its parts exist only for JPEG events. */

/** What a host is to the baseline at a moment. */
export type HostState = 'known' | 'pending' | 'never_seen' | 'absent';

export type Direction = 'download' | 'upload';

/** The `alert` field of a record. Names and meaning are part of the record contract. */
export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly level: 'low' | 'medium' | 'high' | 'critical';
  /** One plain sentence with the numbers in it. */
  readonly reason: string;
  readonly direction: Direction;
  readonly filename: string;
  readonly url: string;
  readonly account: string;
  readonly host: string;
  readonly host_state: HostState;
  readonly bytes: number;
  readonly threshold_bytes: number;
  readonly percentile: number;
  /** bytes / threshold_bytes, two decimals. */
  readonly ratio: number;
  readonly samples: number;
  /** RFC 3339, UTC. */
  readonly baseline_from: string;
  readonly baseline_to: string;
  readonly first_seen?: string;
  readonly techniques: readonly string[];
  readonly tactics: readonly string[];
  readonly query_tactics: readonly string[];
  /** The declared file type and the name in the URL disagree. */
  readonly mismatch?: true;
  /** Keys that occur more than once among those that were judged. */
  readonly duplicate_keys?: readonly string[];
  /** With `direction: both`: the alert of the other direction, whose ratio is lower. */
  readonly also?: Omit<Alert, 'also'>;
}

/** The `alert_suppressed` field: what would have been an alert, and what held it back. */
export interface AlertSuppressed {
  readonly by: 'exclusion' | 'repeat';
  readonly name?: string;
  readonly reason?: string;
  readonly count?: number;
  readonly first?: string;
}

/** What the baseline of one direction learned from an event. */
export class Learned {
  /** False: nothing, and the rest means nothing. */
  learned = false;
  /** NaN if the event carried no size. */
  bytes = Number.NaN;
  /** As received; '' if none, or if the host is not to be remembered for it. */
  host = '';
}

export class Verdict {
  /** The event is a JPEG (by file type or URL) that the rule could look at. */
  jpeg = false;
  alert: Alert | null = null;
  suppressed: AlertSuppressed | null = null;
  /** What would have been the alert; for people to see, it is not forwarded. */
  heldBack: Alert | null = null;
  /** The hour it was judged at and learned into. */
  hour = 0;
  readonly download = new Learned();
  readonly upload = new Learned();

  clear(): void {
    this.jpeg = false;
    this.alert = null;
    this.suppressed = null;
    this.heldBack = null;
    this.download.learned = false;
    this.upload.learned = false;
  }
}

/** One synthetic web access with the label that says what it really is. */

/** Which product tells of it: where that product puts things is `line.ts`. */
export type FeedName = 'nss' | 'gateway' | 'webtx';

export interface Label {
  /** Kind of benign event, or of attack. */
  readonly kind: string;
  /** Number of the attack that the event is part of; -1 if it is benign. */
  readonly incident: number;
}

export interface WebEvent {
  readonly timeMs: number;
  readonly feed: FeedName;
  readonly user: string;
  readonly department: string;
  readonly client: string;
  readonly agent: string;
  readonly method: string;
  readonly status: number;
  readonly action: 'Allowed' | 'Blocked';
  /** What the feed writes as destination host; '' if it leaves it empty. */
  readonly host: string;
  /** Without a scheme; a path only where the feed knows no more. */
  readonly url: string;
  readonly fileType: string;
  /** Bytes of the answer; null if the feed does not tell. */
  readonly received: number | null;
  readonly sent: number;
  readonly label: Label;
}

export const benign = (kind: string): Label => ({ kind, incident: -1 });

export const isAttack = ({ label }: { readonly label: Label }): boolean => label.incident >= 0;

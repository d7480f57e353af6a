/** Shows findings: as a table in the columns of the hunting query, or as the records of the sidecar. */
import { decode as unpack } from '@msgpack/msgpack';
import type { Config } from '../../config/config.js';
import { createDecoder } from '../../decode/decode.js';
import { makeAlert } from '../../detect/alert/alert.js';
import { isMismatch } from '../../detect/alert/mismatch.js';
import { boundedHost } from '../../detect/event/host.js';
import { duplicateKeys } from '../../detect/event/jpeg-event.js';
import { JpegReader } from '../../detect/event/jpeg-reader.js';
import { keyId } from '../../dictionary/dictionary.js';
import { createForwardEncoder } from '../../encode/forward-entry.js';
import { Fields } from '../../fields.js';
import { Counters } from '../../observe/counters.js';
import { printable } from '../../observe/printable.js';
import type { Alert } from '../../verdict.js';
import { Verdict } from '../../verdict.js';
import type { JpegEvents } from '../logs/jpeg-events.js';
import type { Finding } from '../logs/verdicts.js';
import type { TextOutput } from '../text-output.js';

/** Widths are those of the first rows, so that the table need not be held. */
const rowsThatSetWidths = 1000;
/** A longer value shifts the rest of its row; it is not cut, since one wants to copy it. */
const maxPadding = 60;
const filePeer = { address: '-' };

/** The columns that the query projects, and what decided. */
export const columns: readonly string[] = [
  'TimeGenerated',
  'filename',
  'RequestURL',
  'ReceivedBytes',
  'RequestClientApplication',
  'SourceUserName',
  'DestinationHostName',
  'RequestContext',
  'threshold',
  'reason',
];
const clientApplicationId = keyId('requestClientApplication');
const dhostId = keyId('dhost');
const requestContextId = keyId('requestContext');

export async function writeTable(
  shown: ShownFindings,
  findings: readonly Finding[],
  output: TextOutput,
): Promise<void> {
  const head = [columns];
  for (const finding of findings.slice(0, rowsThatSetWidths)) head.push(shown.row(finding));
  if (findings.length === 0) return;
  const widths = columns.map((_, column) =>
    Math.min(maxPadding, Math.max(...head.map((row) => row[column]!.length))),
  );
  const lineOf = (row: readonly string[]) =>
    row
      .map((value, column) => value.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  for (const row of head) await output.line(lineOf(row));
  for (const finding of findings.slice(rowsThatSetWidths)) {
    if (output.closed) return;
    await output.line(lineOf(shown.row(finding)));
  }
}

/** One line of JSON for each: the record as it would have been forwarded. */
export async function writeJson(
  shown: ShownFindings,
  findings: readonly Finding[],
  output: TextOutput,
): Promise<void> {
  for (const finding of findings) {
    if (output.closed) return;
    await output.line(JSON.stringify(shown.record(finding)));
  }
}

/** Makes of a finding what is shown, from the frame that was kept. */
export class ShownFindings {
  readonly #events: JpegEvents;
  readonly #config: Config;
  readonly #fields: Fields;
  readonly #verdict = new Verdict();
  readonly #decode;
  readonly #reader;
  readonly #encoder;

  constructor(events: JpegEvents, config: Config) {
    this.#events = events;
    this.#config = config;
    this.#fields = new Fields(config.listen.maxFields);
    this.#decode = createDecoder({ counters: new Counters(), feeds: events.feeds });
    this.#reader = new JpegReader(config.detection);
    const { raw, names, resolveLabels } = config.forward.fluentd;
    const counters = new Counters();
    const { feeds } = events;
    this.#encoder = createForwardEncoder({ raw, names, resolveLabels, feeds, counters });
  }

  row(finding: Finding): readonly string[] {
    const alert = this.#alert(finding);
    const fields = this.#fields;
    const threshold = `${alert.threshold_bytes}`;
    return [
      new Date(this.#events.timesMs[finding.index]!).toISOString(),
      alert.filename,
      alert.url,
      `${alert.bytes}`,
      fields.text(clientApplicationId),
      alert.account,
      fields.text(dhostId),
      fields.text(requestContextId),
      threshold,
      alert.reason,
    ].map(printable);
  }

  record(finding: Finding): unknown {
    const verdict = this.#verdict;
    verdict.clear();
    verdict.jpeg = true;
    verdict.alert = this.#alert(finding);
    const { rawStart, rawEnd } = this.#fields;
    const out = Buffer.allocUnsafe(this.#encoder.maxEntryBytes(rawEnd - rawStart));
    const end = this.#encoder.entry(this.#fields, verdict, out, 0);
    const [, record] = unpack(out.subarray(0, end)) as [unknown, unknown];
    return record;
  }

  /** Fills the fields again. Received at its own time, so that the same log gives the same record. */
  #alert({ index, sides }: Finding): Alert {
    const fields = this.#fields;
    const frame = this.#events.frame(index);
    if (frame === null) throw new Error('a finding without its frame');
    const timeMs = this.#events.timesMs[index]!;
    this.#decode(frame, 0, frame.length, frame.length, timeMs, filePeer, fields);
    const event = this.#reader.read(fields, this.#events.feeds.of(fields));
    if (event === null) throw new Error('a finding that is no JPEG');
    const { detection } = this.#config;
    const { jpeg, placeholders } = detection;
    const mismatch = isMismatch({ fileType: event.fileType, url: event.url, jpeg, placeholders });
    const twice = duplicateKeys(fields, event.feed.profile);
    const [first, also] = sides.map(({ comparison, ...side }) => {
      // Hosts are held bounded; the record has them as received.
      const { learnedHost } = comparison;
      const host = event.hosts.find((one) => boundedHost(one) === learnedHost) ?? '';
      return makeAlert(
        { event, side, comparison: { ...comparison, host }, mismatch, twice },
        detection,
      );
    });
    return also === undefined ? first! : { ...first!, also };
  }
}

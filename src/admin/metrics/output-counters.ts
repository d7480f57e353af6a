/** The counters of each output as metrics; every one has the label `output` besides. */
import type { OutputCounters } from '../../observe/counters.js';
import { type CounterMetric, plain } from './counter-metric.js';

export const outputCounters: readonly CounterMetric<keyof OutputCounters>[] = [
  plain('output_filtered_events', 'not_forwarded', 'Events that `only` leaves out.'),
  plain('output_renamed_keys', 'keys_renamed', 'Keys that begin with stegwatch, sent as ext_….'),
  plain('output_changed_lines', 'lines_changed', 'Lines that could not go on as they came.'),
  plain('spool_received_batches', 'batches', 'Batches handed to the spool.'),
  plain('spool_received_events', 'spooled_events', 'Events handed to the spool: on their way.'),
  plain('spool_received_bytes', 'spooled_bytes', 'Bytes handed to the spool.'),
  plain('spool_syncs', 'spool_syncs', 'Times the spool was forced to disk.'),
  plain('spool_failed_syncs', 'spool_sync_failures', 'Times that forcing it to disk failed.'),
  plain('spool_failed_writes', 'spool_write_failures', 'Writes to the spool that failed.'),
  plain('spool_damaged_bytes', 'spool_damaged_bytes', 'Bytes that no record can be read from.'),
  plain('spool_lost_bytes', 'spool_damaged_bytes_lost', 'Of these, bytes not set aside either.'),
  {
    name: 'output_dropped_events',
    help: 'Events that are lost to the output.',
    labels: ['reason'],
    of: [
      ['spool_dropped_events', 'spool_full'],
      ['spool_missing_events', 'spool_damaged'],
      ['dead_letter_events_dropped', 'refused'],
    ],
  },
  plain('output_dead_letter_events', 'dead_letter_events', 'Events set aside: refused alone.'),
  plain('output_sent_chunks', 'chunks_sent', 'Chunks sent for the first time.'),
  plain('output_resent_chunks', 'chunks_resent', 'Chunks sent again: retries.'),
  plain('output_acked_chunks', 'chunks_acked', 'Chunks acked.'),
  plain('output_split_chunks', 'chunks_split', 'Chunks sent in pieces, since they were refused.'),
  plain('output_acked_events', 'events_acked', 'Events acked: delivered.'),
  plain('output_connections', 'connects', 'Connections made.'),
  plain('output_failed_connections', 'connect_failures', 'Attempts to connect that failed.'),
  plain('output_failovers', 'failovers', 'Times delivery went on with a server further down.'),
  plain('output_returns', 'returns', 'Times delivery went back to a server further up.'),
  plain('output_ack_timeouts', 'ack_timeouts', 'Connections given up for want of an ack.'),
  plain('output_unknown_acks', 'acks_unknown', 'Acks of chunks that were not in flight.'),
];

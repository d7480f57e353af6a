/** The counters of the whole process as metrics: from the inputs to what the baseline learned. */
import type { Counters } from '../../observe/counters.js';
import { type CounterMetric, plain } from './counter-metric.js';

type Metric = CounterMetric<keyof Counters>;

const inputs: readonly Metric[] = [
  {
    name: 'received_bytes',
    help: 'Bytes read from sockets.',
    labels: ['protocol'],
    of: [
      ['received_bytes_udp', 'udp'],
      ['received_bytes_tcp', 'tcp'],
      ['received_bytes_tls', 'tls'],
      ['received_bytes_relp', 'relp'],
    ],
    sum: 'received_bytes',
  },
  {
    name: 'received_events',
    help: 'Messages found in what was read.',
    labels: ['protocol'],
    of: [
      ['received_frames_udp', 'udp'],
      ['received_frames_tcp', 'tcp'],
      ['received_frames_tls', 'tls'],
      ['received_frames_relp', 'relp'],
    ],
    sum: 'received_frames',
  },
  {
    name: 'input_connections',
    help: 'Connections accepted; of TLS before the handshake.',
    labels: ['protocol'],
    of: [
      ['tcp_connections', 'tcp'],
      ['tls_connections', 'tls'],
      ['relp_connections', 'relp'],
    ],
  },
  {
    name: 'input_refused_connections',
    help: 'Connections refused, by limit or certificate.',
    labels: ['protocol', 'reason'],
    of: [
      ['tcp_refused_connection_limit', 'tcp', 'connection_limit'],
      ['tcp_refused_address_limit', 'tcp', 'address_limit'],
      ['tcp_refused_not_allowed', 'tcp', 'not_allowed'],
      ['tls_refused_connection_limit', 'tls', 'connection_limit'],
      ['tls_refused_address_limit', 'tls', 'address_limit'],
      ['tls_refused_not_allowed', 'tls', 'not_allowed'],
      ['tls_refused_not_tls', 'tls', 'not_tls'],
      ['tls_refused_no_certificate', 'tls', 'no_certificate'],
      ['tls_refused_expired', 'tls', 'expired'],
      ['tls_refused_unknown_ca', 'tls', 'unknown_ca'],
      ['tls_refused_name', 'tls', 'name'],
      ['tls_refused_certificate', 'tls', 'certificate'],
      ['relp_refused_connection_limit', 'relp', 'connection_limit'],
      ['relp_refused_address_limit', 'relp', 'address_limit'],
      ['relp_refused_not_allowed', 'relp', 'not_allowed'],
    ],
  },
  {
    name: 'input_closed_connections',
    help: 'Connections that we closed, by what was wrong.',
    labels: ['protocol', 'reason'],
    of: [
      ['tcp_closed_unfinished_frame', 'tcp', 'unfinished_frame'],
      ['tcp_closed_idle', 'tcp', 'idle'],
      ['tls_closed_unfinished_frame', 'tls', 'unfinished_frame'],
      ['tls_closed_idle', 'tls', 'idle'],
      ['relp_closed_unfinished_frame', 'relp', 'unfinished_frame'],
      ['relp_closed_idle', 'relp', 'idle'],
      ['relp_closed_answers_not_read', 'relp', 'answers_not_read'],
      ['relp_protocol_errors', 'relp', 'protocol_error'],
    ],
  },
  plain('tls_handshakes', 'tls_handshakes', 'TLS handshakes of senders that succeeded.'),
  {
    name: 'tls_failed_handshakes',
    help: 'TLS handshakes of senders that did not succeed, other than refused ones.',
    labels: ['reason'],
    of: [
      ['tls_handshake_timeouts', 'timeout'],
      ['tls_closed_in_handshake', 'closed'],
      ['tls_distrusted', 'distrusted'],
      ['tls_handshake_failures', 'other'],
    ],
  },
  plain('relp_acked_events', 'relp_acks', 'Messages acked over RELP.'),
  plain(
    'relp_unacked_events',
    'relp_acks_withheld',
    'Messages received over RELP and never acked: the sender sends them again.',
  ),
  plain('relp_failed_flushes', 'relp_flush_failures', 'Times that storing for RELP failed.'),
  plain('relp_unknown_commands', 'relp_unknown_commands', 'RELP commands answered with 500.'),
  plain('relp_window_pauses', 'relp_window_pauses', 'Times a RELP sender had to wait for acks.'),
  {
    name: 'discarded_datagrams',
    help: 'UDP datagrams that were lost: dropped by the kernel, or by us.',
    labels: ['reason'],
    of: [
      ['udp_kernel_drops', 'kernel'],
      ['udp_dropped_full', 'spool_full'],
      ['udp_dropped_not_allowed', 'not_allowed'],
    ],
  },
  plain('input_pauses', 'input_pauses', 'Times the inputs were paused by a full spool.'),
  plain('truncated_events', 'frames_truncated', 'Messages cut at listen.max_message.'),
  plain('empty_lines', 'frames_skipped_empty', 'Empty lines, which are no events.'),
  plain('framing_resyncs', 'framing_resyncs', 'Octet counts that did not fit.'),
];

const decode: readonly Metric[] = [
  plain('events', 'events', 'Events decoded.'),
  plain('cef_events', 'events_cef', 'Events that are CEF.'),
  {
    name: 'parse_errors',
    help: 'Events that are damaged or not CEF: forwarded, with parse_error.',
    labels: ['kind'],
    of: [
      ['parse_errors_not_cef', 'not_cef'],
      ['parse_errors_header_cut', 'header_cut'],
      ['parse_errors_text_before_key', 'text_before_key'],
      ['parse_errors_too_many_fields', 'too_many_fields'],
      ['parse_errors_empty', 'empty'],
    ],
    sum: 'parse_errors',
  },
  plain('invalid_utf8_events', 'invalid_utf8', 'Events that were not UTF-8: repaired.'),
  plain('duplicate_keys', 'duplicate_keys', 'Fields whose key came earlier in the same event.'),
  plain('overfull_events', 'too_many_fields', 'Events with more than listen.max_fields fields.'),
  plain('invalid_values', 'invalid_values', 'Values that are not of their type.'),
];

const detect: readonly Metric[] = [
  plain('jpeg_events', 'jpeg_events', 'Events that are JPEGs with a URL.'),
  {
    name: 'jpeg_oddities',
    help: 'JPEG events that lack something, or have too much of it.',
    labels: ['oddity'],
    of: [
      ['jpeg_without_bytes', 'no_bytes'],
      ['jpeg_zero_bytes', 'zero_bytes'],
      ['jpeg_without_host', 'no_host'],
      ['jpeg_several_hosts', 'several_hosts'],
      ['jpeg_without_url', 'no_url'],
      ['jpeg_not_uploads', 'no_upload'],
    ],
  },
  {
    name: 'skipped_events',
    help: 'JPEG events neither judged nor learned (detection.skip).',
    labels: ['reason'],
    of: [
      ['skipped_by_method', 'method'],
      ['skipped_by_status', 'status'],
      ['skipped_by_action', 'action'],
    ],
  },
  {
    name: 'not_judged_events',
    help: 'Events that were not looked at: cut ones, and those of feeds with judge: false.',
    labels: ['reason'],
    of: [
      ['not_judged_truncated', 'truncated'],
      ['not_judged_feed', 'feed'],
    ],
  },
  plain('judged_events', 'judged', 'JPEG events compared with a threshold.'),
  {
    name: 'alerts',
    help: 'Alerts raised.',
    labels: ['level'],
    of: [
      ['alerts_low', 'low'],
      ['alerts_medium', 'medium'],
      ['alerts_high', 'high'],
      ['alerts_critical', 'critical'],
    ],
    sum: 'alerts',
  },
  {
    name: 'suppressed_alerts',
    help: 'Would-be alerts that were held back.',
    labels: ['by'],
    of: [
      ['alerts_excluded', 'exclusion'],
      ['alerts_repeated', 'repeat'],
    ],
  },
  plain('repeat_evictions', 'repeat_evictions', 'Alerts forgotten because of suppress.max_alerts.'),
  {
    name: 'corrected_times',
    help: 'Events whose own time was too far from the clock: taken as now.',
    labels: ['reason'],
    of: [
      ['late_events', 'late'],
      ['future_events', 'future'],
    ],
  },
];

const baseline: readonly Metric[] = [
  plain('observations', 'observations', 'What the baseline learned.'),
  plain(
    'relearned_observations',
    'observations_relearned',
    'Learned at start from the spool, after a crash.',
  ),
  plain(
    'refused_observations',
    'observations_refused',
    'Not learned: their hour is sealed or past.',
  ),
  plain('host_evictions', 'host_evictions', 'Hosts forgotten because of baseline.max_hosts.'),
  plain('unsaved_hosts', 'hosts_not_saved', 'Hosts not on disk: their hour holds max_hosts.'),
  plain('failed_checkpoints', 'checkpoint_failures', 'Checkpoints of the baseline that failed.'),
  plain('torn_baseline_files', 'baseline_torn', 'Baseline files that ended in a checkpoint.'),
  plain('unused_baseline_files', 'baseline_unused_files', 'Baseline files that were not used.'),
];

const reloads: Metric = {
  name: 'config_reloads',
  help: 'Reloads of the config by SIGHUP; after one that failed the old config stays in force.',
  labels: ['result'],
  of: [
    ['config_reloads', 'success'],
    ['config_reload_failures', 'failure'],
  ],
};

export const processCounters: readonly Metric[] = [
  ...inputs,
  ...decode,
  ...detect,
  ...baseline,
  reloads,
];

/**
 * Every event and byte that comes in is counted once here, and again for each output where it leaves: sent, or
 * dropped with its reason. Plain numbers, so that counting costs an increment. docs/counters.md explains each one.
 */
export class Counters {
  // input
  received_bytes = 0;
  received_frames = 0;
  received_bytes_udp = 0;
  received_frames_udp = 0;
  received_bytes_tcp = 0;
  received_frames_tcp = 0;
  received_bytes_tls = 0;
  received_frames_tls = 0;
  received_bytes_relp = 0;
  received_frames_relp = 0;
  tcp_connections = 0;
  tcp_refused_connection_limit = 0;
  tcp_refused_address_limit = 0;
  tcp_refused_not_allowed = 0;
  tcp_closed_unfinished_frame = 0;
  tcp_closed_idle = 0;
  tls_connections = 0;
  tls_handshakes = 0;
  tls_refused_connection_limit = 0;
  tls_refused_address_limit = 0;
  tls_refused_not_allowed = 0;
  tls_handshake_timeouts = 0;
  tls_closed_in_handshake = 0;
  tls_refused_not_tls = 0;
  tls_distrusted = 0;
  tls_handshake_failures = 0;
  tls_refused_no_certificate = 0;
  tls_refused_expired = 0;
  tls_refused_unknown_ca = 0;
  tls_refused_name = 0;
  tls_refused_certificate = 0;
  tls_closed_unfinished_frame = 0;
  tls_closed_idle = 0;
  relp_connections = 0;
  relp_refused_connection_limit = 0;
  relp_refused_address_limit = 0;
  relp_refused_not_allowed = 0;
  relp_closed_unfinished_frame = 0;
  relp_closed_idle = 0;
  relp_closed_answers_not_read = 0;
  relp_protocol_errors = 0;
  relp_unknown_commands = 0;
  relp_acks = 0;
  relp_acks_withheld = 0;
  relp_flush_failures = 0;
  relp_window_pauses = 0;
  udp_kernel_drops = 0;
  udp_dropped_full = 0;
  udp_dropped_not_allowed = 0;
  input_pauses = 0;
  // framing
  frames_truncated = 0;
  frames_skipped_empty = 0;
  framing_resyncs = 0;
  // decode
  events = 0;
  events_cef = 0;
  parse_errors = 0;
  parse_errors_not_cef = 0;
  parse_errors_header_cut = 0;
  parse_errors_text_before_key = 0;
  parse_errors_too_many_fields = 0;
  parse_errors_empty = 0;
  invalid_utf8 = 0;
  duplicate_keys = 0;
  too_many_fields = 0;
  // detect
  jpeg_events = 0;
  jpeg_without_bytes = 0;
  jpeg_without_host = 0;
  jpeg_without_url = 0;
  jpeg_zero_bytes = 0;
  jpeg_several_hosts = 0;
  jpeg_not_uploads = 0;
  skipped_by_method = 0;
  skipped_by_status = 0;
  skipped_by_action = 0;
  judged = 0;
  alerts = 0;
  alerts_low = 0;
  alerts_medium = 0;
  alerts_high = 0;
  alerts_critical = 0;
  alerts_excluded = 0;
  repeat_evictions = 0;
  alerts_repeated = 0;
  not_judged_truncated = 0;
  not_judged_feed = 0;
  late_events = 0;
  future_events = 0;
  observations = 0;
  observations_relearned = 0;
  host_evictions = 0;
  // baseline
  observations_refused = 0;
  hosts_not_saved = 0;
  checkpoint_failures = 0;
  baseline_torn = 0;
  baseline_unused_files = 0;
  // encode
  invalid_values = 0;
  // run
  config_reloads = 0;
  config_reload_failures = 0;
  // filter
  filter_answers = 0;
  filter_records_invalid = 0;
  filter_records_oversized = 0;
  filter_fields_kept_out = 0;
}

/** Of one output, from the open batch on: its spool, and what has been sent of it. */
export class OutputCounters {
  not_forwarded = 0;
  keys_renamed = 0;
  lines_changed = 0;
  batches = 0;
  spooled_events = 0;
  spooled_bytes = 0;
  spool_syncs = 0;
  spool_sync_failures = 0;
  spool_write_failures = 0;
  spool_dropped_events = 0;
  spool_damaged_bytes = 0;
  spool_damaged_bytes_lost = 0;
  spool_missing_events = 0;
  chunks_sent = 0;
  chunks_resent = 0;
  chunks_acked = 0;
  chunks_split = 0;
  events_acked = 0;
  dead_letter_events = 0;
  dead_letter_events_dropped = 0;
  connects = 0;
  connect_failures = 0;
  failovers = 0;
  returns = 0;
  ack_timeouts = 0;
  acks_unknown = 0;
}

/**
 * Every event and byte that comes in is counted once here, and again where it leaves: sent, or dropped
 * with its reason. Plain numbers, so that counting costs an increment. docs/counters.md explains each one.
 */
export class Counters {
  // input
  received_bytes = 0;
  received_frames = 0;
  tcp_connections = 0;
  tcp_refused_connection_limit = 0;
  tcp_refused_not_allowed = 0;
  tcp_closed_unfinished_frame = 0;
  tcp_closed_idle = 0;
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
  alerts_excluded = 0;
  repeat_evictions = 0;
  alerts_repeated = 0;
  not_judged_truncated = 0;
  not_judged_feed = 0;
  late_events = 0;
  future_events = 0;
  observations = 0;
  host_evictions = 0;
  // baseline
  observations_refused = 0;
  hosts_not_saved = 0;
  checkpoint_failures = 0;
  baseline_torn = 0;
  baseline_unused_files = 0;
  // encode
  invalid_values = 0;
  // spool and output
  not_forwarded = 0;
  batches = 0;
  spooled_events = 0;
  chunks_sent = 0;
  chunks_resent = 0;
  chunks_acked = 0;
  chunks_split = 0;
  events_acked = 0;
  dead_letter_events = 0;
  connects = 0;
  connect_failures = 0;
  failovers = 0;
  returns = 0;
  ack_timeouts = 0;
  acks_unknown = 0;
}

/** Fluentd: in_syslog with the syslog header only, out_forward. Without supervisor: one process. */
import { join } from 'node:path';
import { findProgram, type PeerMode } from './peer.js';

const how = '`gem install fluentd`';

export const fluentd: readonly PeerMode[] = [
  {
    peer: 'fluentd',
    mode: 'header',
    what: 'syslog header by regexp, the CEF text kept whole, Forward without acks',
    sinkMode: 'forward',
    eventsShare: 0.1,
    command(root, folder, ports) {
      const program = findProgram('fluentd', root, how);
      const file = join(folder, 'fluentd.conf');
      return {
        program,
        args: ['--no-supervisor', '-c', file],
        files: { 'fluentd.conf': config(ports.listen, ports.sink) },
      };
    },
  },
];

const config = (listen: number, sink: number): string => `<source>
  @type syslog
  bind 127.0.0.1
  port ${listen}
  tag syslog
  severity_key pri
  facility_key facility
  <transport tcp>
  </transport>
  <parse>
    @type regexp
    expression /^(?<time>[A-Z][a-z]{2} +\\d{1,2} \\d{2}:\\d{2}:\\d{2}) (?<host>\\S+) (?<message>CEF:.*)$/
    time_key time
    time_format %b %d %H:%M:%S
  </parse>
</source>
<match **>
  @type forward
  heartbeat_type none
  require_ack_response false
  <server>
    host 127.0.0.1
    port ${sink}
  </server>
  <buffer>
    @type memory
    flush_mode interval
    flush_interval 1s
    chunk_limit_size 8MB
    total_limit_size 512MB
    overflow_action block
  </buffer>
</match>
<label @FLUENT_LOG>
  <match **>
    @type null
  </match>
</label>
`;

/** Fluent Bit: in_syslog, the header only or CEF by regular expression and Lua, out_forward. */
import { join } from 'node:path';
import { findProgram, type PeerMode, type PeerPorts } from './peer.js';

const how = 'https://docs.fluentbit.io says how; it must be in PATH, or where --peer-root says';

const syslogHead =
  '^<(?<pri>\\d{1,3})>(?<time>[A-Z][a-z]{2} +\\d{1,2} \\d\\d:\\d\\d:\\d\\d) (?<host>[^ ]+) ';
const cefHead = [
  'version',
  'device_vendor',
  'device_product',
  'device_version',
  'device_event_class_id',
  'name',
  'severity',
]
  .map((name) => `(?<${name}>(?:[^|\\\\]|\\\\.)*)\\|`)
  .join('');

const parserOf = (name: string, regex: string): string => `[PARSER]
    Name        ${name}
    Format      regex
    Regex       ${regex}
    Time_Key    time
    Time_Format %b %d %H:%M:%S
    Time_Keep   Off

`;

const parsers =
  parserOf('header', `${syslogHead}(?<message>.*)$`) +
  parserOf('cef', `${syslogHead}CEF:${cefHead}(?<extension>.*)$`);

/** The extension, one field a key, unescaped; values may hold blanks. */
const lua = `local function plain(c)
  if c == "n" then return "\\n" elseif c == "r" then return "\\r" end
  return c
end

function cef(tag, time, record)
  local text = record.extension
  if not text then return 0, 0, 0 end
  record.extension = nil
  local _, last, key = string.find(text, "^ *([%w_.%-%[%]]+)=")
  while key do
    local first, nextLast, nextKey = string.find(text, " ([%w_.%-%[%]]+)=", last + 1)
    local value = string.sub(text, last + 1, first and first - 1)
    if string.find(value, "\\\\", 1, true) then value = string.gsub(value, "\\\\(.)", plain) end
    record[key] = value
    last, key = nextLast, nextKey
  end
  return 2, 0, record
end
`;

function mode(name: 'header' | 'cef', what: string, filter: string): PeerMode {
  return {
    peer: 'fluent-bit',
    mode: name,
    what,
    sinkMode: 'forward',
    eventsShare: 1,
    command(root, folder, ports) {
      return {
        program: findProgram('fluent-bit', root, how),
        args: ['-c', join(folder, 'fluent-bit.conf')],
        files: {
          'fluent-bit.conf': config(folder, ports, name, filter),
          'parsers.conf': parsers,
          'cef.lua': lua,
        },
      };
    },
  };
}

function config(folder: string, ports: PeerPorts, parser: string, filter: string): string {
  return `[SERVICE]
    flush        1
    log_level    warn
    parsers_file ${join(folder, 'parsers.conf')}
[INPUT]
    name   syslog
    mode   tcp
    listen 127.0.0.1
    port   ${ports.listen}
    parser ${parser}
    buffer_chunk_size 256k
    buffer_max_size   1M
${filter.replace('FOLDER', folder)}[OUTPUT]
    name  forward
    match *
    host  127.0.0.1
    port  ${ports.sink}
`;
}

const luaFilter = `[FILTER]
    name   lua
    match  *
    script FOLDER/cef.lua
    call   cef
`;

export const fluentBit: readonly PeerMode[] = [
  mode('header', 'syslog header by regexp, the CEF text kept whole, Forward without acks', ''),
  mode('cef', 'CEF by regexp and Lua, Forward without acks', luaFilter),
];

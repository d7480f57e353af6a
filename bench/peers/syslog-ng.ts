/** syslog-ng: copying, or csv-parser and kv-parser for CEF. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, libraryFolders, PeerMissing, type PeerMode } from './peer.js';

const how =
  'on Debian syslog-ng-core, which conflicts with rsyslog as a package: ' +
  '`apt-get download syslog-ng-core libivykis0 libnet1 libwrap0 libjson-c5`, ' +
  '`dpkg -x` each into one folder, and --peer-root syslog-ng= that folder';

const head = `options { stats-freq(0); log-fifo-size(100000); keep-hostname(yes); use-dns(no); };
`;
const source = (port: number): string =>
  `source in { network(ip(127.0.0.1) port(${port}) transport(tcp) max-connections(200)
  log-iw-size(20000) log-fetch-limit(1000) log-msg-size(65536)); };
`;
const destination = (port: number, template: string): string =>
  `destination out { network("127.0.0.1" port(${port}) transport(tcp) template("${template}")); };
`;

/** Values hold blanks, so pairs are held apart by what never occurs. */
const parsers = `parser header { csv-parser(
  columns("cef.version", "cef.vendor", "cef.product", "cef.device_version", "cef.class", "cef.name",
          "cef.severity", "extension")
  delimiters("|") flags(greedy) dialect(escape-backslash) template("$MSGHDR$MSG")); };
parser extension { kv-parser(prefix("cef.ext.") pair-separator("\\x01\\x01") template("$extension")); };
`;

function mode(name: string, what: string, body: (sinkPort: number) => string): PeerMode {
  return {
    peer: 'syslog-ng',
    mode: name,
    what,
    sinkMode: 'lines',
    eventsShare: 1,
    command(root, folder, ports) {
      const program = findProgram('syslog-ng', root, how);
      const { version, modules, libraries } = installation(root);
      const at = (file: string): string => join(folder, file);
      return {
        program,
        args: [
          [
            '--foreground',
            '--no-caps',
            '--cfgfile',
            at('syslog-ng.conf'),
            '--module-path',
            modules,
          ],
          ['--persist-file', at('persist'), '--pidfile', at('pid'), '--control', at('control')],
        ].flat(),
        ...(root === null ? {} : { env: { LD_LIBRARY_PATH: libraries.join(':') } }),
        files: {
          'syslog-ng.conf': `@version: ${version}\n${head}${source(ports.listen)}${body(ports.sink)}`,
        },
      };
    },
  };
}

/** Modules are in a folder that is named by the version, which a config must name too. */
function installation(root: string | null) {
  const libraries = [...libraryFolders(root)];
  for (const folder of [...libraries]) {
    const own = join(folder, 'syslog-ng');
    if (!existsSync(own)) continue;
    libraries.unshift(own);
    const version = readdirSync(own).find((name) => /^\d+\.\d+$/.test(name));
    if (version !== undefined) return { version, modules: join(own, version), libraries };
  }
  throw new PeerMissing(`syslog-ng's modules are in none of ${libraries.join(', ')}: ${how}`);
}

export const syslogNg: readonly PeerMode[] = [
  mode(
    'raw',
    'copies the line; no CEF',
    (sinkPort) =>
      `${destination(sinkPort, '<$PRI>$DATE $HOST $MSGHDR$MSG\\n')}log { source(in); destination(out); flags(flow-control); };\n`,
  ),
  mode(
    'kv',
    'csv-parser and kv-parser, JSON lines',
    (sinkPort) =>
      `${parsers}${destination(sinkPort, '$(format-json --scope none host=$HOST ts=$DATE --key cef.*)\\n')}log { source(in); parser(header); parser(extension); destination(out); flags(flow-control); };\n`,
  ),
];

/** rsyslog: imtcp to omfwd, copying, or with liblognorm's CEF parser between them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, libraryFolders, PeerMissing, type PeerMode } from './peer.js';

const how = 'on Debian the packages rsyslog and liblognorm5 (`apt-get install rsyslog`)';

const input = (port: number): string =>
  `input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="forward")\n`;
const output = (port: number, template: string): string =>
  `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" template="${template}"
         TCP_Framing="traditional" action.resumeRetryCount="-1")`;

function mode(
  name: string,
  what: string,
  module: string | null,
  config: (folder: string, sinkPort: number) => string,
  files: Readonly<Record<string, string>>,
): PeerMode {
  return {
    peer: 'rsyslog',
    mode: name,
    what,
    sinkMode: 'lines',
    eventsShare: 1,
    command(root, folder, ports) {
      const program = findProgram('rsyslogd', root, how);
      const modules = modulesFolder(root);
      if (module !== null && !existsSync(join(modules, `${module}.so`))) {
        throw new PeerMissing(`rsyslog/${name} needs ${module}.so, not in ${modules}: ${how}`);
      }
      const file = join(folder, 'rsyslog.conf');
      const head =
        `global(workDirectory="${folder}" maxMessageSize="64k")\n` +
        'module(load="imtcp" maxSessions="200")\n';
      return {
        program,
        args: ['-n', '-M', modules, '-f', file, '-i', join(folder, 'rsyslog.pid')],
        ...(root === null ? {} : { env: { LD_LIBRARY_PATH: libraryFolders(root).join(':') } }),
        files: {
          ...files,
          'rsyslog.conf': head + config(folder, ports.sink) + input(ports.listen),
        },
      };
    },
  };
}

function modulesFolder(root: string | null): string {
  const folders = libraryFolders(root).map((folder) => join(folder, 'rsyslog'));
  const found = folders.find((folder) => existsSync(join(folder, 'imtcp.so')));
  if (found !== undefined) return found;
  throw new PeerMissing(`rsyslog's imtcp.so is in none of ${folders.join(', ')}: ${how}`);
}

export const rsyslog: readonly PeerMode[] = [
  mode(
    'raw',
    'copies the line; no CEF',
    null,
    (_, sinkPort) => `template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="forward") {
  ${output(sinkPort, 'raw')}
}
`,
    {},
  ),
  mode(
    'mmnormalize',
    'liblognorm `cef`, JSON lines',
    'mmnormalize',
    (folder, sinkPort) => `module(load="mmnormalize")
template(name="json" type="list") { property(name="$!all-json") constant(value="\\n") }
ruleset(name="forward") {
  action(type="mmnormalize" rulebase="${join(folder, 'cef.rulebase')}" useRawMsg="on")
  ${output(sinkPort, 'json')}
}
`,
    {
      'cef.rulebase': 'version=2\nrule=:<%pri:number%>%ts:date-rfc3164% %host:word% %cef:cef%\n',
    },
  ),
];

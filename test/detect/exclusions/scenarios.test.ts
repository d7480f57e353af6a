/** The five shipped scenarios, in both forms, on events under every way a feed may carry them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { ExclusionConfig } from '../../../src/config/config.js';
import { loadConfig } from '../../../src/config/load.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { facts, matcher } from './try-exclusion.js';

type Event = Readonly<Record<string, string>>;

const folder = join(repository(), 'examples', 'exclusions');
const names = ['archiving', 'backup', 'designer-upload', 'documentation', 'reporting'];

/** The shipped file as the sidecar reads it; throws if it is not a valid config. */
function shipped(name: string): readonly ExclusionConfig[] {
  const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
  const check = (config: { exclusions: readonly ExclusionConfig[] }) =>
    compileExclusions(config.exclusions).problems;
  return loadConfig({ text, env: {}, check }).exclusions;
}

/** Which shipped exclusion takes the event: the part of its name after the scenario's, or null. */
function judge(name: string): (event: Event) => string | null {
  const { exclusions } = compileExclusions(shipped(name));
  return (event) => exclusions.match(facts(event), 0)?.name.replace(`${name}-`, '') ?? null;
}

function checkScenario(
  t: Test,
  name: string,
  yes: readonly [form: string, events: readonly Event[]][],
  no: readonly Event[],
): void {
  const by = judge(name);
  for (const [form, events] of yes) {
    for (const event of events) t.equal(by(event), form, JSON.stringify(event));
  }
  for (const event of no) t.equal(by(event), null, JSON.stringify(event));
}

/** A process as feeds carry it: three keys, as a name or a path. */
const asProcess = (process: string, rest: Event): readonly Event[] => [
  { sproc: process, ...rest },
  { dproc: process.toUpperCase(), ...rest },
  { deviceProcessName: process, ...rest },
  { sproc: `C:\\Program Files\\x\\${process}`, ...rest },
  { dproc: `/opt/x/${process}`, ...rest },
];

t.test('each scenario ships in two forms, and each file is a valid config', async (t) => {
  t.strictSame(
    readdirSync(folder).sort(),
    names.map((name) => `${name}.yaml`),
  );
  for (const name of names) {
    t.strictSame(
      shipped(name).map((exclusion) => exclusion.name),
      [`${name}-by-process`, `${name}-by-proxy`],
    );
  }
});

t.test('backup', async (t) => {
  const labels = [
    'Parent Process',
    'parent process name',
    'ParentProcessName',
    'ParentImage',
    'process.parent.name',
    'parent_process_name',
  ];
  const software = ['Veeam Backup & Replication', 'acronis true image'];
  checkScenario(
    t,
    'backup',
    [
      [
        'by-process',
        software.flatMap((name): Event[] => [
          ...labels.map((label) => ({ cs3Label: label, cs3: name })),
          { flexString1Label: 'Parent Process', flexString1: name },
          { parentProcessName: name },
          { sproc: name, dproc: 'VeeamAgent.exe' },
          { sproc: name },
        ]),
      ],
      [
        'by-proxy',
        [
          { requestClientApplication: 'APN/1.0 Veeam/1.0', src: '10.20.30.7' },
          { requestClientApplication: 'acronis agent', sourceTranslatedAddress: '10.20.30.250' },
          { suser: 'CORP\\svc-backup', dhost: 'eu.backup.example.com' },
          { suser: 'svc-backup', request: 'https://backup.example.com/a.jpg' },
        ],
      ],
    ],
    [
      { cs3Label: 'Parent Process', cs3: 'Veeam' },
      { cs3Label: 'Process', cs3: 'Veeam Backup & Replication' },
      { cs2Label: 'Parent Process', cs3: 'Veeam Backup & Replication' },
      { dproc: 'Veeam Backup & Replication' },
      { msg: 'Veeam Backup & Replication' },
      { requestClientApplication: 'Veeam/1.0', src: '10.20.31.7' },
      { requestClientApplication: 'Mozilla/5.0', src: '10.20.30.7' },
      { suser: 'svc-backup', dhost: 'evilbackup.example.com' },
      { suser: 'svc-backup2', dhost: 'backup.example.com' },
    ],
  );
});

t.test('designer upload', async (t) => {
  const sites: Event[] = [
    { dhost: 'mail.google.com' },
    { dhost: 'GOOGLE.com.' },
    { dhost: 'www.dropbox.com:443' },
    { request: 'https://drive.google.com/a.jpg' },
    { destinationDnsDomain: 'dropbox.com' },
  ];
  const strangers: Event[] = [
    { dhost: 'evilgoogle.com' },
    { dhost: 'google.com.evil.net' },
    { request: 'https://evil.net/google.com/a.jpg' },
    { request: 'https://google.com@evil.net/a.jpg' },
    {},
  ];
  const tools = ['Photoshop.exe', 'gimp.exe'];
  checkScenario(
    t,
    'designer-upload',
    [
      ['by-process', sites.flatMap((site) => tools.flatMap((tool) => asProcess(tool, site)))],
      [
        'by-proxy',
        [
          { cs1Label: 'dept', cs1: 'Design', dhost: 'lh3.googleusercontent.com' },
          { cs5Label: 'Department', cs5: 'marketing', dhost: 'google.com' },
          {
            cs1Label: 'User Department',
            cs1: 'DESIGN',
            request: 'dl.dropboxusercontent.com/x.jpg',
          },
          { department: 'Design', dhost: 'dropbox.com' },
        ],
      ],
    ],
    [
      ...strangers.flatMap((site) => tools.flatMap((tool) => asProcess(tool, site))),
      ...sites.flatMap((site) => asProcess('paint.exe', site)),
      ...strangers.map((site) => ({ cs1Label: 'dept', cs1: 'Design', ...site })),
      { cs1Label: 'dept', cs1: 'Sales', dhost: 'google.com' },
      { cs1Label: 'Policy', cs1: 'Design', dhost: 'google.com' },
    ],
  );
});

t.test('documentation', async (t) => {
  const files: Event[] = [
    { request: 'https://docs.example/img/report.jpg' },
    { request: 'docs.example/REPORT.JPG?size=full' },
    { fname: 'report.jpg' },
    { filePath: '\\\\srv\\docs\\report.jpg' },
  ];
  const others: Event[] = [
    { request: 'https://docs.example/my-report.jpg' },
    { fname: 'a.jpg' },
    {},
  ];
  const tools = ['splunkd.exe', 'elasticsearch.exe'];
  checkScenario(
    t,
    'documentation',
    [
      ['by-process', files.flatMap((file) => tools.flatMap((tool) => asProcess(tool, file)))],
      [
        'by-proxy',
        files.flatMap((file): Event[] => [
          { suser: 'corp\\svc-splunk', ...file },
          { duser: 'svc-elastic', ...file },
          { src: '10.20.40.1', ...file },
          { src: '::ffff:10.20.40.1', ...file },
        ]),
      ],
    ],
    [
      ...others.flatMap((file) => tools.flatMap((tool) => asProcess(tool, file))),
      ...files.flatMap((file) => asProcess('splunk.exe', file)),
      ...others.map((file) => ({ suser: 'svc-splunk', ...file })),
      { src: '10.20.41.1', request: 'https://docs.example/img/report.jpg' },
    ],
  );
});

t.test('reporting', async (t) => {
  const files: Event[] = [
    { request: 'https://online.tableau.com/a.jpg' },
    { request: 'app.powerbi.com/a.JPG?x=1' },
    { fname: 'chart.jpg' },
    { fileType: 'jpg' },
  ];
  const tools = ['Tableau.exe', 'Power BI.exe'];
  checkScenario(
    t,
    'reporting',
    [
      ['by-process', files.flatMap((file) => tools.flatMap((tool) => asProcess(tool, file)))],
      [
        'by-proxy',
        [
          {
            requestClientApplication: 'Tableau Desktop 2026',
            request: 'https://online.tableau.com/a.jpeg',
          },
          { requestClientApplication: 'PowerBI/2', dhost: 'app.powerbi.com', fileType: 'jpeg' },
          { suser: 'svc-reporting', dhost: 'powerbi.com', fname: 'x.jpg' },
        ],
      ],
    ],
    [
      ...tools.flatMap((tool) => asProcess(tool, { request: 'https://h/a.png' })),
      ...tools.flatMap((tool) => asProcess(tool, { request: 'https://h/a.jpg.exe' })),
      ...files.flatMap((file) => asProcess('excel.exe', file)),
      { requestClientApplication: 'Tableau', dhost: 'tableau.com.evil.net', fname: 'x.jpg' },
      { requestClientApplication: 'Tableau', dhost: 'tableau.com', fname: 'x.png' },
    ],
  );
});

t.test('archiving', async (t) => {
  const shares: Event[] = [
    { filePath: '\\\\server\\share\\a.jpg' },
    { fname: '\\\\SERVER\\share\\a.jpg' },
    { cs2Label: 'Source', cs2: '\\\\server\\archive' },
    { cs2Label: 'source path', cs2: '\\\\server\\archive' },
    { shost: '\\\\server\\x' },
    // A device that does not escape: CEF makes one backslash of its two.
    { filePath: '\\server\\share\\a.jpg' },
  ];
  const others: Event[] = [
    { filePath: '\\\\server2\\share\\a.jpg' },
    { filePath: 'C:\\server\\a.jpg' },
    { filePath: 'x\\\\server\\a.jpg' },
    { request: '\\\\server\\share\\a.jpg' },
    { shost: 'server' },
    {},
  ];
  const shells = ['powershell.exe', 'bash'];
  const agent = 'Mozilla/5.0 (Windows NT 10.0) WindowsPowerShell/5.1';
  checkScenario(
    t,
    'archiving',
    [
      ['by-process', shares.flatMap((share) => shells.flatMap((sh) => asProcess(sh, share)))],
      [
        'by-proxy',
        [
          { requestClientApplication: agent, suser: 'CORP\\svc-archive', src: '10.20.50.9' },
          { requestClientApplication: 'curl/8.5', suser: 'svc-archive', src: '10.20.50.9' },
        ],
      ],
    ],
    [
      ...others.flatMap((share) => shells.flatMap((sh) => asProcess(sh, share))),
      ...shares.flatMap((share) => asProcess('cmd.exe', share)),
      ...shares.flatMap((share) => asProcess('rbash', share)),
      { requestClientApplication: agent, suser: 'CORP\\jdoe', src: '10.20.50.9' },
      { requestClientApplication: agent, suser: 'svc-archive', src: '10.20.51.9' },
      { requestClientApplication: 'Mozilla/5.0', suser: 'svc-archive', src: '10.20.50.9' },
    ],
  );
});

/**
 * The same scenarios written in each of the five ways and in the words of the scenarios: the name
 * for the process, what else must hold, and events that carry it that way.
 */
t.test('every scenario can be written in every naming way', async (t) => {
  const ways: readonly [way: string, process: string, carrier: (process: string) => Event][] = [
    ['CEF key', 'sproc', (process) => ({ sproc: process })],
    ['CEF full name', 'sourceProcessName', (process) => ({ sproc: process })],
    ['CEF full name', 'destinationProcessName', (process) => ({ dproc: process })],
    ['column', 'SourceProcessName', (process) => ({ sproc: process })],
    ['column', 'ProcessName', (process) => ({ deviceProcessName: process })],
    ['ECS', 'process.name', (process) => ({ dproc: process })],
    ['ECS', 'source.process.name', (process) => ({ sproc: process })],
    ['label', 'label:Application', (process) => ({ cs4Label: 'application', cs4: process })],
    ['label', 'App Name', (process) => ({ cs4Label: 'App Name', cs4: process })],
    ['scenario', 'process_name', (process) => ({ deviceProcessName: process })],
  ];
  const destination = { value: { dhost: 'drive.google.com' }, not: { dhost: 'evilgoogle.com' } };
  const file = {
    value: { request: 'h/report.jpg', fname: 'report.jpg' },
    not: { request: 'h/x.gif' },
  };
  const share = { value: { filePath: '\\\\server\\a' }, not: { filePath: '\\\\other\\a' } };
  const second: readonly [string[], readonly string[], string, { value: Event; not: Event }][] = [
    [
      ['Photoshop.exe', 'gimp.exe'],
      ['dhost|domain', 'destinationHostName|domain', 'DestinationHostName|domain'],
      'google.com',
      destination,
    ],
    [
      ['Photoshop.exe'],
      ['destination.domain|domain', 'destination|domain'],
      'google.com',
      destination,
    ],
    [
      ['splunkd.exe', 'elasticsearch.exe'],
      ['fname', 'fileName', 'FileName', 'file.name', 'file_name', 'filename'],
      'report.jpg',
      file,
    ],
    [
      ['Tableau.exe', 'Power BI.exe'],
      ['file.extension', 'file_extension', 'url.extension'],
      'jpg',
      file,
    ],
    [
      ['powershell.exe', 'bash'],
      ['filePath|startswith', 'FilePath|startswith', 'file.path|startswith', 'source|startswith'],
      '\\\\server\\',
      share,
    ],
  ];
  for (const [way, name, carry] of ways) {
    for (const [processes, fields, value, { value: holds, not }] of second) {
      for (const field of fields) {
        const test = matcher({ [name]: processes, [field]: value });
        for (const process of processes) {
          const told = `${way}: ${name} and ${field} on ${process}`;
          t.equal(test(facts({ ...carry(process), ...holds })), true, told);
          t.equal(test(facts({ ...carry(process), ...not })), false, `${told}, elsewhere`);
          t.equal(test(facts({ ...carry('other.exe'), ...holds })), false, `${told}, other`);
        }
      }
    }
  }
  for (const name of ['process.parent.name', 'process.parent_process_name', 'ParentProcess Name']) {
    const test = matcher({ [name]: ['Veeam Backup & Replication', 'Acronis True Image'] });
    const label = name === 'ParentProcess Name' ? name : 'Parent Process';
    t.ok(test(facts({ cs1Label: label, cs1: 'Acronis True Image' })), name);
    t.notOk(test(facts({ cs1Label: label, cs1: 'Acronis' })), name);
  }
});

function repository(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return at;
}

/**
 * The five scenarios in both forms, each written in the five ways of naming a field, and lines that
 * carry them: some that must match, and near misses that must not. Every line carries its facts both
 * under CEF keys and under custom labels, so that each way finds them.
 */
import type { MatchMap } from '../../../src/config/config.js';

export interface ScenarioForm {
  readonly scenario: string;
  readonly form: 'its own words' | 'what proxies carry';
  /** By way of naming. */
  readonly ways: Readonly<Record<string, MatchMap | readonly MatchMap[]>>;
  /** Extensions as they stand on the wire. */
  readonly yes: readonly string[];
  readonly no: readonly string[];
}

const size = 'fileType=image/jpeg in=900000';
/** A process as a device writes it, under a key and a label. */
const by = (process: string, label = 'Process'): string =>
  `sproc=${process} cs1Label=${label} cs1=${process}`;
const get = (url: string, host: string): string =>
  `request=${url} dhost=${host} cs2Label=Site cs2=${host}`;
const agent = (text: string): string =>
  `requestClientApplication=${text} cs3Label=User Agent cs3=${text}`;
const from = (address: string): string => `src=${address} cs4Label=Client cs4=${address}`;
const user = (name: string): string => `suser=${name} cs5Label=Login cs5=${name}`;
const file = (name: string): string =>
  `fname=${name} cs6Label=File cs6=${name} request=https://docs.example/img/${name}`;
const share = (path: string): string => `filePath=${path} cs2Label=Source cs2=${path}`;
const department = (text: string): string => `cs1Label=Department cs1=${text} department=${text}`;

/** One rule under five names each for its fields. */
function named(
  fields: readonly (readonly [
    names: readonly string[],
    modifier: string,
    value: MatchMap[string],
  ])[],
): ScenarioForm['ways'] {
  const ways = [
    'CEF key',
    'CommonSecurityLog column',
    'ECS name',
    'custom label',
    'scenario words',
  ];
  return Object.fromEntries(
    ways.map((way, at) => [
      way,
      Object.fromEntries(
        fields.map(([names, modifier, value]) => [
          modifier === '' ? names[at]! : `${names[at]}|${modifier}`,
          value,
        ]),
      ),
    ]),
  );
}

const processNames = [
  'sproc',
  'SourceProcessName',
  'process.name',
  'label:Process',
  'process_name',
];
const parentNames = [
  'sproc',
  'SourceProcessName',
  'process.parent.name',
  'label:Parent Process',
  'process.parent_process_name',
];
const siteNames = [
  'dhost',
  'DestinationHostName',
  'destination.domain',
  'label:Site',
  'destination',
];
const agentNames = [
  'requestClientApplication',
  'RequestClientApplication',
  'user_agent.original',
  'User Agent',
  'label:user agent',
];
const clientNames = ['src', 'SourceIP', 'source.ip', 'label:Client', 'source'];
const userNames = ['suser', 'SourceUserName', 'user.name', 'label:Login', 'account'];
const fileNames = ['fname', 'FileName', 'file.name', 'label:File', 'file_name'];
const shareNames = ['filePath', 'FilePath', 'file.path', 'label:Source', 'source'];
const departmentNames = [
  'department',
  'department',
  'department',
  'label:Department',
  'department',
];

const anyFile = get('https://storage.example/a.jpg', 'storage.example');
/** Without the label that the share takes. */
const bareFile = 'request=https://storage.example/a.jpg dhost=storage.example';

export const scenarioForms: readonly ScenarioForm[] = [
  {
    scenario: 'backup',
    form: 'its own words',
    ways: named([[parentNames, '', ['Veeam Backup & Replication', 'Acronis True Image']]]),
    yes: ['Veeam Backup & Replication', 'acronis true image'].map(
      (name) => `${anyFile} ${by(name, 'Parent Process')} ${size}`,
    ),
    no: [
      `${anyFile} ${by('Veeam', 'Parent Process')} ${size}`,
      `${anyFile} ${by('Veeam Backup & Replication 12', 'Parent Process')} ${size}`,
      `${anyFile} dproc=Acronis True Image msg=Acronis True Image ${size}`,
      `${anyFile} ${size}`,
    ],
  },
  {
    scenario: 'backup',
    form: 'what proxies carry',
    ways: named([
      [agentNames, 'contains', ['Veeam', 'Acronis']],
      [clientNames, 'cidr', '10.20.30.0/24'],
    ]),
    yes: [
      `${anyFile} ${agent('APN/1.0 Veeam/1.0')} ${from('10.20.30.7')} ${size}`,
      `${anyFile} ${agent('acronis agent')} ${from('::ffff:10.20.30.255')} ${size}`,
    ],
    no: [
      `${anyFile} ${agent('APN/1.0 Veeam/1.0')} ${from('10.20.31.7')} ${size}`,
      `${anyFile} ${agent('Mozilla/5.0')} ${from('10.20.30.7')} ${size}`,
      `${anyFile} ${from('10.20.30.7')} ${size}`,
      `${anyFile} ${agent('APN/1.0 Veeam/1.0')} dst=10.20.30.7 ${size}`,
    ],
  },
  {
    scenario: 'designer upload',
    form: 'its own words',
    ways: named([
      [processNames, '', ['Photoshop.exe', 'gimp.exe']],
      [siteNames, 'domain', ['google.com', 'dropbox.com']],
    ]),
    yes: [
      `${get('https://drive.google.com/a.jpg', 'drive.google.com')} ${by('Photoshop.exe')} ${size}`,
      `${get('https://dropbox.com/a.jpg', 'DROPBOX.com.')} ${by('GIMP.EXE')} ${size}`,
    ],
    no: [
      `${get('https://evilgoogle.com/a.jpg', 'evilgoogle.com')} ${by('Photoshop.exe')} ${size}`,
      `${get('https://google.com.evil.net/a.jpg', 'google.com.evil.net')} ${by('gimp.exe')} ${size}`,
      `${get('https://evil.net/google.com/a.jpg', 'evil.net')} ${by('gimp.exe')} ${size}`,
      `${get('https://google.com@evil.net/a.jpg', 'evil.net')} ${by('gimp.exe')} ${size}`,
      `${get('https://imgur.example/a.jpg', 'imgur.example')} ${by('Photoshop.exe')} ${size}`,
      `${get('https://drive.google.com/a.jpg', 'drive.google.com')} ${by('mspaint.exe')} ${size}`,
      `${get('https://drive.google.com/a.jpg', 'drive.google.com')} ${size}`,
    ],
  },
  {
    scenario: 'designer upload',
    form: 'what proxies carry',
    ways: named([
      [departmentNames, '', ['Design', 'Marketing']],
      [siteNames, 'domain', ['google.com', 'googleusercontent.com']],
    ]),
    yes: [
      `${get('https://lh3.googleusercontent.com/a.jpg', 'lh3.googleusercontent.com')} ${department('Design')} ${size}`,
      `${get('https://google.com/a.jpg', 'google.com')} ${department('MARKETING')} ${size}`,
    ],
    no: [
      `${get('https://google.com/a.jpg', 'google.com')} ${department('Sales')} ${size}`,
      `${get('https://google.com/a.jpg', 'google.com')} ${department('Design Review')} ${size}`,
      `${get('https://evilgoogle.com/a.jpg', 'evilgoogle.com')} ${department('Design')} ${size}`,
      `${get('https://google.com/a.jpg', 'google.com')} cs1Label=Policy cs1=Design ${size}`,
    ],
  },
  {
    scenario: 'documentation',
    form: 'its own words',
    ways: named([
      [processNames, '', ['splunkd.exe', 'elasticsearch.exe']],
      [fileNames, '', 'report.jpg'],
    ]),
    yes: [
      `${file('report.jpg')} ${by('splunkd.exe')} ${size}`,
      `${file('REPORT.JPG')} ${by('elasticsearch.exe')} ${size}`,
    ],
    no: [
      `${file('report.jpg')} ${by('chrome.exe')} ${size}`,
      `${file('my-report.jpg')} ${by('splunkd.exe')} ${size}`,
      `${file('report.jpg.exe')} ${by('splunkd.exe')} ${size}`,
      `${file('report.jpeg')} ${by('splunkd.exe')} ${size}`,
      `${file('report.jpg')} ${size}`,
    ],
  },
  {
    scenario: 'documentation',
    form: 'what proxies carry',
    ways: named([
      [userNames, 'endswith', ['svc-splunk', 'svc-elastic']],
      [fileNames, '', 'report.jpg'],
    ]),
    yes: [
      `${file('report.jpg')} ${user('CORP\\\\svc-splunk')} ${size}`,
      `${file('report.jpg')} ${user('svc-elastic')} ${size}`,
    ],
    no: [
      `${file('report.jpg')} ${user('CORP\\\\alice')} ${size}`,
      `${file('report.jpg')} ${user('svc-splunk2')} ${size}`,
      `${file('a.jpg')} ${user('svc-splunk')} ${size}`,
      `${file('report.jpg')} ${user('mallory')} ${size} suser=svc-splunk cs5=svc-splunk`,
    ],
  },
  {
    scenario: 'reporting',
    form: 'its own words',
    ways: named([
      [processNames, '', ['Tableau.exe', 'Power BI.exe']],
      [['fname', 'FileName', 'file.extension', 'label:File', 'file_extension'], 'endswith', 'jpg'],
    ]),
    yes: [
      `${file('chart.jpg')} ${by('Tableau.exe')} ${size}`,
      `${file('chart.JPG')} ${by('Power BI.exe')} ${size}`,
    ],
    no: [
      `${file('chart.jpeg')} ${by('Tableau.exe')} ${size}`,
      `${file('chart.jpg.exe')} ${by('Power BI.exe')} ${size}`,
      `${file('chart.jpg')} ${by('excel.exe')} ${size}`,
      `${file('chart.jpg')} ${by('Power BI.exe.evil')} ${size}`,
    ],
  },
  {
    scenario: 'reporting',
    form: 'what proxies carry',
    ways: named([
      [agentNames, 'contains', ['Tableau', 'Power BI']],
      [siteNames, 'domain', ['tableau.com', 'powerbi.com']],
    ]),
    yes: [
      `${get('https://online.tableau.com/a.jpg', 'online.tableau.com')} ${agent('Tableau Desktop 2026')} ${size}`,
      `${get('https://app.powerbi.com/a.jpg', 'app.powerbi.com')} ${agent('Power BI/2')} ${size}`,
    ],
    no: [
      `${get('https://tableau.com.evil.net/a.jpg', 'tableau.com.evil.net')} ${agent('Tableau')} ${size}`,
      `${get('https://mytableau.com/a.jpg', 'mytableau.com')} ${agent('Tableau')} ${size}`,
      `${get('https://online.tableau.com/a.jpg', 'online.tableau.com')} ${agent('curl/8.5')} ${size}`,
    ],
  },
  {
    scenario: 'archiving',
    form: 'its own words',
    ways: named([
      [processNames, '', ['powershell.exe', 'bash']],
      [shareNames, 'startswith', '\\\\server\\'],
    ]),
    yes: [
      // CEF writes each backslash twice.
      `${bareFile} ${share('\\\\\\\\server\\\\share\\\\a.jpg')} ${by('powershell.exe')} ${size}`,
      `${bareFile} ${share('\\\\\\\\SERVER\\\\a.jpg')} ${by('bash')} ${size}`,
      // A device that does not escape: one backslash is left of the two.
      `${bareFile} ${share('\\\\server\\\\a.jpg')} ${by('bash')} ${size}`,
    ],
    no: [
      `${bareFile} ${share('\\\\\\\\server2\\\\share\\\\a.jpg')} ${by('powershell.exe')} ${size}`,
      `${bareFile} ${share('C:\\\\server\\\\a.jpg')} ${by('bash')} ${size}`,
      `${bareFile} ${share('\\\\\\\\server\\\\a.jpg')} ${by('cmd.exe')} ${size}`,
      `${bareFile} ${share('\\\\\\\\server\\\\a.jpg')} ${by('rbash')} ${size}`,
    ],
  },
  {
    scenario: 'archiving',
    form: 'what proxies carry',
    ways: named([
      [agentNames, 'contains', ['WindowsPowerShell', 'curl/']],
      [userNames, 'endswith', 'svc-archive'],
      [clientNames, 'cidr', '10.20.50.0/24'],
    ]),
    yes: [
      `${anyFile} ${agent('Mozilla/5.0 WindowsPowerShell/5.1')} ${user('CORP\\\\svc-archive')} ${from('10.20.50.9')} ${size}`,
      `${anyFile} ${agent('curl/8.5')} ${user('svc-archive')} ${from('10.20.50.9')} ${size}`,
    ],
    no: [
      `${anyFile} ${agent('curl/8.5')} ${user('CORP\\\\alice')} ${from('10.20.50.9')} ${size}`,
      `${anyFile} ${agent('curl/8.5')} ${user('svc-archive')} ${from('10.20.51.9')} ${size}`,
      `${anyFile} ${agent('Mozilla/5.0')} ${user('svc-archive')} ${from('10.20.50.9')} ${size}`,
    ],
  },
];

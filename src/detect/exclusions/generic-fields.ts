/**
 * Names that stand for several fields: the ECS names that CEF splits in two, the words of the alert
 * and the words of the original scenarios. docs/exclusions.md lists them with the reasons; a test
 * holds the two together. A name in this table wins over the dictionary, and holds all that the
 * dictionary says.
 */
import {
  appNameSource,
  dotted,
  extension,
  filenameSource,
  hostnameSource,
  hostSource,
  keySource,
  labelSource,
  lastPart,
  peerSource,
  type Source,
  urlHost,
  urlPath,
  urlQuery,
  urlSource,
  vendorKeySource,
  withoutQuery,
} from './field-sources.js';

const key = keySource;

/** A process as its name or its path: `C:\…\gimp.exe` answers to `gimp.exe` also. */
const process = (from: Source): readonly Source[] => [from, lastPart(from)];

/** Under a label or as a vendor's own key. */
const called = (text: string): readonly Source[] => [labelSource(text), vendorKeySource(text)];

/** CEF has no key for the parent process. These are the texts under which feeds carry one. */
export const parentProcessTexts: readonly string[] = [
  'Parent Process',
  'ParentProcess',
  'Parent Process Name',
  'ParentProcessName',
  'parent_process',
  'parent_process_name',
  'ParentImage',
  'process.parent.name',
  'process.parent_process_name',
];

export const departmentTexts: readonly string[] = ['Department', 'dept', 'User Department'];

const processes = [key('sproc'), key('dproc'), key('deviceProcessName')];

// `sproc` last: connectors for host logs put the starting process there and the started one in
// `dproc`; in a proxy's event it is the process that asked, which the owner of a parent exclusion
// also means.
const parent = [...parentProcessTexts.flatMap(called), key('sproc')].flatMap(process);

const fileNames = [
  filenameSource,
  withoutQuery(filenameSource),
  ...process(key('fname')),
  lastPart(key('filePath')),
];

const urlExtension = extension(filenameSource);
const fileExtensions = [urlExtension, extension(key('fname')), key('fileType')];

const sourceV6 = labelSource('Source IPv6 Address');
const destinationV6 = labelSource('Destination IPv6 Address');
const clientAddresses = [key('src'), key('sourceTranslatedAddress'), sourceV6];

export const genericFields: ReadonlyMap<string, readonly Source[]> = new Map([
  // processes
  ['process.name', processes.flatMap(process)],
  ['process_name', processes.flatMap(process)],
  ['process.executable', processes],
  ['process.pid', [key('spid'), key('dpid'), key('dvcpid')]],
  ['source.process.name', process(key('sproc'))],
  ['destination.process.name', process(key('dproc'))],
  ['process.parent.name', parent],
  ['process.parent.executable', parent],
  ['process.parent_process_name', parent],
  ['parent_process_name', parent],
  // the URL and the file
  ['url', [urlSource]],
  ['url.original', [urlSource]],
  ['url.full', [urlSource]],
  ['url.domain', [urlHost]],
  ['url.path', [urlPath]],
  ['url.query', [urlQuery]],
  ['url.extension', [urlExtension, dotted(urlExtension)]],
  ['filename', fileNames],
  ['file_name', fileNames],
  ['file.name', fileNames],
  ['file_extension', [...fileExtensions, ...fileExtensions.map(dotted)]],
  ['file.extension', [...fileExtensions, ...fileExtensions.map(dotted)]],
  ['file.mime_type', [key('fileType')]],
  // where it came from in the sense of the alert: the server
  ['host', [hostSource]],
  [
    'destination',
    [
      hostSource,
      key('dhost'),
      key('dst'),
      urlHost,
      key('destinationDnsDomain'),
      key('destinationServiceName'),
      destinationV6,
    ],
  ],
  ['destination.domain', [hostSource, key('dhost')]],
  ['destination.address', [hostSource, key('dhost'), key('dst'), destinationV6]],
  ['destination.ip', [key('dst'), destinationV6]],
  // who asked: the client
  [
    'source',
    [
      ...clientAddresses,
      key('shost'),
      key('sourceServiceName'),
      key('filePath'),
      key('fname'),
      ...['Source', 'Source Path', 'SourcePath'].map(labelSource),
    ],
  ],
  ['source.ip', [key('src'), sourceV6]],
  ['source.address', [key('shost'), key('src'), sourceV6]],
  ['client.ip', clientAddresses],
  ['client.domain', [key('shost')]],
  ['client.address', [key('shost'), ...clientAddresses]],
  ['account', [key('suser')]],
  ['client.user.name', [key('suser')]],
  ['user.name', [key('suser'), key('duser')]],
  ['user.id', [key('suid'), key('duid')]],
  ['user.domain', [key('sntdom'), key('dntdom')]],
  ['department', departmentTexts.flatMap(called)],
  // who sent the event: names of the record
  ['peer', [peerSource]],
  ['syslog.hostname', [hostnameSource]],
  ['syslog.app_name', [appNameSource]],
]);

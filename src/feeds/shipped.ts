/**
 * The table of feeds that ships: where products put what is judged, as far as it differs from
 * `defaultFields`. The first row that fits counts. docs/feeds.md shows the table to people, and a test
 * holds the two together.
 *
 * Nothing here was checked against a live product. `source` says what a row rests on: D a vendor's
 * document or format string, C captured or published lines, P how a SIEM's parser reads the feed. An
 * empty list means that no field of the feed carries it: then none is read, since text in an event could
 * forge it (a host is then that of the URL).
 */
import type { FeedConfig } from '../config/config.js';

export interface ShippedFeed extends Omit<FeedConfig, 'judge'> {
  readonly source: string;
}

type FieldNames = Required<Omit<FeedConfig, 'vendor' | 'product' | 'timezone' | 'judge'>>;

/** What the query reads, and where most feeds put the rest. */
export const defaultFields: FieldNames = {
  received: ['in'],
  sent: ['out'],
  host: ['dhost'],
  fileType: ['fileType'],
  url: ['request'],
  method: ['requestMethod'],
  status: ['outcome', 'HTTPStatusCode', 'HTTP Status Code', 'HTTP Status', 'Response Code'],
  action: ['act'],
};

const noBytes = { received: [], sent: [] };

export const shippedFeeds: readonly ShippedFeed[] = [
  {
    vendor: 'Zscaler',
    product: 'NSSWeblog*',
    fileType: ['fileType', 'contenttype'],
    source:
      'D: NSS web templates 5.0 and 5.7: in=respsize out=reqsize dhost=ehost outcome=respcode; the ' +
      'URL has no scheme; contenttype only in 5.0. "Jpeg Files" is in the style of its file types',
  },
  {
    vendor: 'Forcepoint',
    product: 'Security*',
    fileType: ['ContentType', 'fileType'],
    source:
      'D, C: Web Security on-prem: in=bytesReceived out=bytesSent, MIME in cs3 under the label ' +
      'ContentType. One SIEM reads in and out the other way round',
  },
  {
    vendor: 'Forcepoint CSG',
    product: 'Web*',
    host: ['dhost', 'Domain name of the destination site'],
    source: 'C: eight rows of columns: dhost empty, the site in cs2; in is 0, fileType Unknown',
  },
  {
    vendor: 'Forcepoint CASB',
    product: '*',
    ...noBytes,
    source: 'C: four rows of columns, three with a URL, none with bytes or a host',
  },
  {
    vendor: 'McAfee*',
    product: '*Web Gateway*',
    received: ['out'],
    sent: ['in'],
    source:
      'C, P: in dispute: the one sample has only out=19578 for a response; two readings take out as ' +
      'response, one as sent bytes. fileType is MIME; rt has no zone',
  },
  {
    vendor: 'Skyhigh*',
    product: '*Web Gateway*',
    received: ['out'],
    sent: ['in'],
    source: 'McAfee Web Gateway under its present name: as there; no line of it was seen',
  },
  {
    vendor: 'Blue Coat*',
    product: 'Proxy*SG*',
    status: ['deviceSeverity', ...defaultFields.status],
    source:
      'C, P: one line of an ArcSight connector: deviceSeverity=304, in=338 out=1882; that in is the ' +
      'response is inferred, as a 304 has no body. One SIEM takes MIME from cs1, too; not here',
  },
  {
    vendor: 'Netskope*',
    product: '*',
    received: ['out', 'fsize'],
    sent: ['in'],
    fileType: ['fileType', 'mimeType'],
    url: ['request', 'url'],
    source:
      "P: the vendor's Cloud Exchange plug-in, product is the tenant: webtx has out=sc-bytes " +
      'in=cs-bytes, swapped; application, page and alert events have fsize, mimeType and url, no ' +
      'host. fsize is that of the file, whichever way it went',
  },
  {
    vendor: 'Fortinet',
    product: 'Fortigate*',
    fileType: ['fileType', 'FTNTFGTfiletype', 'FortinetFortiGatefiletype'],
    source:
      'D, C: in=rcvdbyte out=sentbyte; the URL is a path only, its host in dhost; the file type only ' +
      'in DLP events; virus and WAF events have no bytes. Yearless stamps without a zone',
  },
  {
    vendor: 'Fortinet',
    product: 'FortiWeb*',
    ...noBytes,
    source: 'C: one public line of this header; fields as in FortiWeb Cloud: no bytes, path only',
  },
  {
    vendor: 'Palo Alto*',
    product: 'PAN-OS*',
    ...noBytes,
    fileType: ['requestContext', 'fileType'],
    source:
      'C: URL log: content type in requestContext; bytes are only in traffic logs, which have no ' +
      'URL; no host; the URL stands in \\" and has no scheme',
  },
  {
    vendor: 'Palo Alto*',
    product: 'LF*',
    ...noBytes,
    host: ['dhost', 'PanOSURLDomain'],
    fileType: ['fileType', 'requestContext', 'PanOSFileType'],
    url: ['request', 'PanOSURL'],
    source:
      'D: Strata (Cortex) Data Lake: requestContext=application/jpeg in URL logs, ' +
      'PanOSFileType=PNG File Upload in file logs; no bytes, no host but PanOSURLDomain; zone in dtz',
  },
  {
    vendor: 'Check Point*',
    product: '*',
    host: [],
    source:
      'C: URL Filtering and Application Control carry no bytes and no host; in and out only in ' +
      'SmartDefense. The mapping file was not seen',
  },
  {
    vendor: '',
    product: 'Check Point*',
    host: [],
    source: 'C: Log Exporter lines with an empty vendor, and the blade for a version; as above',
  },
  {
    vendor: 'SonicWall*',
    product: '*',
    host: [],
    action: ['act', 'fw_action'],
    source: 'C: in= and out= taken at their word; no host, URL without scheme; fw_action="drop"',
  },
  {
    vendor: 'Incapsula',
    product: 'SIEMintegration*',
    host: ['sourceServiceName'],
    fileType: [],
    status: ['cn1', ...defaultFields.status],
    source:
      'C: Imperva Cloud WAF: cn1=200 without a label, the site in sourceServiceName; fileType holds ' +
      'codes of attacks; the query of the URL apart, in qstr',
  },
  {
    vendor: 'Imperva*',
    product: '*',
    ...noBytes,
    url: ['request', 'HTTPHeaderRequest-URLPath'],
    method: ['requestMethod', 'HTTPHeaderRequest-URLMethod'],
    source: 'C: SecureSphere, WAF Gateway: alerts without bytes or host; the path under a label',
  },
  {
    vendor: 'Barracuda*',
    product: '*',
    source:
      'C: WAAS, 346 lines: in=209 out=0 on a redirect, so in may be the response, which is not ' +
      'certain; dhost is an address, dst is -, URL is a path',
  },
  {
    vendor: 'Citrix',
    product: 'NetScaler*',
    ...noBytes,
    method: ['requestMethod', 'method'],
    source: 'C: application firewall: no bytes, no host; the method in method',
  },
  {
    vendor: 'WireX*',
    product: '*',
    ...noBytes,
    status: ['outcome', 'reason'],
    source: 'C: 608 rows of columns: host, full URL with \\=, reason=200, no bytes in any',
  },
  {
    vendor: 'Trend Micro',
    product: 'Deep Security*',
    ...noBytes,
    source: 'C, D: web reputation: the URL is a name, no bytes, no host',
  },
  {
    vendor: 'Bitdefender',
    product: 'GravityZone*',
    ...noBytes,
    source: 'C: web control: URL with or without scheme, no bytes, no host',
  },
  {
    vendor: 'Cisco',
    product: 'Firepower*',
    received: ['bytesIn'],
    sent: ['bytesOut'],
    source:
      'C: eStreamer, six rows of columns: bytesOut=88 under its full name, hence bytesIn by analogy, ' +
      'which was not seen; no host',
  },
  {
    vendor: '',
    product: '',
    source:
      'C: FortiWeb Cloud sends an empty header, so any nameless feed is read like this: as by default. ' +
      'It has a host and a path, no bytes',
  },
];

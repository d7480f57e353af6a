/**
 * A feed of each vendor in the survey, from frame to verdict: it is judged, or it is reported as one that
 * cannot be, with the reason; none is silent. The lines are written here, with the keys that the feeds send.
 */
import t from 'tap';
import type { DetectionConfig } from '../../src/config/config.js';
import { createDecoder } from '../../src/decode/decode.js';
import { judgeability, judgeabilityWarnings } from '../../src/feeds/judgeability.js';
import { Fields } from '../../src/fields.js';
import { recommended, sentinel } from '../support/detection.js';
import { make, now } from './judging.js';

const size = 5_000_000;

type Outcome = 'judged' | 'no_bytes' | 'no_url' | 'no_host' | 'skipped' | 'no_jpeg';

interface Vendor {
  readonly name: string;
  readonly header: string;
  readonly line: string;
  readonly recommended: Outcome;
  /** What the query, to the letter, makes of it. */
  readonly sentinel: Outcome;
}

const full = 'request=http://new.example/a.jpg';
const vendors: readonly Vendor[] = [
  {
    name: 'Zscaler NSSWeblog',
    header: 'Zscaler|NSSWeblog|5.7|Allowed|Allowed|3',
    line: `act=Allowed dhost=new.example in=${size} out=9 request=new.example/x fileType=Jpeg Files outcome=200`,
    recommended: 'judged',
    sentinel: 'judged',
  },
  {
    name: 'Zscaler without dhost',
    header: 'Zscaler|NSSWeblog|5.7|Allowed|Allowed|3',
    line: `act=Allowed in=${size} out=9 fileType=None ${full}`,
    recommended: 'judged',
    sentinel: 'no_host',
  },
  {
    name: 'Forcepoint on premises',
    header: 'Forcepoint|Security|8.5.4|9|Transaction permitted|1',
    line: `act=permitted dhost=new.example in=${size} out=9 cs3Label=ContentType cs3=image/jpeg request=http://new.example/x`,
    recommended: 'judged',
    sentinel: 'no_jpeg',
  },
  {
    name: 'Forcepoint CSG',
    header: 'Forcepoint CSG|Web|1|0|Web|5',
    line: `act=Allowed in=0 out=429 dhost= fileType=Unknown ${full}`,
    recommended: 'no_bytes',
    sentinel: 'no_host',
  },
  {
    name: 'McAfee Web Gateway',
    header: 'McAfee|Web Gateway|12.2.7|200|Allowed|2',
    line: `dhost=new.example out=${size} fileType=image/jpeg request=https://new.example/x`,
    recommended: 'judged',
    sentinel: 'no_jpeg',
  },
  {
    name: 'Blue Coat ProxySG',
    header: 'Blue Coat|Proxy SG||TCP_HIT|TCP_HIT|Medium',
    line: `in=${size} out=18 deviceSeverity=200 act=OBSERVED dhost=new.example request=http://new.example:80/a.jpg`,
    recommended: 'judged',
    sentinel: 'judged',
  },
  {
    name: 'Blue Coat ProxySG, not modified',
    header: 'Blue Coat|Proxy SG||TCP_HIT|TCP_HIT|Medium',
    line: `in=338 out=18 deviceSeverity=304 act=OBSERVED dhost=new.example request=http://new.example:80/a.jpg`,
    recommended: 'skipped',
    sentinel: 'judged',
  },
  {
    name: 'Netskope webtx',
    header: 'Netskope|Example Tenant|NULL|webtx|NULL|Unknown',
    line: `out=${size} in=20 dhost=new.example fileType=image/jpeg request=new.example/x app=https`,
    recommended: 'judged',
    sentinel: 'no_jpeg',
  },
  {
    name: 'Netskope application',
    header: 'Netskope|Example Tenant|NULL|application|NULL|Unknown',
    line: `act=Download mimeType=image/jpeg fsize=${size} url=new.example/x`,
    recommended: 'judged',
    sentinel: 'no_jpeg',
  },
  {
    name: 'FortiGate webfilter',
    header: 'Fortinet|Fortigate|v6.0.3|13056|utm:webfilter|4',
    line: `act=passthrough dhost=new.example out=96 in=${size} request=/a.jpg`,
    recommended: 'judged',
    sentinel: 'judged',
  },
  {
    name: 'FortiGate webfilter, blocked',
    header: 'Fortinet|Fortigate|v6.0.3|13056|utm:webfilter|4',
    line: `act=blocked dhost=new.example out=96 in=${size} request=/a.jpg`,
    recommended: 'skipped',
    sentinel: 'judged',
  },
  {
    name: 'FortiGate virus',
    header: 'Fortinet|Fortigate|v6.0.3|08192|utm:virus|4',
    line: `act=passthrough dst=203.0.113.9 ${full}`,
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'Palo Alto PAN-OS URL',
    header: 'Palo Alto Networks|PAN-OS|8.0|url|THREAT|1',
    line: 'act=alert request=\\"new.example/a.jpg\\" requestContext=image/jpeg',
    recommended: 'no_bytes',
    sentinel: 'no_jpeg',
  },
  {
    name: 'Palo Alto Strata URL',
    header: 'Palo Alto Networks|LF|2.0|THREAT|url|1',
    line: 'dtz=UTC request=new.example/a.jpg requestContext=application/jpeg',
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'Check Point URL filtering',
    header: 'Check Point|URL Filtering|Check Point|Log|Log|0',
    line: 'act=Accept request=https://new.example:443/a.jpg ',
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'SonicWall',
    header: 'SonicWall|NSa 4500|7.0.1|97|Website Accessed|4',
    line: `out=12 in=${size} request=new.example/a.jpg fw_action="forward"`,
    recommended: 'judged',
    sentinel: 'no_host',
  },
  {
    name: 'SonicWall, dropped',
    header: 'SonicWall|NSa 4500|7.0.1|97|Website Accessed|4',
    line: `out=12 in=${size} request=new.example/a.jpg fw_action="drop"`,
    recommended: 'skipped',
    sentinel: 'no_host',
  },
  {
    name: 'Imperva Cloud WAF',
    header: 'Incapsula|SIEMintegration|1|1|Normal|0',
    line: `sourceServiceName=new.example request=new.example/a.jpg cn1=200 in=${size} fileType=30037`,
    recommended: 'judged',
    sentinel: 'no_host',
  },
  {
    name: 'Imperva WAF Gateway',
    header: 'Imperva Inc.|WAF Gateway|14|x|x|Low',
    line: `act=None ${full}`,
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'Barracuda WAAS',
    header: 'BarracudaNetworks|WAAS|1.0|WAF|WAF|4',
    line: `in=${size} out=0 dhost=198.51.100.7 dst=- outcome=200 request=/pma/a.jpg`,
    recommended: 'judged',
    sentinel: 'judged',
  },
  {
    name: 'FortiWeb Cloud',
    header: '|||x|x|1',
    line: 'act=Monitor dhost=new.example request=/a.jpg',
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'Citrix ADC',
    header: 'Citrix|NetScaler|NS11.0|APPFW|APPFW_STARTURL|6',
    line: `act=transformed method=GET ${full}`,
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'WireX NDR',
    header: 'WireX Systems|WireX NDR|1|x|HTTP|1',
    line: `dhost=new.example ${full} reason=200`,
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'Trend Micro web reputation',
    header: 'Trend Micro|Deep Security Agent|1|5000000|WebReputation|5',
    line: 'request=new.example/a.jpg msg=Suspicious',
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'Bitdefender GravityZone',
    header: 'Bitdefender|GravityZone|6.62|1000|Web Control|9',
    line: 'request=new.example/a.jpg act=uc_site_allowed',
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'Cisco Firepower eStreamer',
    header: 'Cisco|Firepower|6.0|RNA:1003:1|CONNECTION|3',
    line: `${full} bytesOut=88`,
    recommended: 'no_bytes',
    sentinel: 'no_bytes',
  },
  {
    name: 'a feed that names the type and no URL',
    header: 'Example|Sandbox|1|1|x|1',
    line: `fileType=image/jpeg in=${size}`,
    recommended: 'no_url',
    sentinel: 'no_jpeg',
  },
];

const readers: readonly [string, DetectionConfig][] = [
  ['recommended', { ...recommended, suppress: { ...recommended.suppress, by: [] } }],
  ['sentinel', sentinel],
];

for (const [preset, detection] of readers) {
  t.test(`preset ${preset}: each feed is judged, or reported with its reason`, async (t) => {
    for (const vendor of vendors) {
      const { judgeFields, history, feeds, counters } = make(detection);
      history(100, 1024);
      const decode = createDecoder({ counters, feeds });
      const fields = new Fields(64);
      const frame = Buffer.from(`CEF:0|${vendor.header}|${vendor.line}`);
      const send = () => {
        decode(frame, 0, frame.length, frame.length, now, { address: '-' }, fields);
        return judgeFields(fields);
      };
      const first = send();
      for (let sent = 1; sent < 1000; sent++) send();
      const [feed] = feeds.seen();
      const expected = vendor[preset as 'recommended' | 'sentinel'];
      const found = judgeability(feed!, detection);
      const warnings = judgeabilityWarnings(feeds.seen(), detection);
      if (expected === 'judged') {
        t.match(found, { status: 'ok' }, vendor.name);
        t.equal(counters.judged, 1000, vendor.name);
      } else if (expected === 'skipped' || expected === 'no_jpeg') {
        t.equal(feed!.jpegs, expected === 'skipped' ? 1000 : 0, vendor.name);
        t.equal(first.alert, null, vendor.name);
        t.equal(counters.judged, 0, vendor.name);
      } else {
        t.equal(found.reason, expected, vendor.name);
        t.equal(warnings.length, 1, warnings[0] ?? vendor.name);
      }
      if (preset === 'recommended') {
        const told = feed!.jpegs === 1000 && (warnings.length > 0 || feed!.skipped === 1000);
        t.ok(told || counters.judged === 1000, `${vendor.name} is not silent`);
      }
    }
  });
}

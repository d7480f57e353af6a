/** Lines to start mutations from: our own, and those of the corpora beside the repository if there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const corpora = join(process.cwd(), '..', 'shared', 'corpora');

const jpegs =
  'rt=1795687000000 request=http://img.example.net/a/b.jpg?w\\=1 in=2500000 out=300 dhost=img.example.net';
const ours: readonly string[] = [
  `<134>1 2026-11-24T10:00:00.123Z proxy gate 77 ID1 [a@1 b="c\\]"] CEF:0|Acme|Proxy|1|web|web access|3|${jpegs} suser=alice`,
  `<134>Nov 24 10:00:00 proxy CEF: 0|Acme|Proxy|1|web|web access|High|${jpegs} fileType=Jpeg Files act=Allowed`,
  `<14>Nov 24 10:00:00 10.0.0.1 gate[12]: CEF:1|V|P\\|x|1|id|n\\\\ame|10|msg=a\\=b\\nc cs1=x cs1Label=Department cn1=7 cn1Label=Count`,
  'CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|act=Allowed app=HTTP in=90210 request=cdn.example/x.jpeg dhost=cdn.example fileType=Jpeg rt=Nov 24 2026 10:00:00 dtz=Europe/Paris',
  'CEF:0|a|b|c|d|e|f|alert={} event_id=1 syslog=x peer=y __proto__=1 constructor=2 ext_raw=3 raw=4 in=x',
  '<13>Nov  4 10:00:00 host app: not CEF at all',
  '<165>1 2003-10-11T22:14:15.003+02:00 mymachine.example.com evntslog - ID47 [x iut="3"] \ufeffAn event',
  '2026-11-24T10:00:00Z host app - - - message',
  '"CEF:0|a|b|1|2|3|4|x=y"',
  'CEF:0|a|b',
  '',
];

/** As bytes: some of them are no UTF-8. Reads the files at every call. */
export function lines(): Buffer[] {
  const all = ours.map((line) => Buffer.from(line));
  if (!existsSync(corpora)) return all;
  for (const source of readdirSync(corpora)) {
    const file = join(corpora, source, 'lines.log');
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'latin1');
    for (const line of text.split('\n')) if (line !== '') all.push(Buffer.from(line, 'latin1'));
  }
  return all;
}

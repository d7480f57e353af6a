/**
 * A web access as three products log it in CEF, made up after what their documents say: a Zscaler NSS web
 * feed (no scheme in `request`, `Jpeg Files`, download in `in`), a gateway that no profile names (MIME type,
 * full URL, no `dhost`), a Netskope webtx feed (MIME type, download in `out`). Values are not escaped, as
 * these feeds do not escape them: whoever chooses a text chooses what the line says.
 */
import type { WebEvent } from './event.js';

/** Without the line feed. `rt` in epoch ms. */
export function frameOf(event: WebEvent): Buffer {
  return Buffer.from(`<134>${stamp(event.timeMs)} proxy ${cefOf(event)}`);
}

function cefOf(event: WebEvent): string {
  const { feed, action, status, user, client, department, method, url, host } = event;
  const received = event.received === null ? '' : `${event.received}`;
  const ends = ` suser=${user} src=${client} requestMethod=${method}`;
  if (feed === 'webtx') {
    return (
      `CEF:0|Netskope|webtx|1|webtx|webtx|3|rt=${event.timeMs} act=${action} dhost=${host} ` +
      `fileType=${event.fileType} in=${event.sent} out=${received} outcome=${status} ` +
      `request=${url}${ends} requestClientApplication=${event.agent}`
    );
  }
  if (feed === 'gateway') {
    return (
      `CEF:0|Acme|Web Gateway|1|web|web access|3|rt=${event.timeMs} act=${action} dhost=${host} ` +
      `fileType=${event.fileType} in=${received} out=${event.sent} outcome=${status} ` +
      `request=${url.startsWith('/') ? '' : 'https://'}${url}${ends} ` +
      `requestClientApplication=${event.agent}`
    );
  }
  return (
    `CEF:0|Zscaler|NSSWeblog|5.7|${action}|${action}|3|rt=${event.timeMs} act=${action} app=HTTPS ` +
    `cat=Web dhost=${host} dpt=443 fileType=${event.fileType} in=${received} out=${event.sent} ` +
    `outcome=${status} request=${url}${ends} cs1Label=dept cs1=${department} ` +
    `requestContext=start.example/ requestClientApplication=${event.agent}`
  );
}

/** RFC 3164, UTC. */
function stamp(ms: number): string {
  const text = new Date(ms).toUTCString();
  const day = text.slice(5, 7).replace(/^0/, ' ');
  return `${text.slice(8, 11)} ${day} ${text.slice(17, 25)}`;
}

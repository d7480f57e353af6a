/** The schema of `admin`: where metrics and health are asked for over HTTP. */
import { z } from 'zod';
import { ipAddress, line, port, spelled } from './value-kinds.js';

export const tokenForm = 'must be 16 to 512 letters, digits or -._~+/';

/** What may stand in a header behind `Bearer` (RFC 6750), long enough that nobody guesses it. */
const token = /^[\w.~+/-]{16,512}={0,2}$/;

export function isToken(text: string): boolean {
  return token.test(text);
}

const map = z.strictObject({
  address: ipAddress
    .prefault('127.0.0.1')
    .describe('IP address to listen on; whoever reaches it reads, unless there is a token'),
  port: port.prefault(9598).describe('Port; 0 is any free one'),
  token: spelled(token, tokenForm)
    .optional()
    .describe('Secret that requests must carry; better in a file or variable'),
  token_file: line(4096).optional().describe('File that holds the token'),
});

/** An empty section means its defaults; false is no listener. */
export const admin = z
  .union([map, z.literal(false), z.null()], { error: 'must be a map, or false for none' })
  .transform((value) => value ?? map.parse({}))
  .prefault({});

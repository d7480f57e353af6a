/**
 * Goal: lines that vendors' products and other parsers' suites really hold are framed as they stand.
 * Method: each line of the corpora beside the repository, newline-framed, then octet-counted, in one
 * stream each, cut into chunks of an odd size.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { counted, framed } from './framed.js';

const corpora = join(process.cwd(), '..', 'shared', 'corpora');
const missing = !existsSync(corpora);
const required = process.env.STEGWATCH_REQUIRE_PEERS === '1';
const skip = missing && !required && `no corpora at ${corpora}`;

t.test('the lines of the corpora are framed as they stand', { skip }, async (t) => {
  const lines = readdirSync(corpora)
    .map((name) => join(corpora, name, 'lines.log'))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split(/\r?\n/))
    .filter((line) => line.trim() !== '');
  t.ok(lines.length > 100, `${lines.length} lines`);

  const newline = framed(joined(lines.map((line) => `${line}\n`)), cuts(lines.join('\n').length));
  t.strictSame(newline.texts, lines);
  t.strictSame([newline.resyncs, newline.truncated, newline.empty], [0, 0, 0]);

  // Octet counting is told by how the message starts, so only those that start as one.
  const startedLines = lines.filter((line) => /^(<\d{1,3}>|CEF:)/.test(line));
  t.ok(startedLines.length > 100, `${startedLines.length} lines begin as a message does`);
  const byCount = framed(joined(startedLines.map(counted)), cuts(startedLines.join('').length));
  t.strictSame(byCount.texts, startedLines);
  t.equal(byCount.resyncs, 0);
});

function joined(parts: readonly string[]): Buffer {
  return Buffer.from(parts.join(''));
}

/** Every 1,447 bytes: one TCP segment on Ethernet, less one. */
function cuts(length: number): number[] {
  return Array.from({ length: Math.floor(length / 1447) }, (_, i) => (i + 1) * 1447);
}

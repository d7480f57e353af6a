/** The part of the schema that says how feeds are read: `feeds`. */
import { z } from 'zod';
import { checkedBy, line, timeZone } from './value-kinds.js';

const fieldWords = 'must be the name of a field, without = and without white space around it';
const fieldName = line(128)
  .refine((name) => name.trim() === name && !name.includes('='), fieldWords)
  .meta(checkedBy('^(?!\\s)[^\\x00-\\x1f\\x7f-\\x9f=]+(?<!\\s)$', fieldWords));
const fieldNames = z
  .union([fieldName, z.array(fieldName).min(1).max(20)], {
    error: 'must be the name of a field, or a list of names',
  })
  .transform((names) => (Array.isArray(names) ? names : [names]))
  .optional();

export const feed = z.strictObject({
  vendor: line(256).describe('Vendor in the CEF header, in any case; * is any text'),
  product: line(256)
    .prefault('*')
    .describe('Product in the CEF header, in any case; * is any text'),
  timezone: timeZone.optional().describe('Zone of times that name none: IANA name or +hh:mm'),
  received: fieldNames.describe('Field with the bytes received; of several the first present'),
  sent: fieldNames.describe('Field with the bytes sent'),
  host: fieldNames.describe('Field with the host'),
  file_type: fieldNames.describe('Field with the file type'),
  url: fieldNames.describe('Field with the URL'),
  method: fieldNames.describe('Field with the request method'),
  status: fieldNames.describe('Field with the response status'),
  action: fieldNames.describe('Field with what the device did'),
  judge: z.boolean().prefault(true).describe('false: nothing of it is judged or learned'),
});

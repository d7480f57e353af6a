import type { Fields } from '../../fields.js';

/**
 * Unescaped value by dictionary id, of the last field of that key, without the white space around it,
 * which is the layout of the frame; '' if absent or empty.
 */
export function trimmedText(fields: Fields, id: number): string {
  const index = fields.indexOf(id);
  return index < 0 ? '' : fields.trimmed(index);
}

/** Writes CEF by the letter of rev. 25: the opposite of what decode reads. For tests. */

export interface CefEvent {
  /** Seven fields: version, vendor, product, version, class id, name, severity. */
  readonly header: readonly string[];
  readonly extension: readonly (readonly [key: string, value: string])[];
}

export function writeCef({ header, extension }: CefEvent): string {
  const fields = header.map((field) => field.replace(/[\\|]/g, '\\$&'));
  const pairs = extension.map(([key, value]) => `${key}=${escapeValue(value)}`);
  return `CEF:${fields.join('|')}|${pairs.join(' ')}`;
}

function escapeValue(value: string): string {
  return value.replace(/[\\=]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r');
}

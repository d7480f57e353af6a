/** Which keys of a match take their values from files. */
export function namesValuesFiles(key: string): boolean {
  const [, ...modifiers] = key.split('|').map((part) => part.trim());
  return modifiers.includes('values_file');
}

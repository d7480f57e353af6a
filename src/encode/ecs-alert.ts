/**
 * What an alert is in the Elastic Common Schema (event.*, rule.*, threat.*), beside the map `alert`.
 * Names of techniques and tactics are those of MITRE ATT&CK (attack.mitre.org).
 */
import type { Alert } from '../verdict.js';

/** ATT&CK's enterprise tactics: by the short name that an alert uses, [id, name]. */
const tactics: ReadonlyMap<string, readonly [id: string, name: string]> = new Map([
  ['reconnaissance', ['TA0043', 'Reconnaissance']],
  ['resource-development', ['TA0042', 'Resource Development']],
  ['initial-access', ['TA0001', 'Initial Access']],
  ['execution', ['TA0002', 'Execution']],
  ['persistence', ['TA0003', 'Persistence']],
  ['privilege-escalation', ['TA0004', 'Privilege Escalation']],
  ['defense-evasion', ['TA0005', 'Defense Evasion']],
  ['credential-access', ['TA0006', 'Credential Access']],
  ['discovery', ['TA0007', 'Discovery']],
  ['lateral-movement', ['TA0008', 'Lateral Movement']],
  ['collection', ['TA0009', 'Collection']],
  ['command-and-control', ['TA0011', 'Command and Control']],
  ['exfiltration', ['TA0010', 'Exfiltration']],
  ['impact', ['TA0040', 'Impact']],
]);
/** The techniques that stegwatch's alerts may carry. */
const techniqueNames: ReadonlyMap<string, string> = new Map([
  ['T1001', 'Data Obfuscation'],
  ['T1001.002', 'Steganography'],
  ['T1041', 'Exfiltration Over C2 Channel'],
  ['T1048', 'Exfiltration Over Alternative Protocol'],
  ['T1567', 'Exfiltration Over Web Service'],
]);

/** By field name; what is undefined is left out. */
export function ecsAlert(alert: Alert): Readonly<Record<string, string | string[] | undefined>> {
  const techniques = distinct(alert.techniques.map((id) => id.split('.')[0]!));
  const subtechniques = distinct(alert.techniques.filter((id) => id.includes('.')));
  const known = alert.tactics
    .map((name) => tactics.get(name))
    .filter((tactic) => tactic !== undefined);
  return {
    'event.kind': 'alert',
    'rule.id': alert.id,
    'rule.name': alert.rule,
    'rule.description': alert.title,
    'threat.framework': 'MITRE ATT&CK',
    'threat.technique.id': list(techniques),
    'threat.technique.name': list(namesOf(techniques)),
    'threat.technique.subtechnique.id': list(subtechniques),
    'threat.technique.subtechnique.name': list(namesOf(subtechniques)),
    'threat.tactic.id': list(known.map(([id]) => id)),
    'threat.tactic.name': list(known.map(([, name]) => name)),
  };
}

function namesOf(ids: readonly string[]): string[] {
  return ids.map((id) => techniqueNames.get(id)).filter((name) => name !== undefined);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function list(values: string[]): string[] | undefined {
  return values.length > 0 ? values : undefined;
}

/** docs/evaluation.md. */
import { attackKinds } from './attacks.js';
import { type Change, type Comparison, defences, gravest, judged } from './compare.js';
import { type Evaluation, fingerprint } from './evaluation.js';
import { type FigureName, figures, spreadOf, spreadText } from './figures.js';
import { levels, type Outcome } from './measure.js';
import { parameterTable } from './parameters.js';
import { assumed, limits, method } from './report-words.js';
import { otherEstates, poisonedSettings, settingsElsewhere } from './runs.js';
import {
  compared,
  ladders,
  meaningOf,
  recommended,
  type Setting,
  sentinel,
  withExclusions,
} from './settings.js';

type Row = readonly string[];

export function report(evaluation: Evaluation): string {
  return [
    head(evaluation),
    summary(evaluation),
    method,
    legend(),
    presetsSection(evaluation),
    switchesSection(evaluation),
    laddersSection(evaluation),
    attacksSection(evaluation),
    benignSection(evaluation),
    poisonSection(evaluation),
    elsewhereSection(evaluation),
    limits,
    assumed,
    parametersSection(),
    checkSection(evaluation),
  ].join('\n');
}

function head({ results }: Evaluation): string {
  const events = results.map(({ events: count }) => count.toLocaleString('en-US')).join(', ');
  const large = results.map(({ large: bytes }) => Math.round(bytes / 1024)).join(', ');
  return `# Evaluation

How well does the rule find what it is meant to find, at the price of how many alerts? Written by \`npm run evaluate\`;
do not edit. The command runs the real decoder, detector and baseline under many settings over labelled synthetic
traffic, writes this file, and ends with 1 if one of the floors below is broken.

Seeds ${results.map(({ seed }) => seed).join(', ')}; ${events} events; the 95th percentile of the benign JPEG answers is ${large} KiB. Fingerprint of
parameters, settings and attacks: \`${fingerprint()}\`. The same commit gives the same file.

**The traffic is synthetic and ours.** No figure here is a forecast for a real network; what can be taken from it is
which setting does better than which, and why.
`;
}

function summary(evaluation: Evaluation): string {
  const text = (name: FigureName, setting: Setting) =>
    spreadText(name, spreadOf(name, evaluation.of(setting)));
  const worse = [...evaluation.elsewhere].flatMap(
    ([
      where,
      {
        key,
        comparison: { verdict },
      },
    ]) => {
      const seen = spreadText(
        'recall',
        spreadOf('recall', evaluation.ofEstate(where, recommended)),
      );
      return verdict === 'worse'
        ? [`in the estate "${where}" \`${key}\` leaves a recall of ${seen}`]
        : [];
    },
  );
  const lines = evaluation.floors.map(({ text: floor, seen, holds }) => [
    holds ? 'holds' : '**BROKEN**',
    floor,
    seen,
  ]);
  return `## In short

- \`recommended\` finds ${text('recall', recommended)} of the visible attacks with ${text('perDay', recommended)} alerts a day, ${text('falsePerDay', recommended)} of them false;
  precision ${text('precision', recommended)}, of high and critical alerts ${text('high', recommended)}.
- \`sentinel\`, the query to the letter, finds ${text('recall', sentinel)} with ${text('perDay', sentinel)} alerts a day; precision ${text('precision', sentinel)}.
- *Visible* are the attacks that \`recommended\` is meant to find, so its recall says that it does what it is meant to, not
  that it finds everything: those that it cannot find are counted apart, as *blind*.
- It loses one that \`sentinel\` finds: a fresh name below a domain that everybody uses ("popular hosting").
- Precision rests on far more attacks than an estate sees. Take "false" for what an analyst will feel.
- Neither finds an attack that is smaller than the percentile, or comes from a host that is already known.
- Against the defaults: ${worse.length === 0 ? 'nothing found' : worse.join('; ')}. Other estates, below, has the figures.

${table(['', 'floor', 'seen'], lines)}`;
}

function legend(): string {
  const rows = Object.values(figures).map(({ title, what }) => [title, what]);
  return `${table(['column', 'meaning'], rows)}
Cells are the mean over the seeds, with the lowest and the highest in brackets where they differ. A dash: no alert, hence
no precision.
`;
}

const outcomeColumns: readonly FigureName[] = [
  'perDay',
  'falsePerDay',
  'maxDay',
  'warmUp',
  'precision',
  'cases',
  'recall',
  'silenced',
];

function outcomeTable(
  rows: readonly (readonly [name: string, outcomes: readonly Outcome[]])[],
  columns: readonly FigureName[] = outcomeColumns,
): string {
  return table(
    ['', ...columns.map((name) => figures[name].title)],
    rows.map(([name, outcomes]) => [
      name,
      ...columns.map((column) => spreadText(column, spreadOf(column, outcomes))),
    ]),
  );
}

function presetsSection(evaluation: Evaluation): string {
  const rows = [sentinel, recommended, withExclusions].map(
    (setting) => [setting.name, evaluation.of(setting)] as const,
  );
  return `## The presets

${outcomeTable(rows)}
${outcomeTable(rows, ['medium', 'high', 'critical', 'margin', 'uploads', 'blind', 'hosts', 'first', 'threshold'])}
Exclusions that do not teach take the backup's and the designers' pictures out of the percentile. It falls, so more is
large: more alerts, and smaller attacks come into sight.

Alerts by level, of attacks and in all, of all seeds together:

${levelsTable(rows)}`;
}

function levelsTable(rows: readonly (readonly [string, readonly Outcome[]])[]): string {
  const cell = (outcomes: readonly Outcome[], level: (typeof levels)[number]): string => {
    const sum = (of: 'all' | 'attacks') =>
      outcomes.reduce((total, { byLevel }) => total + byLevel[level][of], 0);
    return `${sum('attacks')}/${sum('all')}`;
  };
  return table(
    ['', ...levels],
    rows.map(([name, outcomes]) => [name, ...levels.map((level) => cell(outcomes, level))]),
  );
}

function switchesSection({ switches }: Evaluation): string {
  const titles = judged.map(({ figure }) => figures[figure].title);
  const header = ['switch', 'verdict', ...titles];
  const rowsOf = (of: 'onRecommended' | 'onSentinel'): Row[] =>
    switches.map((one) => [`\`${one.key}\``, one[of].verdict, ...one[of].changes.map(changeText)]);
  const defended = switches.flatMap(({ key, onRecommended: { verdict } }) => {
    const defence = defences[key];
    return verdict === 'better' || defence === undefined ? [] : [`- \`${key}\`: ${defence}`];
  });
  const least = judged.map(({ figure, least: by }) => `${figures[figure].title} ${by}`).join(', ');
  return `## Each switch by itself

The difference that a key of the preset table makes when it goes from sentinel's value to the recommended one. Counted
as a difference from here on: ${least}. A loss of ${gravest} of recall or more is worse,
whatever it buys.

All else as recommended:

${table(header, rowsOf('onRecommended'))}
All else as in sentinel:

${table(header, rowsOf('onSentinel'))}
A switch that closes a gap finds the attacks that were made for this gap, two per seed: that is what "recall +0.05" says,
not how often the gap is used. On top of sentinel, where nothing else is mended, wider eyes also see more that is
harmless: a trade there.

Why a switch is on whose figures do not say so:

${defended.join('\n')}
`;
}

function changeText({ figure, difference, verdict }: Change): string {
  if (Number.isNaN(difference)) return '–';
  const digits = figures[figure].unit === 'share' ? 2 : 1;
  const text = Math.abs(difference).toFixed(digits);
  if (Number(text) === 0) return '0';
  return `${difference < 0 ? '−' : '+'}${text}${verdict === 'same' ? '' : ` ${verdict}`}`;
}

const notes: Readonly<Record<string, string>> = {
  percentile:
    'A higher percentile trades recall for silence. The attacks are multiples of the 95th percentile, so 99 is above most\nof them: choose by how large a payload you want to miss.',
  minimum_bytes:
    'The percentile is far above the default here; see the estate of small pictures below.',
  minimum_history:
    'It rules the first days only, where nights hold some data; see the estate of office hours below.',
  new_source:
    '`host` sees a fresh name below a popular domain, `large_host` also the patient host and the compromised site (column\n"blind"); both pay with the names that delivery networks make every day.',
  'suppress.by':
    '`file` hardly holds anything back: names differ. `user` may silence an attack on a person who has just seen a harmless\nalert.',
  direction:
    'Uploads of the backup and of designers fill the percentile of uploads. Until they are excluded, `upload` and `both`\nfind nothing that was stolen. An exclusion that does not teach leaves its destination unknown to all others, so that\nan upload of anyone else there alerts (column "blind").',
  exclusions:
    'An exclusion that names one fact only, such as a user agent that anyone can claim, silences attacks (column\n"silenced"); two facts, as in `examples/exclusions`, do not.',
};

function laddersSection(evaluation: Evaluation): string {
  const columns: FigureName[] = [...outcomeColumns, 'margin', 'uploads', 'blind'];
  const parts = Object.entries(ladders).map(([title, settings]) => {
    const rows = settings.map((setting) => [setting.name, evaluation.of(setting)] as const);
    return `### ${title}\n\n${outcomeTable(rows, columns)}\n${notes[title]!}\n`;
  });
  return `## Ladders\n\nAll else as recommended.\n\n${parts.join('\n')}`;
}

function attacksSection(evaluation: Evaluation): string {
  const kinds = Object.entries(attackKinds).filter(([, { poisoner }]) => !poisoner);
  const header = ['attack', 'sight', 'what', ...Object.keys(compared)];
  const rows = kinds.map(([kind, { sight, what }]) => [
    kind,
    sight,
    what,
    ...Object.values(compared).map((setting) => foundOf(kind, evaluation.of(setting))),
  ]);
  return `## The attacks

Found and shown, of all seeds together. "visible": recommended must find it; "margin": by a hair or by luck; "upload": only
where uploads are judged; "blind": recommended cannot find it, and a floor holds that this is so.

${table(header, rows)}`;
}

function foundOf(kind: string, outcomes: readonly Outcome[]): string {
  const fates = outcomes.flatMap(({ fates: all }) => all.filter((fate) => fate.kind === kind));
  const found = fates.filter(({ alerted }) => alerted).length;
  const held = fates.filter(({ alerted, suppressed }) => suppressed && !alerted).length;
  return `${found}/${fates.length}${held > 0 ? ` (${held} silenced)` : ''}`;
}

function benignSection(evaluation: Evaluation): string {
  const columns = Object.entries(compared).slice(0, 5);
  const counts = columns.map(([, setting]) => {
    const outcomes = evaluation.of(setting);
    return (kind: string) =>
      outcomes.reduce((sum, { benignCases }) => sum + (benignCases.get(kind) ?? 0), 0) /
      outcomes.length;
  });
  const kinds = new Set(
    columns.flatMap(([, setting]) =>
      evaluation.of(setting).flatMap(({ benignCases }) => [...benignCases.keys()]),
    ),
  );
  const rows = [...kinds]
    .sort((a, b) => counts[1]!(b) - counts[1]!(a) || counts[0]!(b) - counts[0]!(a))
    .map((kind) => [kind, ...counts.map((of) => of(kind).toFixed(1))]);
  return `## What alerts and is no attack

Cases per run, mean over the seeds. (All alerts without a host on one day are one case.)

${table(['kind', ...columns.map(([name]) => name)], rows)}`;
}

function poisonSection(evaluation: Evaluation): string {
  const rows = poisonedSettings.map((setting) => {
    const outcomes = evaluation.ofPoisoned(setting);
    return [
      setting.name,
      foundOf('poisoning', outcomes),
      foundOf('after poisoning', outcomes),
      spreadText('recall', spreadOf('recall', evaluation.of(setting))),
      spreadText('recall', spreadOf('recall', outcomes)),
    ];
  });
  const header = ['', 'poisoner found', 'payload found', 'recall without', 'recall with'];
  return `## An attacker who raises the percentile

From the fifth last day on, four machines fetch large JPEGs from one host, more than 5 % of all JPEGs; on the last day the
payload comes from another host, three times the percentile of before.

${table(header, rows)}
The poisoner alerts on the first day, and that alert must be looked at: within four days the percentile is the poisoner's,
the payload passes, and so do other attacks of these days. One alert of a host with a hundred repeats a day (\`alert_suppressed.count\`) is
what it looks like.
`;
}

function elsewhereSection(evaluation: Evaluation): string {
  const parts = Object.entries(otherEstates).map(([name, estate]) => {
    const rows = settingsElsewhere(estate).map(
      (setting) => [setting.name, evaluation.ofEstate(name, setting)] as const,
    );
    const about = evaluation.elsewhere.get(name);
    const verdict = about === undefined ? '' : `\n${verdictText(about.key, about.comparison)}\n`;
    const changes = Object.entries(estate.changes).map(([key, value]) => `${key} ${value}`);
    return `### ${name}\n\n${estate.asks} (${changes.join(', ')})\n\n${outcomeTable(rows, [...outcomeColumns, 'high', 'threshold'])}${verdict}`;
  });
  return `## Other estates\n\n${parts.join('\n')}`;
}

function verdictText(key: keyof typeof defences, { verdict, changes }: Comparison): string {
  const parts = changes.map((change) => `${figures[change.figure].title} ${changeText(change)}`);
  const defence = verdict === 'better' ? '' : ` ${defences[key] ?? ''}`;
  return `\`${key}\` as recommended, against sentinel's: **${verdict}** (${parts.join(', ')}).${defence}`;
}

/** The table of the parameters, as the document has it. */
export function parametersSection(): string {
  const rows = Object.entries(parameterTable).map(([name, { value, why }]) => [
    `\`${name}\``,
    `${value}`,
    why,
  ]);
  return `## Parameters of the traffic\n\n${table(['parameter', 'value', 'why'], rows)}`;
}

function checkSection({ results }: Evaluation): string {
  const first = results[0]!;
  const lines = [sentinel, recommended].map((setting) =>
    checkLine(setting.name, first.outcomes.get(meaningOf(setting))!),
  );
  return `## Check

Exact figures of seed ${first.seed}, which a test computes anew:

${lines.map((line) => `    ${line}\n`).join('')}`;
}

/** All that one run counted, as whole numbers. */
export function checkLine(name: string, outcome: Outcome): string {
  const { alerts, cases, hosts, repeats, excluded, perDay, fates } = outcome;
  const found = fates.filter(({ alerted }) => alerted).length;
  return (
    `${name}: ${alerts.all} alerts (${alerts.attacks} of attacks), ${cases.all} cases ` +
    `(${cases.attacks}), ${hosts} hosts, ${repeats} repeats, ${excluded} excluded, ` +
    `${found} of ${fates.length} attacks, by day ${perDay.join(' ')}`
  );
}

function table(header: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.join(' | ')} |\n`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('');
}

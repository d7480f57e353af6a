/** What of docs/evaluation.md holds whatever the figures are. */

export const method = `## How it is measured

\`\`\`sh
npm run evaluate                   # all of it, with the seeds above; some minutes on two cores
npm run evaluate -- --seeds 4,5    # other seeds, printed only, nothing written
\`\`\`

- \`bench/evaluation/benign.ts\` makes three weeks of web accesses of an office, \`attacks.ts\` hides attacks in them, and
  \`line.ts\` writes each as a CEF line as one of three products would log it. Every event carries a label.
- Each line goes through the real decoder, feeds, detector, repeats and baseline with \`time: event\`, in order of time;
  receipt is the event's own time.
- An attack is found if an event of it raised an alert which neither a repeat nor an exclusion held back.
- Sizes of attacks are multiples of the 95th percentile of all benign JPEG answers of the run. The threshold of a setting
  is another number: it follows what that setting learns.
- Rates and precision are counted after the first week. Attacks happen after it.
`;

export const limits = `## What the method cannot see

- **HTTPS without inspection.** The proxy sees a CONNECT: no path, no type, no JPEG.
- **Images below the percentile.** Whoever keeps a payload as small as the pictures that people look at is not seen. That
  is the limit of the query's idea, not of its settings.
- **Hosts already known**: a compromised site that the estate visits, a patient attacker whose host served small pictures
  for a day or more, with \`registrable_domain\` any fresh name below a domain that everyone uses and that the public suffix
  list does not know as shared. \`large_host\` and \`host\` see some of these, at the price in the tables.
- **Feeds without bytes**, and JPEGs under another type and another name: \`a.bin\` with no type is no JPEG to anyone.
- **What is inside a JPEG.** The rule knows sizes and hosts; it has never seen a picture.
- **Payloads that come in pieces**, each below the percentile.
`;

export const assumed = `## What was assumed

- All of the traffic. The parameters below are ours; none was measured on a real network, and the events are not
  independent of the rule's author, who knew what the switches do when writing the attacks.
- **Precision is a matter of base rates.** Two attacks of each kind in two weeks are far more than an estate sees; with a
  tenth of them the false alerts per day stay what they are, and precision falls several-fold. Compare columns, and
  take "false/day" for what an analyst will feel.
- The number of alerts follows the number of new hosts with large pictures, so it grows with people and what they look
  at, not with the volume of known traffic.
- Each kind of attack counts the same, though a query string is used more often than a forged key.
- Names, sizes and times of benign traffic are independent; real days have news, holidays and campaigns.
`;

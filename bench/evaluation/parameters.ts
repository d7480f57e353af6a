/**
 * What the synthetic estate is like: each number with the sentence that defends it. None is measured on a
 * real network; they are ours, and what follows from them is a comparison of settings, not a forecast.
 */

interface Parameter {
  readonly value: number;
  readonly why: string;
}

const as = (value: number, why: string): Parameter => ({ value, why });

export const parameterTable = {
  days: as(21, 'three weeks: one to fill the lookback, two to measure'),
  warm_up_days: as(7, 'the whole lookback; rates and precision are counted after it'),
  users: as(300, 'an estate of some hundreds of people'),
  jpegs_per_workday: as(
    1600,
    'a sample of what such an estate fetches; alerts follow the number of new hosts, not this number',
  ),
  weekend_share: as(0.2, 'an office is nearly empty at weekends'),
  night_share: as(0.05, 'traffic of an hour outside 7-19 h UTC, as a share of a daytime hour'),
  sites: as(500, 'sites that are always there'),
  zipf_exponent: as(1, 'popularity of sites falls with their rank'),
  site_median_kib: as(45, 'the middle of the medians of the sites'),
  site_median_spread: as(
    0.9,
    'sigma of the logarithm of the medians: sites differ by their pictures',
  ),
  size_spread_low: as(0.6, 'a site whose pictures are alike: sigma of the logarithm of its sizes'),
  size_spread_high: as(1.2, 'a site that mixes icons and photographs'),
  cdn_share: as(0.25, 'a quarter of all JPEGs comes from content delivery networks'),
  cdn_domains: as(4, 'few registrable domains hold all of their host names'),
  cdn_new_labels: as(
    20,
    'names such as d1a2b3.cloudfront.example that each domain makes every day',
  ),
  cdn_label_days: as(3, 'days for which such a name is served'),
  pages_share: as(0.03, 'JPEGs from names below a private suffix such as github.io'),
  pages_known: as(40, 'such names that are always there'),
  pages_new_per_day: as(4, 'new such names per workday'),
  new_sites_per_workday: as(20, 'registrable domains that nobody of the estate visited before'),
  new_site_jpegs: as(6, 'JPEGs that one visit to a new site fetches, on average'),
  photographers: as(0.08, 'share of new sites with pictures of 900 KiB in the middle'),
  real_estate: as(0.07, 'share of new sites with pictures of 450 KiB in the middle'),
  wallpapers: as(0.05, 'share of new sites with pictures of 1.5 MiB in the middle'),
  galleries_per_day: as(0.5, 'new sites from which one person loads a whole gallery in a day'),
  gallery_jpegs: as(60, 'large JPEGs in such a gallery'),
  backup_jpegs_per_night: as(40, 'pictures of 2-30 MiB, read from and written to one storage host'),
  backup_moves_on_day: as(13, 'on this day the backup changes to a storage host never seen before'),
  designers: as(8, 'people of the design department'),
  designer_files_per_workday: as(4, 'large pictures up or down per designer and workday'),
  designer_new_portals: as(0.5, "customers' portals per workday that no designer used before"),
  uploads_per_workday: as(
    100,
    'pictures that people send to sites they know: tickets, posts, mail',
  ),
  upload_median_kib: as(300, 'the middle of the sizes of such pictures'),
  upload_new_hosts: as(3, 'hosts per workday to which nobody sent a picture before'),
  blocked_large_per_day: as(2, 'new hosts whose large JPEG the proxy blocked and logged in full'),
  head_large_per_day: as(2, 'new hosts asked by HEAD where the feed logs the length that was told'),
  forged_by_chance_per_day: as(
    0.5,
    'unescaped text in small benign events that reads like in=NUMBER',
  ),
  not_modified_share: as(0.12, 'answers 304 of known sites: a few hundred bytes'),
  zero_share: as(0.01, 'answers logged with 0 bytes'),
  webp_share: as(0.1, 'names ending in .jpg that serve WebP, and are logged as such'),
  non_jpeg_share: as(0.1, 'large and small files of other kinds, new hosts among them'),
  no_dhost_users: as(0.08, 'people behind a feed that leaves dhost empty or writes - in it'),
  swapped_users: as(0.05, 'people behind a feed that puts the download in out (Netskope webtx)'),
  no_host_per_day: as(2, 'JPEGs of which the feed tells a path only: no host anywhere'),
  incidents_per_kind: as(2, 'attacks of each kind per run; real estates see far fewer'),
  poison_share: as(0.09, "the poisoner's large JPEGs as a share of a workday's JPEGs"),
} as const satisfies Readonly<Record<string, Parameter>>;

export type Parameters = Readonly<Record<keyof typeof parameterTable, number>>;

export const defaultParameters = Object.fromEntries(
  Object.entries(parameterTable).map(([name, { value }]) => [name, value]),
) as Parameters;

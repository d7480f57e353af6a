/**
 * The seven header fields under the same four kinds of name as the extension keys, in header order
 * (the positions of `Header` in fields.ts). Sources as in keys.ts.
 */
export interface HeaderName {
  /** Name in the forwarded record. */
  readonly record: string;
  readonly fullName: string;
  /** CommonSecurityLog column, '' where there is none. */
  readonly column: string;
  readonly ecs: string;
}

export const headerNames: readonly HeaderName[] = [
  { record: 'cef_version', fullName: 'cefVersion', column: '', ecs: 'cef.version' },
  {
    record: 'device_vendor',
    fullName: 'deviceVendor',
    column: 'DeviceVendor',
    ecs: 'observer.vendor',
  },
  {
    record: 'device_product',
    fullName: 'deviceProduct',
    column: 'DeviceProduct',
    ecs: 'observer.product',
  },
  {
    record: 'device_version',
    fullName: 'deviceVersion',
    column: 'DeviceVersion',
    ecs: 'observer.version',
  },
  {
    record: 'device_event_class_id',
    fullName: 'deviceEventClassId',
    column: 'DeviceEventClassID',
    ecs: 'event.code',
  },
  { record: 'name', fullName: 'name', column: 'Activity', ecs: 'cef.name' },
  { record: 'severity', fullName: 'severity', column: 'LogSeverity', ecs: 'event.severity' },
];

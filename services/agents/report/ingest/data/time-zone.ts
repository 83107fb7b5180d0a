/** Zones by the letters that people write, in minutes from UTC. Letters that several zones share are not among them. */
const NAMED_MINUTES: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 60,
  CET: 60,
  MEZ: 60,
  CEST: 120,
  MESZ: 120,
  EET: 120,
  EEST: 180,
  MSK: 180,
  JST: 540,
  KST: 540,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
}
const MINUTE_MS = 60_000

/** A zone at the end of a time, in a group of that name. */
export const ZONE_PATTERN = `(?<zone>${Object.keys(NAMED_MINUTES)
  .sort((a, b) => b.length - a.length)
  .join('|')}|(?:GMT|UTC)?[+-]\\d{2}(?::?\\d{2})?)?(?: ?\\[[A-Za-z_/+-]{1,40}\\])?(?: \\([^)]{1,20}\\))?`

/** What a zone is ahead of UTC, in milliseconds; 0 for none. Pure. */
export function zoneMs(zone: string | undefined): number {
  if (zone === undefined) return 0
  const named = NAMED_MINUTES[zone]
  if (named !== undefined) return named * MINUTE_MS
  const [, sign, hours, rest] = /([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  const minutes = Number(hours) * 60 + Number(rest ?? 0)
  return (sign === '-' ? -minutes : minutes) * MINUTE_MS
}

/** `+02:00`. Pure. */
export function zoneText(ms: number): string {
  const minutes = Math.abs(ms) / MINUTE_MS
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0')
  return `${ms < 0 ? '−' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

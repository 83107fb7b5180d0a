const FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,9})?)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/

/**
 * A date, with or without a time, as Unix milliseconds; undefined when it is none, or no day of the calendar. A date alone is
 * midnight UTC. A time without a zone is refused, unless `localTime` takes it as that of this machine. Pure but for that zone.
 */
export function parseMoment(text: string, options: { localTime?: boolean } = {}): number | undefined {
  const found = FORM.exec(text)
  if (!found) return undefined
  const [, year, month, day, hour, , , zone] = found
  // 30 February would be taken for a day in March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  if (hour !== undefined && zone === undefined && !options.localTime) return undefined
  const atMs = Date.parse(text.replace(' ', 'T').toUpperCase())
  return Number.isNaN(atMs) ? undefined : atMs
}

import { InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import type { Point } from '#schemas/geometry.ts'
import { type Line, lineSchema, type Zone, zoneSchema } from '#schemas/watch-rule.ts'
import { CliError } from '../cli-error.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }
/** The bounds of a monitor's `durationMs`. */
const MIN_DURATION_MS = 100
const MAX_DURATION_MS = 24 * 3_600_000
const SHARES = 'in shares of the picture: 0,0 is its top left, 1,1 its bottom right'
const FIXES = {
  zone: `Give its corners, three or more, ${SHARES}: --zone 'gate=0.1,0.5 0.4,0.5 0.4,0.9'.`,
  line: `Give its two ends, ${SHARES}: --line 'exit=0.5,0 0.5,1'.`,
} as const

/** `gate=0.1,0.5 0.4,0.5 0.4,0.9`, given as often as there are zones. @throws CliError USAGE */
export function zoneOption(text: string, earlier: readonly Zone[] = []): Zone[] {
  const { id, points } = parsePoints('zone', text)
  return [...earlier, checked('zone', id, zoneSchema, { id, polygon: points })]
}

/** `exit=0.5,0 0.5,1`, given as often as there are lines. @throws CliError USAGE */
export function lineOption(text: string, earlier: readonly Line[] = []): Line[] {
  const { id, points } = parsePoints('line', text)
  if (points.length !== 2) throw wrong('line', id, `a line needs two points, it has ${points.length}`)
  return [...earlier, checked('line', id, lineSchema, { id, from: points[0], to: points[1] })]
}

/** `30s`, `5m`, `1h`, `1500ms`; seconds without a unit. @returns milliseconds; undefined for `never` @throws InvalidArgumentError */
export function monitorDurationOption(text: string): number | undefined {
  if (text === 'never') return undefined
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)?$/.exec(text) ?? []
  if (number === undefined) throw new InvalidArgumentError('must be a duration like 30s, 5m or 1h, or never')
  const ms = Math.round(Number(number) * UNITS[unit]!)
  if (ms < MIN_DURATION_MS || ms > MAX_DURATION_MS)
    throw new InvalidArgumentError('must be from 100ms to 24h')
  return ms
}

/** A number within bounds. */
export function numberOption(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && value >= min && value <= max) return value
    throw new InvalidArgumentError(`must be a number from ${min} to ${max}`)
  }
}

type Shape = keyof typeof FIXES

function parsePoints(shape: Shape, text: string): { id: string; points: Point[] } {
  const at = text.indexOf('=')
  if (at < 1) throw wrong(shape, text, 'must be ID=X,Y X,Y …')
  const id = text.slice(0, at)
  const points = text
    .slice(at + 1)
    .split(/[\s;]+/)
    .filter(Boolean)
    .map((point) => parsePoint(shape, id, point))
  return { id, points }
}

function parsePoint(shape: Shape, id: string, text: string): Point {
  const parts = text.split(',')
  const [x = Number.NaN, y = Number.NaN] = parts.map((part) => (part === '' ? Number.NaN : Number(part)))
  if (parts.length === 2 && x >= 0 && x <= 1 && y >= 0 && y <= 1) return [x, y]
  throw wrong(shape, id, `"${text}" is no point from 0,0 to 1,1`)
}

function checked<Schema extends z.ZodType>(
  shape: Shape,
  id: string,
  schema: Schema,
  value: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw wrong(shape, id, parsed.error.issues[0]?.message ?? 'is not valid')
}

function wrong(shape: Shape, id: string, reason: string): CliError {
  return new CliError('USAGE', `${shape} "${id}": ${reason}`, { fix: FIXES[shape] })
}

import { compareCores, compareVersions, parseVersion, type SemanticVersion } from './semantic-version.ts'

/** Versions from `min` on, and below `max`: all that a comparator says comes to this. */
interface Interval {
  readonly min: SemanticVersion
  /** Not in it. Undefined: no end. */
  readonly max?: SemanticVersion
  /** Where `min` itself is not in it. */
  readonly isAfterMin?: true
}

/** Which versions are meant: in all intervals of one of the alternatives. */
export interface VersionRange {
  readonly text: string
  readonly alternatives: readonly (readonly Interval[])[]
}

type Core = [number, number, number]

const PART = '(\\d{1,9}|[xX*])'
const COMPARATOR = new RegExp(
  `^(\\^|~|>=|<=|>|<|=)?v?${PART}(?:\\.${PART})?(?:\\.${PART})?(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?$`,
)
const MAX_CHARACTERS = 128
/** Before all others. */
const LOWEST: SemanticVersion = { core: [0, 0, 0], prerelease: [0] }
export const ANY_VERSION: VersionRange = { text: '*', alternatives: [[{ min: LOWEST }]] }

/**
 * A range as npm writes them: `1.2.3`, `1.2`, `1.x`, `*`, `^1.2`, `~1.2.3`, `>=1.2 <2`, `1 || 3`. Undefined for what is none. Pure.
 */
export function parseRange(text: string): VersionRange | undefined {
  if (text.length > MAX_CHARACTERS) return undefined
  const alternatives: Interval[][] = []
  for (const alternative of text.split('||')) {
    const words = alternative
      .replace(/(\^|~|[<>]=?|=)\s+/g, '$1')
      .split(/\s+/)
      .filter(Boolean)
    const intervals = words.map(intervalOf)
    if (intervals.length === 0 || intervals.includes(undefined)) return undefined
    alternatives.push(intervals as Interval[])
  }
  return { text: text.trim(), alternatives }
}

/**
 * Whether a version is in a range. A pre-release is only where the range names one of the same release: nobody gets `2.0.0-rc.1` who
 * asked for `^1.9` or `>=1`. Pure.
 */
export function isInRange(version: SemanticVersion, { alternatives }: VersionRange): boolean {
  return alternatives.some(
    (intervals) =>
      intervals.every((interval) => isWithin(version, interval)) &&
      (version.prerelease.length === 0 || intervals.some((interval) => namesPrerelease(version, interval))),
  )
}

function isWithin(version: SemanticVersion, { min, max, isAfterMin }: Interval): boolean {
  const order = compareVersions(version, min)
  if (isAfterMin ? order <= 0 : order < 0) return false
  return max === undefined || compareVersions(version, max) < 0
}

function namesPrerelease({ core }: SemanticVersion, { min, max }: Interval): boolean {
  const isNamed = (bound: SemanticVersion) =>
    bound.prerelease.length > 0 && compareCores(bound.core, core) === 0
  // An end that is before all pre-releases, and a beginning before everything, were written by nobody.
  return (min !== LOWEST && isNamed(min)) || (max !== undefined && !isLowest(max) && isNamed(max))
}

function intervalOf(word: string): Interval | undefined {
  const match = COMPARATOR.exec(word)
  if (!match) return undefined
  const [, operator = '', ...rest] = match
  const [prerelease] = rest.splice(3)
  const known = rest.findIndex((part) => part === undefined || /[xX*]/.test(part))
  const parts = (known === -1 ? rest : rest.slice(0, known)).map(Number)
  // `1.x.3` would say nothing: after a part that may be any, none is named.
  if (rest.slice(parts.length).some((part) => part !== undefined && /\d/.test(part))) return undefined
  if (prerelease !== undefined && parts.length < 3) return undefined
  const core: Core = [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0]
  const full = parseVersion(`${core.join('.')}${prerelease === undefined ? '' : `-${prerelease}`}`)
  return full && boundsOf(operator, { version: full, named: parts.length })
}

/** @param about.named how many of the three parts were named */
function boundsOf(
  operator: string,
  { version, named }: { version: SemanticVersion; named: number },
): Interval | undefined {
  const { core } = version
  const min = named === 0 ? LOWEST : version
  const end = named === 0 ? undefined : below(bumped(core, named - 1))
  const upTo = (max: SemanticVersion | undefined): Interval => ({ min, ...(max && { max }) })
  switch (operator) {
    case '^': {
      const first = core.findIndex((part) => part > 0)
      const fixed = first === -1 ? named - 1 : Math.min(first, named - 1)
      return upTo(named === 0 ? undefined : below(bumped(core, fixed)))
    }
    case '~':
      return upTo(named === 0 ? undefined : below(bumped(core, Math.min(named - 1, 1))))
    case '>=':
      return { min }
    case '>':
      if (named === 0) return undefined
      return named < 3
        ? { min: { core: bumped(core, named - 1), prerelease: [] } }
        : { min: version, isAfterMin: true }
    case '<':
      return named === 0 ? undefined : { min: LOWEST, max: named < 3 ? below(core) : version }
    case '<=':
      return { min: LOWEST, ...(end && { max: named < 3 ? end : after(version) }) }
    default:
      return upTo(named === 3 ? after(version) : end)
  }
}

function bumped(core: SemanticVersion['core'], at: number): Core {
  return [0, 1, 2].map((i) => (i < at ? core[i]! : i === at ? core[i]! + 1 : 0)) as Core
}

/** Before all pre-releases of it: what comes before 2.0.0 is no 2.0.0-rc.1. */
function below(core: SemanticVersion['core']): SemanticVersion {
  return { core, prerelease: [0] }
}

function isLowest({ prerelease }: SemanticVersion): boolean {
  return prerelease.length === 1 && prerelease[0] === 0
}

/** The least version after one. */
function after({ core, prerelease }: SemanticVersion): SemanticVersion {
  return prerelease.length > 0 ? { core, prerelease: [...prerelease, 0] } : below(bumped(core, 2))
}

type Version = readonly [major: number, minor: number, patch: number]
type Test = (version: Version) => boolean

const FORM = /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:[-+].*)?$/
const CONDITION = /^(\^|~|>=|<=|>|<|=)?\s*(.+)$/

/**
 * Whether a version lies in a range as package managers write them: `^2`, `~1.4`, `>=2 <4`, `2`, `2.1.x`, `*`, several of them
 * with `||`. What a version leaves out is 0; what a range leaves out may be anything. A version that is no number equals itself. Pure.
 */
export function isInRange(version: string, range: string): boolean {
  return range.split('||').some((part) => {
    const conditions = part.trim().split(/\s+/)
    return conditions.every((condition) => meets(version, condition))
  })
}

/** Whether a range can be read, so that a wrong one is refused where it is written. Pure. */
export function isRange(range: string): boolean {
  return range.split('||').every(
    (part) =>
      part.trim() !== '' &&
      part
        .trim()
        .split(/\s+/)
        .every((one) => testOf(one) !== undefined),
  )
}

function meets(version: string, condition: string): boolean {
  const found = FORM.exec(version)
  if (!found) return version === condition || condition === '*'
  return testOf(condition)?.([part(found[1]), part(found[2]), part(found[3])]) ?? false
}

function testOf(condition: string): Test | undefined {
  if (condition === '*' || condition === 'x') return () => true
  const [, operator = '', text = ''] = CONDITION.exec(condition) ?? []
  const found = FORM.exec(text.replaceAll(/\.[x*]/g, ''))
  if (!found) return undefined
  const low: Version = [part(found[1]), part(found[2]), part(found[3])]
  const given = found.slice(1, 4).filter((one) => one !== undefined).length
  const high = ceilingOf(operator, low, given)
  switch (operator) {
    case '>=':
      return (version) => compare(version, low) >= 0
    case '<':
      return (version) => compare(version, low) < 0
    case '>':
      return (version) => compare(version, high) >= 0
    case '<=':
      return (version) => compare(version, high) < 0
    default:
      return (version) => compare(version, low) >= 0 && compare(version, high) < 0
  }
}

/** The first version that does not belong to it any more. */
function ceilingOf(operator: string, [major, minor, patch]: Version, given: number): Version {
  if (operator === '^' && (major > 0 || given === 1)) return [major + 1, 0, 0]
  if (operator === '^' && (minor > 0 || given === 2)) return [0, minor + 1, 0]
  if (given === 1) return [major + 1, 0, 0]
  if (given === 2 || operator === '~') return [major, minor + 1, 0]
  return [major, minor, patch + 1]
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}

function part(text: string | undefined): number {
  return text === undefined ? 0 : Number(text)
}

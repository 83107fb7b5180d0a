/** A version as semver.org has it. Build metadata, which orders nothing, is left out. */
export interface SemanticVersion {
  /** Major, minor, patch. */
  readonly core: readonly [number, number, number]
  /** The parts of a pre-release, `rc.1`; empty for a release. */
  readonly prerelease: readonly (string | number)[]
}

const NUMBER = '(0|[1-9]\\d{0,8})'
const VERSION = new RegExp(
  `^v?${NUMBER}(?:\\.${NUMBER})?(?:\\.${NUMBER})?(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z.-]+)?$`,
)
const MAX_CHARACTERS = 64

/** Parts that are left out are 0: `2` is 2.0.0. Undefined for what is no version. Pure. */
export function parseVersion(text: string): SemanticVersion | undefined {
  const match = text.length <= MAX_CHARACTERS ? VERSION.exec(text) : null
  if (!match) return undefined
  const [, major, minor = '0', patch = '0', prerelease] = match
  return {
    core: [Number(major), Number(minor), Number(patch)],
    prerelease: prerelease === undefined ? [] : prerelease.split('.').map(partOf),
  }
}

/** Below 0 when `a` comes before `b`, above when after it. Pure. */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  return compareCores(a.core, b.core) || comparePrereleases(a.prerelease, b.prerelease)
}

export function compareCores(a: SemanticVersion['core'], b: SemanticVersion['core']): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}

/** A release comes after all of its pre-releases; of those that begin alike, the longer one comes later. */
function comparePrereleases(a: SemanticVersion['prerelease'], b: SemanticVersion['prerelease']): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareParts(a[i]!, b[i]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Numbers come before words. */
function compareParts(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'number') return -1
  if (typeof b === 'number') return 1
  return a === b ? 0 : a < b ? -1 : 1
}

function partOf(text: string): string | number {
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text
}

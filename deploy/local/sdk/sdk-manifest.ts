import { SDK_ENTRIES } from './compile-sdk.ts'

/** Not on any registry: whatever is there under this name, or under `murmuration`, is a stranger's. */
export const SDK_NAME = '@murmuration/agent'

/** The author's schemas have to be of the same zod as the kit's. */
const SHARED = 'zod'
/** Loaded only where there is a collector to send traces to; 27 MB that most authors never need. */
const OPTIONAL = /^@opentelemetry\//
/** What declarations and programs ask for beside what is imported. */
const TYPES = '@types/node'

export interface RootManifest {
  readonly version: string
  readonly license: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/**
 * The package.json of the kit: what it really imports, in the ranges of the repository. Pure.
 * @param imports specifiers that stand in the compiled files
 * @throws Error for a package that the repository does not list
 */
export function sdkManifest(root: RootManifest, imports: readonly string[]): Record<string, unknown> {
  const packages = [...new Set(imports.filter(isPackage).map(packageOf))].sort()
  const optional = packages.filter((name) => OPTIONAL.test(name))
  const ranges = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, rangeOf(root, name)]))
  return {
    name: SDK_NAME,
    version: root.version,
    description: 'The kit for authors of Murmuration agents. Not on any registry: use the tarball.',
    license: root.license,
    private: true,
    type: 'module',
    engines: { node: '>=20' },
    exports: {
      ...Object.fromEntries(Object.entries(SDK_ENTRIES).map(([entry, source]) => [entry, exported(source)])),
      './package.json': './package.json',
    },
    files: ['dist'],
    dependencies: {
      ...ranges(packages.filter((name) => name !== SHARED && !OPTIONAL.test(name))),
      // Any: whatever the author has is shared.
      [TYPES]: '>=20',
    },
    peerDependencies: ranges([SHARED, ...optional]),
    peerDependenciesMeta: Object.fromEntries(optional.map((name) => [name, { optional: true }])),
  }
}

function exported(source: string): { types: string; default: string } {
  const base = `./dist/${source.replace(/\.ts$/, '')}`
  return { types: `${base}.d.ts`, default: `${base}.js` }
}

function isPackage(specifier: string): boolean {
  return !specifier.startsWith('.') && !specifier.startsWith('node:')
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function rangeOf(root: RootManifest, name: string): string {
  const range = root.dependencies[name]
  if (range === undefined) throw new Error(`the kit imports ${name}, which package.json does not list`)
  return range
}

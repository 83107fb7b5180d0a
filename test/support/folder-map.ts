/** One line of the map in docs/architecture.md. */
export interface MapEntry {
  /** Folder from the top of the repository, without a slash at its end. */
  path: string
  what: string
}

const LINE = /^( *)([\w.-]+)\/\s*(.*)$/

/** Reads the tree between the marks: two spaces a level, `folder/   what is in it`. @throws Error for a line that is none */
export function readFolderMap(page: string): MapEntry[] {
  const block = page.split('<!-- map:begin -->')[1]?.split('<!-- map:end -->')[0] ?? ''
  const parents: string[] = []
  return block
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('```'))
    .map((line) => {
      const [, indent, name, what] = LINE.exec(line) ?? []
      if (name === undefined) throw new Error(`no line of the map: ${line}`)
      const level = indent!.length / 2
      if (level > parents.length) throw new Error(`a level is missing above: ${line}`)
      parents.length = level
      parents.push(name)
      return { path: parents.join('/'), what: what! }
    })
}

/**
 * What is named and is not there; what stands beside a folder that is named, and is not named itself; what has no words. A folder
 * of tests that has the name of a folder of sources needs none.
 */
export function checkFolderMap(map: readonly MapEntry[], folders: ReadonlySet<string>): string[] {
  const named = new Set(map.map(({ path }) => path))
  const parents = new Set([...named].map(parentOf))
  const mirrored = new Set([...folders].map((path) => path.replace(/^(?:services\/)?/, 'test/')))
  return [
    ...map
      .filter(({ path }) => !folders.has(path))
      .map(({ path }) => `the map names ${path}, which is not there`),
    ...map.filter(({ what }) => what === '').map(({ path }) => `the map says nothing about ${path}`),
    ...[...folders]
      .filter((path) => parents.has(parentOf(path)) && !named.has(path) && !mirrored.has(path))
      .map((path) => `${path} is missing in the map`),
  ]
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

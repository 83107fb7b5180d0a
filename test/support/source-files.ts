import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'

/** Top of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** A source as the checks see it: its path from the top, with slashes, and its text. */
export interface SourceFile {
  path: string
  text: string
}

const SOURCE_FOLDERS = ['schemas', 'subjects', 'services', 'deploy', 'loadtest', 'test', 'examples']

/** Every TypeScript source of the repository, sorted. */
export function readSourceFiles(root = ROOT): SourceFile[] {
  return SOURCE_FOLDERS.flatMap((folder) => listFiles(join(root, folder)))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => ({ path: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }))
    .sort((a, b) => a.path.localeCompare(b.path))
}

/** Paths of everything that git does not ignore, whether it knows it yet or not. */
export function projectPaths(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  // What has been deleted and not yet been committed is listed all the same.
  return listed.split('\n').filter((path) => path !== '' && existsSync(join(ROOT, path)))
}

/** The folders that hold these paths, at every level. */
export function foldersOf(paths: readonly string[]): Set<string> {
  const folders = new Set<string>()
  for (const path of paths)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      folders.add(path.slice(0, end))
  return folders
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? listFiles(path) : [path]
  })
}

import { basename, dirname } from 'node:path'

/** Names that say nothing: the folder above them does. */
const PLAIN_FILES = new Set(['main', 'agent', 'index'])
const PLAIN_FOLDERS = new Set(['src', 'dist', 'build', 'lib'])

/** `agents` for the built-in ones, the file's name for others; numbered where two would be the same. */
export function serviceName(main: string, taken: readonly { name: string }[]): string {
  const file = basename(main).replace(/\.[^.]+$/, '')
  const name = PLAIN_FILES.has(file) ? folderName(dirname(main)) : file
  const same = taken.filter((spec) => spec.name.replace(/-\d+$/, '') === name).length
  return same === 0 ? name : `${name}-${same + 1}`
}

function folderName(folder: string): string {
  const name = basename(folder)
  return PLAIN_FOLDERS.has(name) ? basename(dirname(folder)) : name
}

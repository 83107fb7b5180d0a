import { readdirSync, type Stats, statSync } from 'node:fs'
import { basename, extname, join, relative, resolve } from 'node:path'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { LIMITS } from '#schemas/limits.ts'
import { CliError } from '../cli-error.ts'
import { count, formatBytes } from '../output/quantities.ts'

/** The report's own limit, see `schemas/report.ts`. */
const MAX_SOURCES = 200

/** By the ending of its name, for whoever has nothing better to go by. */
export function mediaTypeOf(path: string): string {
  return MEDIA_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream'
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.txt': 'text/plain',
  '.log': 'text/plain',
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
  '.csv': 'text/csv',
  '.tsv': 'text/tab-separated-values',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.ndjson': 'application/x-ndjson',
  '.pdf': 'application/pdf',
  '.html': 'text/html',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.avif': 'image/avif',
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/quicktime',
  '.mkv': 'video/x-matroska',
  '.webm': 'video/webm',
  '.avi': 'video/x-msvideo',
}

/** A file of the user's that goes into a report. */
export interface LocalFile {
  path: string
  /** Its name in the report. */
  name: string
  bytes: number
  mediaType: string
}

/**
 * The files that the arguments name; of a folder, the files right in it that are not hidden.
 * @throws CliError FILE_UNREADABLE naming every argument that is wrong
 */
export function collectFiles(paths: readonly string[], folder: string): LocalFile[] {
  const faults: string[] = []
  const found = new Map<string, Stats>()
  for (const argument of paths) {
    try {
      for (const path of filesAt(resolve(folder, argument))) found.set(path, statSync(path))
    } catch (error) {
      faults.push(`${argument}: ${plainReason(error)}`)
    }
  }
  for (const [path, stats] of found) {
    if (stats.size <= LIMITS.blobBytes) continue
    faults.push(`${path}: ${formatBytes(stats.size)}, at most ${formatBytes(LIMITS.blobBytes)} are taken`)
  }
  if (found.size > MAX_SOURCES)
    faults.push(`${count(found.size, 'file')}: at most ${MAX_SOURCES} fit a report`)
  if (faults.length > 0) {
    const [first, ...details] = faults
    throw new CliError('FILE_UNREADABLE', first!, { details })
  }
  return named([...found], folder)
}

function filesAt(path: string): string[] {
  const stats = statSync(path)
  if (stats.isFile()) return [path]
  if (!stats.isDirectory()) throw new Error('is neither a file nor a folder')
  const files = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(path, entry.name))
    .sort()
  if (files.length === 0) throw new Error('holds no files (folders inside it are not read)')
  return files
}

/** The file's name, or its path where two have the same. */
function named(found: readonly [path: string, stats: Stats][], folder: string): LocalFile[] {
  const times = new Map<string, number>()
  for (const [path] of found) times.set(basename(path), (times.get(basename(path)) ?? 0) + 1)
  return found.map(([path, stats]) => ({
    path,
    name: (times.get(basename(path)) === 1 ? basename(path) : relative(folder, path)).slice(-256),
    bytes: stats.size,
    mediaType: mediaTypeOf(path),
  }))
}

function plainReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'may not be read'
  return messageOf(error)
}

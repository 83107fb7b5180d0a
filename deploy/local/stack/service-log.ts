import { existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const ROTATE_BYTES = 8 * 1024 * 1024
const TAIL_LINES = 12
/** Frames of a stack that say nothing about the service. */
const NODE_INTERNAL = /^\s+at .*\(?node:/

/** Opens a log to append to; one that has grown large is put aside first, so that at most two are kept. */
export function openServiceLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (existsSync(file) && statSync(file).size > ROTATE_BYTES) renameSync(file, `${file}.old`)
  return openSync(file, 'a', 0o600)
}

/** The last lines written after `from` bytes, shortened: what explains an end to people. */
export function logTail(file: string, from: number): string {
  const text = readFileSync(file).subarray(from).toString('utf8').trimEnd()
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !NODE_INTERNAL.test(line))
    .slice(-TAIL_LINES)
    .map((line) => plainLine(line).slice(0, 400))
    .join('\n')
}

/** What a JSON log line says: its message and the reason for it; other lines as they are. */
function plainLine(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const entry = JSON.parse(line) as {
      level?: unknown
      message?: unknown
      reason?: unknown
      err?: { message?: unknown }
    }
    if (typeof entry.message !== 'string') return line
    const reason = entry.err?.message ?? entry.reason
    return `${entry.level}: ${entry.message}${typeof reason === 'string' ? `: ${reason}` : ''}`
  } catch {
    // Cut off by the end of the process: still worth showing.
    return line
  }
}

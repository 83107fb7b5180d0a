import { existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const ROTATE_BYTES = 8 * 1024 * 1024
const TAIL_LINES = 12

/** Opens a log to append to; one that has grown large is put aside first, so that at most two are kept. */
export function openServiceLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  if (existsSync(file) && statSync(file).size > ROTATE_BYTES) renameSync(file, `${file}.old`)
  return openSync(file, 'a')
}

/** The last lines written after `from` bytes, shortened: what explains an end to people. */
export function logTail(file: string, from: number): string {
  const text = readFileSync(file).subarray(from).toString('utf8').trimEnd()
  return text
    .split('\n')
    .slice(-TAIL_LINES)
    .map((line) => plainLine(line).slice(0, 400))
    .join('\n')
}

/** The message and the error's text of a JSON log line; other lines as they are. */
function plainLine(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const entry = JSON.parse(line) as { msg?: unknown; err?: { message?: unknown } }
    const reason = typeof entry.err?.message === 'string' ? `: ${entry.err.message}` : ''
    return typeof entry.msg === 'string' ? `${entry.msg}${reason}` : line
  } catch {
    // Cut off by the end of the process: still worth showing.
    return line
  }
}

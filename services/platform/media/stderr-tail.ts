import type { Readable } from 'node:stream'
import { maskUserinfo } from '../config/read-config.ts'

const MAX_TAIL_CHARACTERS = 8 * 1024
const MAX_LINE_CHARACTERS = 200
/** What ffmpeg writes last when something before has gone wrong. */
const AFTERMATH =
  /^(Error marking filters as finished|Conversion failed!|Cannot determine format of input|Nothing was written)/

/** Keeps the end of what a program writes to stderr: a damaged stream makes ffmpeg write without end. @returns what is kept */
export function collectStderrTail(stderr: Readable): () => string {
  let text = ''
  stderr.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-MAX_TAIL_CHARACTERS)
  })
  return () => text
}

/**
 * Of what ffmpeg writes with `-v level+info`: what goes wrong, without the marks of its kind, as with `-v error`. Pure.
 */
export function errorLines(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /\[(error|fatal|panic)\] /.test(line))
  return lines.map((line) => line.replace(/\[(error|fatal|panic)\] /, '')).join('\n')
}

/** The other way round: what it says about its input, without marks. Pure. */
export function infoLines(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.startsWith('[info] '))
  return lines.map((line) => line.slice('[info] '.length)).join('\n')
}

/**
 * The last line that gives a reason, for people: without addresses in memory, passwords and paths of ours. Pure.
 * @param path a path that was given to ffmpeg without `file:` before it
 */
export function lastErrorLine(stderr: string, path?: string): string {
  const lines = stderr.trim().split('\n')
  const line = lines.findLast((one) => !AFTERMATH.test(one)) ?? lines.at(-1) ?? ''
  const plain = (path === undefined ? line : line.replaceAll(path, ''))
    .replace(/^(\[[^\]]*\]\s*)+/, '')
    .replace(/\b(file|pipe):\S*?(?=:\s|$)/g, '')
    // What ffmpeg was given is ours and says nothing to anybody.
    .replace(/\brtsp:\/\/127\.0\.0\.1:\d+\/[\w-]{32}[^\s:]*/g, 'the source')
    .replace(/^[:\s]+/, '')
  return maskUserinfo(plain).slice(0, MAX_LINE_CHARACTERS) || 'no reason was given'
}

import type { Readable } from 'node:stream'
import { maskUserinfo } from '#platform/config/read-config.ts'

const MAX = 8 * 1024
/** What ffmpeg says last when something before has gone wrong. */
const AFTERMATH =
  /^(Error marking filters as finished|Conversion failed!|Cannot determine format of input|Nothing was written)/

/** The last of what a program complains about on stderr. A damaged stream makes ffmpeg write without end. */
export interface StderrTail {
  text(): string
}

export function collectStderrTail(stderr: Readable): StderrTail {
  let text = ''
  stderr.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-MAX)
  })
  return { text: () => text }
}

/** The last line of it that says something, for people: without addresses in memory, passwords and paths of ours. */
export function lastErrorLine(text: string): string {
  const lines = text.trim().split('\n')
  const line = lines.findLast((one) => !AFTERMATH.test(one)) ?? lines.at(-1) ?? ''
  const plain = line
    .replace(/^(\[[^\]]*\]\s*)+/, '')
    .replace(/\b(file|pipe):\S*?(?=:\s|$)/g, '')
    .replace(/^[:\s]+/, '')
  return maskUserinfo(plain).slice(0, 200) || 'no reason was given'
}

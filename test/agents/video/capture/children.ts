import { readdirSync, readFileSync } from 'node:fs'

/** Programs that this process started to read video and that are still there, as `pid command`. Linux only. */
export function children(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = readStat(pid)
      const [, command, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(stat) ?? []
      if (Number(parent) !== process.pid || !/^(ffmpeg|node|MainThread)$/.test(command!)) return []
      return [`${pid} ${command}`]
    })
}

function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    // It ended just now.
    return ''
  }
}

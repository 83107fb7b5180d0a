import { readdirSync, readFileSync } from 'node:fs'

/**
 * Programs that this process started to read video and that are still there, as `pid command`. Linux only.
 * @param source only those that were started with it
 */
export function children(source = ''): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = readProc(pid, 'stat')
      const [, command, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(stat) ?? []
      if (!readProc(pid, 'cmdline').includes(source)) return []
      if (Number(parent) !== process.pid || !/^(ffmpeg|node|MainThread)$/.test(command!)) return []
      return [`${pid} ${command}`]
    })
}

function readProc(pid: string, file: 'stat' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It ended just now.
    return ''
  }
}

import { readdirSync, readFileSync } from 'node:fs'

/** A process and all that it has started, and they in turn; what is gone is left out. Needs /proc: elsewhere the process alone. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of entriesOfProc()) {
    const parent = parentOf(name)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [pid]
  for (const each of tree) tree.push(...(children.get(each) ?? []))
  return tree
}

/**
 * Memory of processes in MB (10^6 bytes), with what several of them share counted once (PSS); undefined where /proc does not tell.
 * @param pids without duplicates
 */
export function memoryMb(pids: readonly number[]): number | undefined {
  let kib = 0
  for (const pid of pids) {
    const text = read(`/proc/${pid}/smaps_rollup`)
    if (text === undefined) return undefined
    kib += proportionalKib(text)
  }
  return Math.round((kib * 1024) / 1e6)
}

/** The proportional share of `smaps_rollup`, KiB. Pure. */
export function proportionalKib(smapsRollup: string): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(smapsRollup)?.[1] ?? 0)
}

/** The parent in a line of `/proc/PID/stat`, whose second field may have any character in it. Pure. */
export function parentIn(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

function entriesOfProc(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

function parentOf(pid: string): number | undefined {
  const stat = read(`/proc/${pid}/stat`)
  return stat === undefined ? undefined : parentIn(stat)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return undefined
  }
}

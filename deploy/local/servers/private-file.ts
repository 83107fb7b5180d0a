import { renameSync, writeFileSync } from 'node:fs'

/** Writes a file that nobody else on this machine may read, also where an earlier version has left one that they may. */
export function writePrivately(file: string, text: string): void {
  const next = `${file}.${process.pid}`
  writeFileSync(next, text, { mode: 0o600 })
  renameSync(next, file)
}

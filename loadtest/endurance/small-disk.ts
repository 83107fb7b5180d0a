import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Of the pieces that it is filled with. Bytes. */
const PIECE = 1024 * 1024

/** A disk of its own that is small enough to be filled. */
export interface SmallDisk {
  folder: string
  /** Takes all that is free, until `clear`. */
  fill(): void
  clear(): void
  remove(): void
}

/** A file system in memory, which needs root. @returns undefined where it can't be had */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'murmur-endurance', folder], {
      stdio: 'ignore',
    })
  } catch {
    return undefined
  }
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill() {
      const piece = Buffer.alloc(PIECE)
      // Until the disk says that it is full.
      for (let i = 0; ; i++) {
        mkdirSync(ballast, { recursive: true })
        try {
          writeFileSync(join(ballast, String(i)), piece)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return
          throw error
        }
        const { bavail } = statfsSync(folder)
        if (bavail === 0) return
      }
    },
    clear: () => rmSync(ballast, { recursive: true, force: true }),
    remove() {
      execFileSync('umount', [folder], { stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

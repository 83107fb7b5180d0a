import type { RecordingLimits } from '../recordings-config.ts'

/** Why something is kept, the least worth first. */
export const TIERS = ['plain', 'active', 'alert', 'detections'] as const
export type Tier = (typeof TIERS)[number]

/** A file as far as it matters for how long it is kept. */
export interface KeptFile {
  /** `tenant/camera` */
  readonly camera: string
  /** When it was written, on the line of age. Milliseconds. */
  readonly lineMs: number
  readonly bytes: number
  readonly tier: Tier
  /** It is being written. */
  readonly isOpen: boolean
}

export type DeletionReason = 'age' | 'camera' | 'total' | 'disk'
export interface Deletion<File extends KeptFile> {
  readonly file: File
  readonly reason: DeletionReason
}

/**
 * What goes: what is too old for its tier, then, where a camera or all of them have too much or the disk too little room, the oldest
 * of the tier that is worth least. Pure.
 * @param state.freeBytes of the disk; undefined: not known
 */
export function chooseDeletions<File extends KeptFile>(
  files: readonly File[],
  limits: Pick<RecordingLimits, 'keepMs' | 'cameraBytes' | 'totalBytes' | 'freeBytes'>,
  state: { lineMs: number; freeBytes: number | undefined },
): Deletion<File>[] {
  const deletions: Deletion<File>[] = []
  const left: File[] = []
  const byCamera = new Map<string, number>()
  let total = 0
  let free = state.freeBytes
  for (const file of files) {
    if (!file.isOpen && state.lineMs - file.lineMs > limits.keepMs[file.tier]) {
      deletions.push({ file, reason: 'age' })
      if (free !== undefined) free += file.bytes
      continue
    }
    left.push(file)
    total += file.bytes
    byCamera.set(file.camera, (byCamera.get(file.camera) ?? 0) + file.bytes)
  }
  const reasonFor = (camera: string): DeletionReason | undefined => {
    if ((byCamera.get(camera) ?? 0) > limits.cameraBytes) return 'camera'
    if (total > limits.totalBytes) return 'total'
    return free !== undefined && free < limits.freeBytes ? 'disk' : undefined
  }
  if (![...byCamera.keys()].some((camera) => reasonFor(camera) !== undefined)) return deletions
  for (const file of left.toSorted(worthLeastFirst)) {
    const reason = file.isOpen ? undefined : reasonFor(file.camera)
    if (!reason) continue
    deletions.push({ file, reason })
    total -= file.bytes
    byCamera.set(file.camera, byCamera.get(file.camera)! - file.bytes)
    if (free !== undefined) free += file.bytes
  }
  return deletions
}

function worthLeastFirst(a: KeptFile, b: KeptFile): number {
  return TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || a.lineMs - b.lineMs
}

import type { CameraFiles } from '../store/camera-files.ts'
import { type BlockFacts, type PlacedBlock, readBlock, scanBlocks } from './block-file.ts'

/** A block and where it is. */
interface FoundBlock {
  readonly path: string
  readonly block: PlacedBlock
}

/** Blocks with frames of a span, in the order in which they were written. Unix milliseconds. */
export async function findBlocks(
  files: Pick<CameraFiles, 'detections' | 'pathOf'>,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<FoundBlock[]> {
  const found: FoundBlock[] = []
  for (const file of files.detections) {
    if (file.endMs < fromMs || file.startMs > toMs) continue
    const path = files.pathOf(file)
    for (const block of await scanBlocks(path))
      if (block.toMs >= fromMs && block.fromMs <= toMs) found.push({ path, block })
  }
  return found
}

/** The contents of blocks from the n-th on, compressed as they are, as many as fit. */
export async function readBlocks(
  found: readonly FoundBlock[],
  { start, maxBytes }: { start: number; maxBytes: number },
): Promise<{ blocks: Buffer[]; next: number | undefined }> {
  const blocks: Buffer[] = []
  let bytes = 0
  let at = start
  for (; at < found.length; at++) {
    const { path, block } = found[at]!
    if (blocks.length > 0 && bytes + block.bytes > maxBytes) break
    blocks.push(await readBlock(path, block))
    bytes += block.bytes
  }
  return { blocks, next: at < found.length ? at : undefined }
}

/** What was going on in a part of a span. */
export interface Activity extends Omit<BlockFacts, 'fromMs' | 'toMs'> {
  /** Where the part begins: Unix milliseconds. */
  atMs: number
}

/** What blocks say of themselves, by parts of a span; parts without frames are left out. Pure. */
export function activityOf(
  blocks: readonly BlockFacts[],
  { fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number },
): Activity[] {
  const parts = new Map<number, Activity>()
  for (const { fromMs: blockMs, frames, persons, vehicles, motion } of blocks) {
    const atMs = fromMs + Math.floor((Math.max(blockMs, fromMs) - fromMs) / stepMs) * stepMs
    if (atMs >= toMs) continue
    const part = parts.get(atMs) ?? { atMs, frames: 0, persons: 0, vehicles: 0, motion: undefined }
    parts.set(atMs, {
      atMs,
      frames: part.frames + frames,
      persons: Math.max(part.persons, persons),
      vehicles: Math.max(part.vehicles, vehicles),
      motion: motion === undefined ? part.motion : Math.max(part.motion ?? 0, motion),
    })
  }
  return [...parts.values()].toSorted((a, b) => a.atMs - b.atMs)
}

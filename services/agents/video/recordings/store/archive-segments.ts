import { readFile } from 'node:fs/promises'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { CameraFiles } from './camera-files.ts'
import { dayOf, type Segment } from './segment.ts'

/** Copied in one go, so that what is deleted meanwhile is looked at again. */
const MAX_AT_ONCE = 32

/** Where a segment lies in the archive. Pure. */
export function archiveKey(
  { tenant, camera }: Pick<CameraFiles, 'tenant' | 'camera'>,
  segment: Segment,
): string {
  return `${tenant}/${camera}/${dayOf(segment.lineMs)}/${segment.name}`
}

/**
 * Copies what was recorded around events into the archive. What fails is tried again the next time: a file that can't be read here
 * keeps no other from its place there, an archive that can't be reached is not asked for the next one.
 */
export async function archiveSegments(
  cameras: Iterable<CameraFiles>,
  archive: FileStore,
  log: Pick<Log, 'warn'>,
): Promise<void> {
  const unreadable: unknown[] = []
  let count = 0
  for (const { files, segment } of notArchived(cameras)) {
    if (count === MAX_AT_ONCE) break
    const bytes = await readFile(files.pathOf(segment)).catch((error: unknown) => {
      unreadable.push(error)
    })
    if (!bytes) continue
    count++
    try {
      await archive.write(archiveKey(files, segment), bytes)
      segment.isArchived = true
      await files.writeIndex(segment)
    } catch (error) {
      log.warn(
        { err: messageOf(error), archive: archive.place },
        'recordings could not be copied into the archive',
      )
      break
    }
  }
  if (unreadable.length > 0)
    log.warn(
      { err: messageOf(unreadable[0]), files: unreadable.length },
      'recordings could not be read for the archive',
    )
}

function* notArchived(cameras: Iterable<CameraFiles>): Generator<{ files: CameraFiles; segment: Segment }> {
  for (const files of cameras)
    for (const segment of files.segments)
      if (segment.isHeld && !segment.isOpen && !segment.isArchived && segment.isLocal)
        yield { files, segment }
}

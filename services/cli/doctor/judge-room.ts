import type { StorageLevel } from '#schemas/storage.ts'
import type { Check } from '../../../deploy/local/doctor.ts'
import { fillText, markText } from '../output/storage-text.ts'

const DEFAULT_FIX = 'Give it more room with MURMUR_STORAGE_GIB, if there is disk.'
const FIXES: Readonly<Record<string, string>> = {
  log: 'Give it more room with MURMUR_STORAGE_GIB, or let it be purged (MURMUR_CHECKPOINTS=yes, with an archive).',
  steps: 'See which queue is long (murmur status), and start agents that take from it.',
  objects:
    'Give it more room with MURMUR_STORAGE_GIB, or delete objects: murmur objects usage says who has them.',
  jetstream: 'Give the account more storage, or set MURMUR_STORAGE_GIB lower: streams then refuse earlier.',
  redis:
    'Give it more memory, keep finished tasks for less long (MURMUR_KEEP_FINISHED_MS), or set up an archive that they can leave for.',
  archive: 'Give its disk more room, or keep less history (MURMUR_ARCHIVE_DAYS, MURMUR_ARCHIVE_GIB).',
}

/** What is to be said of how full everything is, as orchestrators tell it. Pure. */
export function judgeRoom(levels: readonly StorageLevel[]): Check {
  const name = 'room'
  const above = levels.filter(({ mark }) => mark > 0)
  const [first] = above
  const [fullest] = levels.filter(({ limitBytes }) => limitBytes > 0)
  if (!first)
    return {
      name,
      status: 'ok',
      evidence: fullest ? `the fullest: ${fillText(fullest)}` : 'nothing has a limit',
    }
  const evidence = above.map((level) => `${fillText(level)}: ${markText(level)}`).join('; ')
  const status = first.mark > 1 ? 'fail' : 'warn'
  return { name, status, evidence, fix: FIXES[first.resource] ?? DEFAULT_FIX }
}

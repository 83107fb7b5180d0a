import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { RecordingLimits } from '../../../../services/agents/video/recordings/recordings-config.ts'
import { RecordingStore } from '../../../../services/agents/video/recordings/store/recording-store.ts'

const GIB = 2 ** 30
const DAY_MS = 86_400_000
export const LIMITS: RecordingLimits = {
  keepMs: { plain: 2 * DAY_MS, active: 7 * DAY_MS, alert: 30 * DAY_MS, detections: 30 * DAY_MS },
  cameraBytes: GIB,
  totalBytes: GIB,
  freeBytes: 0,
  beforeMs: 2000,
  afterMs: 2000,
}

export async function temporaryFolder(t: Pick<Test, 'teardown'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'murmur-recordings-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface OpenOptions {
  folder: string
  limits?: Partial<RecordingLimits>
  archive?: FileStore
  clock?: Clock
}

/** A store on a real folder, open. */
export async function openStore(t: Pick<Test, 'teardown'>, options: OpenOptions): Promise<RecordingStore> {
  const { folder, limits, archive, clock = systemClock } = options
  const store = new RecordingStore({
    config: { folder, limits: { ...LIMITS, ...limits }, archive },
    clock,
    log: SILENT,
  })
  store.start()
  t.teardown(() => store.stop())
  if (!(await store.opened)) throw new Error('the store did not open')
  return store
}

const nothing = () => undefined
export const SILENT = { info: nothing, warn: nothing, error: nothing, debug: nothing } as unknown as Log

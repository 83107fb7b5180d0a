import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import type { RecordingsConfig } from '../recordings-config.ts'
import { AgeLine, resumedLine } from './age-line.ts'
import { archiveSegments } from './archive-segments.ts'
import { CameraFiles } from './camera-files.ts'
import { chooseDeletions } from './retention.ts'
import { StoreLock } from './store-lock.ts'

/** What is kept is looked over so often; so is the note of where the line is. Milliseconds. */
const KEEP_INTERVAL_MS = 5000
/** Between two attempts at a folder that another process has. */
const LOCK_RETRY_MS = 1000
/** Files that are deleted at the same time. */
const DELETIONS_IN_FLIGHT = 16
const MARK_FILE = 'line.json'
const ID_FILE = 'store.json'

const markSchema = z.object({ lineMs: z.number(), wallMs: z.number() })
const idSchema = z.object({ id: z.string().regex(TOKEN_PATTERN) })

export interface RecordingStoreDeps {
  config: RecordingsConfig
  clock: Clock
  log: Log
  metrics?: Metrics | undefined
}

/** The recordings of one node: all cameras in one folder, which one process at a time has. */
export class RecordingStore implements Component {
  readonly name = 'recordings'
  readonly cameras = new Map<string, CameraFiles>()
  readonly #deps: RecordingStoreDeps
  readonly #lock: StoreLock
  readonly #stopping = new AbortController()
  readonly #opened = Promise.withResolvers<boolean>()
  #id = ''
  #line: AgeLine | undefined
  #running: Promise<void> = Promise.resolve()
  #keeping: Promise<void> | undefined
  #isShort = false

  constructor(deps: RecordingStoreDeps) {
    this.#deps = deps
    this.#lock = new StoreLock(deps.config.folder)
  }

  /** Names the folder among those of other nodes; empty while it is not ours. */
  get id(): string {
    return this.#id
  }

  get config(): RecordingsConfig {
    return this.#deps.config
  }

  /** Resolves when the folder is ours and read; with false when that will not be any more. */
  get opened(): Promise<boolean> {
    return this.#opened.promise
  }

  get isOpen(): boolean {
    return this.#line !== undefined
  }

  /** What recordings are ordered and grow old by. @throws Error before it is open */
  get line(): AgeLine {
    if (!this.#line) throw new Error('the recordings are not open')
    return this.#line
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => {
      this.#deps.log.error({ err: error }, 'recordings can not be kept')
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#opened.resolve(false)
    await this.#running
    if (!this.#line) return
    await this.#writeMark()
    await this.#lock.release()
  }

  /** What there is of a camera; made when there is nothing yet. */
  cameraFor(tenant: string, camera: string): CameraFiles {
    const key = `${tenant}/${camera}`
    const found = this.cameras.get(key)
    if (found) return found
    const { folder, limits } = this.#deps.config
    const made = new CameraFiles({ tenant, camera, root: folder }, limits)
    this.cameras.set(key, made)
    return made
  }

  /** Whether more may be written: makes room first where there is too little. */
  async hasRoom(): Promise<boolean> {
    const { freeBytes } = this.#deps.config.limits
    if ((await this.#freeBytes()) >= freeBytes) return true
    await this.keep()
    const isShort = (await this.#freeBytes()) < freeBytes
    if (isShort && !this.#isShort)
      this.#deps.log.warn(
        { freeBytes },
        'recording pauses: too little of the disk is free, and nothing is left to delete',
      )
    this.#isShort = isShort
    return !isShort
  }

  /** Deletes what is not to be kept any more. One at a time, however many ask. */
  keep(): Promise<void> {
    this.#keeping ??= this.#keep().finally(() => {
      this.#keeping = undefined
    })
    return this.#keeping
  }

  async #run(): Promise<void> {
    const { clock, log, config } = this.#deps
    const { signal } = this.#stopping
    for (let tries = 0; !(await this.#lock.take(clock.monotonicMs())); tries++) {
      if (tries === 0)
        log.info({ folder: config.folder }, 'another process has the folder of recordings: waiting for it')
      await clock.sleep(LOCK_RETRY_MS, signal)
      if (signal.aborted) return
    }
    await this.#open()
    while (!signal.aborted) {
      await this.#tick()
      await clock.sleep(KEEP_INTERVAL_MS, signal)
    }
  }

  async #tick(): Promise<void> {
    const { clock, log, config } = this.#deps
    try {
      if (!(await this.#lock.renew(clock.nowMs())))
        log.error({ folder: config.folder }, 'another process writes into the folder of recordings')
      await this.#writeMark()
      await this.keep()
      if (config.archive) await archiveSegments(this.cameras.values(), config.archive, log)
      await this.#measure()
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'recordings could not be looked over')
    }
  }

  async #open(): Promise<void> {
    const { clock, log, config } = this.#deps
    const { folder } = config
    this.#id = await readId(folder)
    let rebuilt = 0
    for (const tenant of await namesIn(folder)) {
      for (const camera of await namesIn(join(folder, tenant)))
        rebuilt += await this.cameraFor(tenant, camera).load()
    }
    const last = await this.#readMark()
    const newestMs = Math.max(0, ...[...this.cameras.values()].map(({ lastLineMs }) => lastLineMs))
    const startMs = Math.max(resumedLine(last, clock.nowMs()), newestMs + 1)
    this.#line = new AgeLine(startMs, () => clock.monotonicMs())
    const segments = [...this.cameras.values()].reduce((sum, camera) => sum + camera.segments.length, 0)
    log.info({ folder, cameras: this.cameras.size, segments, rebuilt }, 'recordings are kept')
    this.#opened.resolve(true)
  }

  async #keep(): Promise<void> {
    if (!this.#line) return
    const { config, log, metrics } = this.#deps
    const freeBytes = await this.#freeBytes()
    const files = [...this.cameras.values()].flatMap((camera) => camera.files())
    const deletions = chooseDeletions(files, config.limits, { lineMs: this.#line.nowMs(), freeBytes })
    for (let i = 0; i < deletions.length; i += DELETIONS_IN_FLIGHT) {
      const some = deletions.slice(i, i + DELETIONS_IN_FLIGHT)
      await Promise.all(some.map(({ file }) => file.of.delete(file)))
      for (const { file, reason } of some)
        metrics?.counter('murmur_recordings_deleted_bytes_total').labels(reason).inc(file.bytes)
    }
    if (deletions.length > 0) log.debug({ files: deletions.length }, 'recordings were deleted')
  }

  async #measure(): Promise<void> {
    const { metrics } = this.#deps
    if (!metrics) return
    const bytes = [...this.cameras.values()].reduce((sum, camera) => sum + camera.bytes, 0)
    metrics.gauge('murmur_recordings_bytes').labels().set(bytes)
    metrics
      .gauge('murmur_recordings_free_bytes')
      .labels()
      .set(await this.#freeBytes())
  }

  async #freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#deps.config.folder)
    return bavail * bsize
  }

  async #writeMark(): Promise<void> {
    const { clock, config } = this.#deps
    const mark = JSON.stringify({ lineMs: this.line.nowMs(), wallMs: clock.nowMs() })
    const path = join(config.folder, MARK_FILE)
    // A disk that is full takes no mark: the newest file says where the line was.
    await writeFile(`${path}.part`, mark, { mode: 0o600 })
      .then(() => rename(`${path}.part`, path))
      .catch(() => undefined)
  }

  async #readMark() {
    try {
      const text = await readFile(join(this.#deps.config.folder, MARK_FILE), 'utf8')
      return markSchema.safeParse(JSON.parse(text)).data
    } catch {
      return undefined
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && TOKEN_PATTERN.test(entry.name))
    .map(({ name }) => name)
}

/** Made once, with the folder. */
async function readId(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, ID_FILE)
  try {
    const known = idSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
    if (known) return known.id
  } catch {
    // There is none yet, or none that can be read.
  }
  const id = randomUUID()
  const file = await open(path, 'w', 0o600).catch(() => undefined)
  await file?.writeFile(JSON.stringify({ id }))
  await file?.close()
  return id
}

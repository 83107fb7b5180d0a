import { appendFile, rm } from 'node:fs/promises'
import type { Clock } from '#platform/clock/clock.ts'
import type { Tracks } from '#schemas/camera.ts'
import type { CameraFiles } from '../store/camera-files.ts'
import { DETECTIONS_SUFFIX, type DetectionFile, fileName } from '../store/segment.ts'
import { type BlockFacts, encodeBlock } from './block-file.ts'
import { headOf, lineOf, type ObservedFrame, type SeenFrame } from './frame-line.ts'

/** What the tracker says of a frame comes within this, or not at all. Milliseconds. */
const TRACKS_TIMEOUT_MS = 2000
/** A block ends at so many characters, or so long after its first frame; as much is lost when a process is killed. */
const BLOCK_CHARACTERS = 64 * 1024
const BLOCK_MS = 5000
/** A file ends after this, on the line of age. Milliseconds. */
const FILE_MS = 3_600_000
/** Frames that wait for their tracks: two seconds of the fastest camera. */
const MAX_WAITING = 256

interface Waiting {
  readonly seen: SeenFrame
  readonly sinceMs: number
  tracks?: Tracks['tracks']
}

export interface ObservationWriterDeps {
  files: CameraFiles
  clock: Pick<Clock, 'monotonicMs'>
  line: { nowMs(): number }
  /** From where on detections count, if that is known. */
  minScore: () => number | undefined
  /** Told when something could not be written. */
  onFailure: (error: unknown) => void
}

/** Keeps what was seen in each frame of a camera, and what the tracker made of it, in the order in which it came. */
export class ObservationWriter {
  readonly #deps: ObservationWriterDeps
  readonly #waiting: Waiting[] = []
  #trackedMs = Number.NEGATIVE_INFINITY
  #lines: string[] = []
  #head = ''
  #characters = 0
  #facts: (BlockFacts & { beganMs: number }) | undefined
  #file: DetectionFile | undefined
  #written: Promise<void> = Promise.resolve()

  constructor(deps: ObservationWriterDeps) {
    this.#deps = deps
  }

  detections(seen: SeenFrame): void {
    this.#waiting.push({ seen, sinceMs: this.#deps.clock.monotonicMs() })
    this.tick()
  }

  tracks({ epoch, seq, tracks }: Tracks): void {
    this.#trackedMs = this.#deps.clock.monotonicMs()
    const at = this.#waiting.findLastIndex(({ seen }) => seen.epoch === epoch && seen.seq === seq)
    const found = this.#waiting[at]
    if (found) {
      // Detectors and capture say things side by side: what counts is the order in which the tracker used them.
      const usedBefore = this.#waiting.findLastIndex((waiting) => waiting.tracks)
      if (usedBefore > at) this.#waiting.splice(usedBefore, 0, ...this.#waiting.splice(at, 1))
      found.tracks = tracks
    }
    this.tick()
  }

  /** Lets frames go that have waited long enough; to be called often. */
  tick(): void {
    const nowMs = this.#deps.clock.monotonicMs()
    while (this.#waiting.length > 0) {
      const [first] = this.#waiting
      const isOver = nowMs - first!.sinceMs > TRACKS_TIMEOUT_MS || this.#waiting.length > MAX_WAITING
      if (!first!.tracks && !isOver) break
      this.#waiting.shift()
      this.#take(first!, nowMs)
    }
    if (this.#facts && nowMs - this.#facts.beganMs > BLOCK_MS) this.#endBlock()
  }

  /** Writes what is there. */
  async close(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs()
    for (const waiting of this.#waiting.splice(0)) this.#take(waiting, nowMs)
    this.#endBlock()
    await this.#written
    if (this.#file) this.#file.isOpen = false
    this.#file = undefined
  }

  #take({ seen, tracks }: Waiting, nowMs: number): void {
    const unused = nowMs - this.#trackedMs < TRACKS_TIMEOUT_MS ? 'late' : 'away'
    const minScore = this.#deps.minScore()
    const frame: ObservedFrame = { seen, tracks, minScore, ...(!tracks && { unused }) }
    const head = headOf(frame)
    if (this.#facts && head !== this.#head) this.#endBlock()
    this.#head = head
    const line = lineOf(frame)
    this.#lines.push(line)
    this.#characters += line.length
    this.#facts = withFrame(this.#facts ?? { ...EMPTY, beganMs: nowMs }, frame)
    if (isActive(frame)) this.#deps.files.markActive(seen.atMs)
    if (this.#characters > BLOCK_CHARACTERS) this.#endBlock()
  }

  #endBlock(): void {
    if (!this.#facts) return
    const { beganMs: _began, ...facts } = this.#facts
    const text = [this.#head, ...this.#lines].join('\n')
    this.#facts = undefined
    this.#lines = []
    this.#characters = 0
    this.#written = this.#written.then(() => this.#write(text, facts)).catch(this.#deps.onFailure)
  }

  async #write(text: string, facts: BlockFacts): Promise<void> {
    const { files } = this.#deps
    const block = await encodeBlock(text, facts)
    const file = await this.#fileFor(facts)
    const path = files.pathOf(file)
    try {
      await appendFile(path, block, { mode: 0o600 })
    } catch (error) {
      // A block that is there in part would hide all that come behind it.
      this.#file = undefined
      file.isOpen = false
      if (file.bytes === 0) await files.delete({ detections: file })
      throw error
    }
    file.bytes += block.length
    file.endMs = Math.max(file.endMs, facts.toMs)
  }

  async #fileFor(facts: BlockFacts): Promise<DetectionFile> {
    const { files, line } = this.#deps
    const nowMs = Math.max(line.nowMs(), files.lastLineMs)
    const isBack = this.#file !== undefined && facts.fromMs < this.#file.startMs
    if (this.#file && !isBack && nowMs - this.#file.lineMs < FILE_MS) return this.#file
    if (this.#file) this.#file.isOpen = false
    const times = { lineMs: nowMs, startMs: Math.round(facts.fromMs) }
    const made: DetectionFile = {
      ...times,
      name: fileName(times, DETECTIONS_SUFFIX),
      endMs: facts.toMs,
      bytes: 0,
      isOpen: true,
    }
    await files.makeFolder(nowMs)
    // Of a name that was there nothing is known: it would be read as a part of this one.
    await rm(files.pathOf(made), { force: true })
    files.detections.push(made)
    this.#file = made
    return made
  }
}

const EMPTY: BlockFacts = {
  fromMs: Number.POSITIVE_INFINITY,
  toMs: Number.NEGATIVE_INFINITY,
  frames: 0,
  persons: 0,
  vehicles: 0,
  motion: undefined,
}
/** So much of a picture has to move before a recording counts as one with motion. */
const MOTION_SHARE = 0.01

function isActive({ seen }: ObservedFrame): boolean {
  return (seen.detections?.length ?? 0) > 0 || (seen.motion ?? 0) >= MOTION_SHARE
}

function withFrame<Facts extends BlockFacts>(facts: Facts, { seen, tracks }: ObservedFrame): Facts {
  const { atMs, detections = [], motion } = seen
  const objects: readonly { class: string }[] = tracks ?? detections
  const persons = objects.filter((object) => object.class === 'person').length
  return {
    ...facts,
    fromMs: Math.min(facts.fromMs, atMs),
    toMs: Math.max(facts.toMs, atMs),
    frames: facts.frames + 1,
    persons: Math.max(facts.persons, persons),
    vehicles: Math.max(facts.vehicles, objects.length - persons),
    motion: motion === undefined ? facts.motion : Math.min(1, Math.max(0, facts.motion ?? 0, motion)),
  }
}

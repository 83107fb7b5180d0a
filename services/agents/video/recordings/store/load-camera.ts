import { appendFile, open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type CameraEvent, cameraEventSchema } from '#schemas/camera-event.ts'
import { readsOf, scanSegment } from '../media/scan-segment.ts'
import { scanBlocks } from '../observations/block-file.ts'
import {
  DAY_PATTERN,
  DETECTIONS_SUFFIX,
  type DetectionFile,
  type Segment,
  type SegmentFacts,
  segmentNoteSchema,
  segmentSchema,
  timesOf,
  VIDEO_SUFFIX,
} from './segment.ts'

export const INDEX_FILE = 'index.jsonl'
export const EVENTS_FILE = 'events.jsonl'

export interface LoadedDay {
  segments: Segment[]
  detections: DetectionFile[]
  events: CameraEvent[]
}

/** The days that a camera has recordings of, the oldest first. */
export async function daysOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => DAY_PATTERN.test(name)).toSorted()
}

/**
 * What a camera has of one day. The files are the truth: what the index does not know, or says wrongly, is read from them and
 * written into it.
 * @returns how many segments were read from their files, too
 */
export async function loadDay(folder: string): Promise<LoadedDay & { rebuilt: number }> {
  const names = await readdir(folder)
  const known = await readIndex(folder)
  const segments: Segment[] = []
  const lines: string[] = []
  for (const name of names.toSorted()) {
    const times = timesOf(name, VIDEO_SUFFIX)
    if (!times) continue
    const facts = known.get(name) ?? (await factsFromFile(folder, name, times))
    if (!facts) continue
    if (!known.has(name)) lines.push(`${JSON.stringify(facts)}\n`)
    known.delete(name)
    segments.push({ ...facts, isOpen: false, isHeld: false, isLocal: true })
  }
  for (const facts of known.values())
    if (facts.isArchived) segments.push({ ...facts, isOpen: false, isHeld: false, isLocal: false })
  // A disk that is full takes no index: it is made again the next time.
  if (lines.length > 0)
    await appendFile(join(folder, INDEX_FILE), `\n${lines.join('')}`).catch(() => undefined)
  const detections = await detectionFiles(folder, names)
  return {
    segments: segments.toSorted(byLine),
    detections,
    events: await readEvents(folder),
    rebuilt: lines.length,
  }
}

function byLine(a: { lineMs: number }, b: { lineMs: number }): number {
  return a.lineMs - b.lineMs
}

/** The index by names of files: what was written last counts, and a line that was cut short not at all. */
async function readIndex(folder: string): Promise<Map<string, SegmentFacts>> {
  const known = new Map<string, SegmentFacts>()
  for (const line of await linesOf(join(folder, INDEX_FILE))) {
    const facts = segmentSchema.safeParse(line).data
    if (facts) known.set(facts.name, facts)
  }
  return known
}

/** What was raised at the camera on that day. */
export async function readEvents(folder: string): Promise<CameraEvent[]> {
  const events = new Map<string, CameraEvent>()
  for (const line of await linesOf(join(folder, EVENTS_FILE))) {
    const event = cameraEventSchema.safeParse(line).data
    if (event) events.set(event.id, event)
  }
  return [...events.values()]
}

async function linesOf(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as unknown]
    } catch {
      return []
    }
  })
}

async function factsFromFile(
  folder: string,
  name: string,
  { lineMs, startMs }: { lineMs: number; startMs: number },
): Promise<SegmentFacts | undefined> {
  const file = await open(join(folder, name), 'r')
  try {
    const scan = await scanSegment(readsOf(file))
    const [first] = scan?.fragments ?? []
    const last = scan?.fragments.at(-1)
    if (!scan || !first || !last) return undefined
    const note = noteOf(scan.note)
    const ms = (ticks: number) => (ticks * 1000) / scan.facts.timescale
    const lastsMs = ms(last.time + last.duration - first.time)
    return {
      ...{ name, lineMs, startMs, endMs: startMs + lastsMs },
      streamStartMs: ms(first.time),
      streamEndMs: ms(first.time) + lastsMs,
      bytes: (await file.stat()).size,
      monitor: note?.monitor ?? '',
      session: note?.session ?? name,
      ...{ init: scan.facts.id, codec: scan.facts.codec, width: scan.facts.width, height: scan.facts.height },
      // Not known any more: kept for longer rather than for too short.
      isActive: true,
    }
  } finally {
    await file.close()
  }
}

function noteOf(text: string | undefined) {
  try {
    return segmentNoteSchema.safeParse(JSON.parse(text ?? '')).data
  } catch {
    return undefined
  }
}

async function detectionFiles(folder: string, names: readonly string[]): Promise<DetectionFile[]> {
  const files: DetectionFile[] = []
  for (const name of names.toSorted()) {
    const times = timesOf(name, DETECTIONS_SUFFIX)
    if (!times) continue
    const path = join(folder, name)
    const { size } = await stat(path)
    let endMs = times.startMs
    for (const block of await scanBlocks(path)) endMs = Math.max(endMs, block.toMs)
    files.push({ name, ...times, endMs, bytes: size, isOpen: false })
  }
  return files
}

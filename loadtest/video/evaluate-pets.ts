import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import type { Detection } from '../../schemas/detection.ts'
import type { Box } from '../../schemas/geometry.ts'
import { chooseSizes } from '../../services/agents/video/capture/decode/decode-plan.ts'
import { round } from '../bench/measure.ts'
import { clipFrames } from './clip-frames.ts'
import { asset, chooseModel } from './material.ts'
import { openDetector } from './open-detector.ts'

/**
 * What the detector sees on real frames with people marked by hand: recall and precision of persons at an overlap of one half, and
 * the area under the curve of the two (AP50).
 * `node loadtest/video/evaluate-pets.ts [--model FILE] [--score 0.35] [--tiles 2x1] [--mosaic]`; needs the clip and its labels, which are not part of
 * the repository.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    score: { type: 'string', default: '0.35' },
    /** `2x1`: each frame cut into so many parts. */
    tiles: { type: 'string' },
    /** Four times the clip in one picture, for small objects. */
    mosaic: { type: 'boolean', default: false },
  },
})
/** Down to here, for the curve of precision over recall. */
const LEAST_SCORE = 0.05
const SOURCE = { width: 480, height: 360, fps: 10 }
/** The labels are those of the original, 768 × 576. */
const LABELS = { width: 768, height: 576 }
const OVERLAP = 0.5

const [columns, rows] = (values.tiles ?? '').split('x').map(Number)
const tiles = columns && rows ? { columns, rows } : undefined

const clip = asset('clips/pets09-s2l1-480x360.mp4')
const labels = asset('labels/pets09-s2l1-gt-subset.txt')
if (!clip || !labels) throw new Error('the clip or its labels are not here (MURMUR_ASSETS)')
const truth = readLabels(labels)
const { ffmpeg } = await resolveFfmpeg(() => undefined)
const detector = await openDetector(chooseModel(values.model))
for (const size of detector.info.inputs) {
  let hits = 0
  let seen = 0
  let labelled = 0
  let frames = 0
  let inferMs = 0
  const judged: Judged[] = []
  const options = {
    ffmpeg,
    clip,
    ...(tiles ? chooseSizes(SOURCE, [size], tiles).input : size),
    sourceWidth: SOURCE.width,
    sourceHeight: SOURCE.height,
    fps: SOURCE.fps,
    isMosaic: values.mosaic,
  }
  for await (const frame of clipFrames(options)) {
    const labels = truth.get(frame.header.seq)
    if (!labels) continue
    const marked = values.mosaic ? fourTimes(labels) : labels
    frame.header.minScore = LEAST_SCORE
    if (tiles) frame.header.tiles = { ...tiles, width: size.width, height: size.height }
    const startedMs = performance.now()
    const [detections] = await detector.detect([frame])
    inferMs += performance.now() - startedMs
    frames++
    const found = detections!.filter((detection) => detection.class === 'person')
    judged.push(...judge(marked, found))
    const persons = found.filter(({ score }) => score >= Number(values.score))
    hits += countHits(
      marked,
      persons.map((person) => person.box),
    )
    seen += persons.length
    labelled += marked.length
  }
  process.stdout.write(
    `${JSON.stringify({ model: detector.info.model, ...size, score: Number(values.score), tiles: values.tiles, mosaic: values.mosaic, frames, labelled, recall: round(hits / labelled, 3), precision: round(hits / seen, 3), ap50: round(averagePrecision(judged, labelled), 3), msPerFrame: round(inferMs / frames) })}\n`,
  )
}
await detector.close()

/** Marked boxes by frame, in shares of the picture. */
function readLabels(path: string): Map<number, Box[]> {
  const boxes = new Map<number, Box[]>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const numbers = line.split(',').map(Number)
    if (numbers.length < 6 || numbers.some(Number.isNaN)) continue
    const [frame, , left, top, width, height] = numbers as [number, number, number, number, number, number]
    const box: Box = [
      left / LABELS.width,
      top / LABELS.height,
      (left + width) / LABELS.width,
      (top + height) / LABELS.height,
    ]
    boxes.set(frame, [...(boxes.get(frame) ?? []), box])
  }
  return boxes
}

function fourTimes(boxes: readonly Box[]): Box[] {
  return [0, 0.5].flatMap((top) =>
    [0, 0.5].flatMap((left) =>
      boxes.map(([x1, y1, x2, y2]): Box => [left + x1 / 2, top + y1 / 2, left + x2 / 2, top + y2 / 2]),
    ),
  )
}

interface Judged {
  score: number
  isHit: boolean
}

/** The most certain first, each marked box found once. */
function judge(marked: readonly Box[], found: readonly Detection[]): Judged[] {
  const left = new Set(marked)
  return found
    .toSorted((a, b) => b.score - a.score)
    .map(({ box, score }) => {
      const best = [...left].toSorted((a, b) => overlapOf(b, box) - overlapOf(a, box))[0]
      const isHit = best !== undefined && overlapOf(best, box) >= OVERLAP
      if (isHit) left.delete(best)
      return { score, isHit }
    })
}

/** The area under the best precision at each recall. */
function averagePrecision(judged: readonly Judged[], labelled: number): number {
  let hits = 0
  const points = judged
    .toSorted((a, b) => b.score - a.score)
    .map(({ isHit }, i) => {
      if (isHit) hits++
      return { recall: hits / labelled, precision: hits / (i + 1) }
    })
  let area = 0
  let best = 0
  points.toReversed().forEach(({ recall, precision }, i) => {
    best = Math.max(best, precision)
    area += best * (recall - (points[points.length - 2 - i]?.recall ?? 0))
  })
  return area
}

/** One to one, best overlap first. */
function countHits(marked: readonly Box[], found: readonly Box[]): number {
  const pairs = marked
    .flatMap((a, i) => found.map((b, j) => ({ i, j, overlap: overlapOf(a, b) })))
    .filter(({ overlap }) => overlap >= OVERLAP)
    .sort((a, b) => b.overlap - a.overlap)
  const used = { marked: new Set<number>(), found: new Set<number>() }
  for (const { i, j } of pairs) {
    if (used.marked.has(i) || used.found.has(j)) continue
    used.marked.add(i)
    used.found.add(j)
  }
  return used.marked.size
}

function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  if (width <= 0 || height <= 0) return 0
  const area = ([left, top, right, bottom]: Box) => (right - left) * (bottom - top)
  return (width * height) / (area(a) + area(b) - width * height)
}

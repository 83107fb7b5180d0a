import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import type { Box } from '../../schemas/geometry.ts'
import { createOnnxDetector } from '../../services/agents/video/detection/onnx-detector.ts'
import { openSessions } from '../../services/agents/video/detection/open-sessions.ts'
import { fromFile } from '../../services/agents/video/models/resolve-model.ts'
import { round } from '../bench/measure.ts'
import { clipFrames } from './clip-frames.ts'
import { asset, chooseModel } from './material.ts'

/**
 * What the detector sees on real frames with people marked by hand: recall and precision of persons at an overlap of one half.
 * `node loadtest/video/evaluate-pets.ts [--model FILE] [--score 0.35]`; needs the clip and its labels, which are not part of
 * the repository.
 */
const { values } = parseArgs({
  options: { model: { type: 'string' }, score: { type: 'string', default: '0.35' } },
})
const SOURCE = { width: 480, height: 360, fps: 10 }
/** The labels are those of the original, 768 × 576. */
const LABELS = { width: 768, height: 576 }
const OVERLAP = 0.5

const clip = asset('clips/pets09-s2l1-480x360.mp4')
const labels = asset('labels/pets09-s2l1-gt-subset.txt')
if (!clip || !labels) throw new Error('the clip or its labels are not here (MURMUR_ASSETS)')
const truth = readLabels(labels)
const { ffmpeg } = await resolveFfmpeg(() => undefined)
const { file, manifest } = await fromFile(chooseModel(values.model))
const sessions = await openSessions(file, {
  provider: 'cpu',
  sessions: 1,
  log: { info: () => undefined, debug: () => undefined },
})
const detector = await createOnnxDetector(manifest, sessions)
for (const size of detector.info.inputs) {
  let hits = 0
  let seen = 0
  let labelled = 0
  let frames = 0
  let inferMs = 0
  const options = {
    ffmpeg,
    clip,
    ...size,
    sourceWidth: SOURCE.width,
    sourceHeight: SOURCE.height,
    fps: SOURCE.fps,
  }
  for await (const frame of clipFrames(options)) {
    const marked = truth.get(frame.header.seq)
    if (!marked) continue
    frame.header.minScore = Number(values.score)
    const startedMs = performance.now()
    const [detections] = await detector.detect([frame])
    inferMs += performance.now() - startedMs
    frames++
    const persons = detections!.filter((detection) => detection.class === 'person')
    hits += countHits(
      marked,
      persons.map((person) => person.box),
    )
    seen += persons.length
    labelled += marked.length
  }
  process.stdout.write(
    `${JSON.stringify({ model: manifest.name, ...size, score: Number(values.score), frames, labelled, recall: round(hits / labelled, 3), precision: round(hits / seen, 3), msPerFrame: round(inferMs / frames) })}\n`,
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

import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { createRandom } from '../random.ts'
import { createRenderBuffers, createRenderer } from '../renderer.ts'
import { type ClassIndex, randomActors, randomCamera } from './random-frame.ts'
import { randomStreet } from './random-street.ts'

export interface DatasetOptions {
  count: number
  seed: number
  width: number
  height: number
}

export type LabelledBox = [
  classIndex: ClassIndex,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  visibility: number,
]

/** Less than this of an object is nothing that could be learned. */
const LEAST_VISIBILITY = 0.01

/** Frames that share a street and a camera: drawing the street is the larger part of the work. */
const FRAMES_PER_STREET = 2

/** Random frames with their boxes, one after another; the same for the same seed. `pixels` is used again. */
export function* randomFrames({
  count,
  seed,
  width,
  height,
}: DatasetOptions): Generator<{ pixels: Uint8Array; boxes: LabelledBox[] }> {
  const pixels = new Uint8Array(width * height * 3)
  const buffers = createRenderBuffers(width, height)
  for (let first = 0; first < count; first += FRAMES_PER_STREET) {
    const random = createRandom(Math.imul(seed, 1_000_003) + first)
    const camera = randomCamera(width, height, random.fork())
    const scene = randomStreet(random.fork())
    const renderer = createRenderer(camera, scene.street, buffers)
    for (let k = first; k < Math.min(count, first + FRAMES_PER_STREET); k++) {
      const actors = randomActors(camera, scene, random.fork())
      const sightings = renderer.render(actors, pixels, random.fork())
      const boxes: LabelledBox[] = []
      for (const [i, sighting] of sightings.entries()) {
        if (!sighting || sighting.visibility < LEAST_VISIBILITY) continue
        const visibility = Math.round(sighting.visibility * 1000) / 1000
        boxes.push([actors[i]!.classIndex, ...sighting.box, visibility])
      }
      yield { pixels, boxes }
    }
  }
}

/** Writes frames.rgb, boxes.jsonl and info.json to a folder, which is made. */
export async function writeDataset(folder: string, options: DatasetOptions): Promise<void> {
  await mkdir(folder, { recursive: true })
  const frames = createWriteStream(join(folder, 'frames.rgb'))
  const labels = createWriteStream(join(folder, 'boxes.jsonl'))
  for (const { pixels, boxes } of randomFrames(options)) {
    await write(frames, Buffer.from(pixels))
    await write(labels, `${JSON.stringify(boxes)}\n`)
  }
  frames.end()
  labels.end()
  await Promise.all([finished(frames), finished(labels)])
  await writeFile(join(folder, 'info.json'), `${JSON.stringify(options)}\n`)
}

async function write(stream: WriteStream, part: Buffer | string): Promise<void> {
  if (!stream.write(part)) await once(stream, 'drain')
}

import t from 'tap'
import type { Tracks } from '../../../../../schemas/camera.ts'
import {
  type ClipWriterDeps,
  clipScene,
  createClipWriter,
} from '../../../../../services/agents/video/capture/clip/clip-writer.ts'
import { captionHeight } from '../../../../../services/agents/video/pictures/overlay-svg.ts'

t.test('clips: zones that are occupied', async (t) => {
  const gate = {
    id: 'gate',
    polygon: [
      [0, 0],
      [1, 0],
      [1, 1],
    ] as [number, number][],
  }
  const track = {
    class: 'person',
    label: 'person',
    score: 0.83,
    box: [0, 0, 1, 1],
    id: 3,
    predicted: true,
    zones: ['gate'],
  }
  const seen = { tracks: [track as never], persons: 1, vehicles: 0, mediaMs: 1500 }
  t.match(clipScene({ camera: 'yard', zones: [gate], lines: [] }, seen), {
    zones: [{ id: 'gate', active: true }],
    boxes: [{ label: 'person 3 · 83 %', predicted: true }],
    caption: { title: 'yard', details: ['1 person', '0 vehicles', '1.5 s'] },
  })
})

t.test('every frame in order, those without tracks too; another size does not fit', async (t) => {
  const { writer, written, formats } = setUp({ picture: (seq) => ({ width: seq === 3 ? 8 : 4, height: 4 }) })
  writer.add(tracks(2))
  writer.add(tracks(2))
  writer.addRest(4)
  t.equal((await writer.finish())?.toString(), 'clip')
  const height = 4 + captionHeight({ width: 4 }, { caption: { title: 'yard', details: [] } })
  t.strictSame(formats, [{ width: 4, height, rate: { numerator: 10, denominator: 1 } }])
  t.equal(written.length, 3)
  t.equal(writer.dropped, 1)
  await writer.discard()
})

t.test('frames that are no longer kept are left out; without one there is no clip', async (t) => {
  const { writer } = setUp({ picture: () => undefined })
  writer.addRest(3)
  t.equal(await writer.finish(), undefined)
  t.equal(writer.dropped, 3)
})

t.test('more than may wait are left out', async (t) => {
  const { writer, written } = setUp({})
  writer.addRest(30)
  t.equal(writer.waiting, 24)
  await writer.finish()
  t.equal(written.length, 24)
  t.equal(writer.dropped, 6)
})

t.test('an encoder that fails is reported once, and ends the clip', async (t) => {
  const { writer, failures } = setUp({ startEncoder: () => Promise.reject(new Error('no room')) })
  writer.addRest(2)
  t.equal(await writer.finish(), undefined)
  writer.addRest(3)
  t.equal(await writer.finish(), undefined)
  t.match(failures, [{ message: 'no room' }])
  t.equal(failures.length, 1)
})

function tracks(seq: number): Tracks {
  return { seq, tracks: [], persons: 0, vehicles: 0, mediaMs: 0 } as unknown as Tracks
}

function setUp({
  picture = () => ({ width: 4, height: 4 }),
  ...more
}: Partial<Pick<ClipWriterDeps, 'startEncoder'>> & {
  picture?: (seq: number) => { width: number; height: number } | undefined
}) {
  const written: Uint8Array[] = []
  const formats: object[] = []
  const failures: unknown[] = []
  const writer = createClipWriter({
    input: { camera: 'yard', zones: [], lines: [] },
    picture(seq) {
      const size = picture(seq)
      return size && { ...size, yuv420p: Buffer.alloc((size.width * size.height * 3) / 2, 128) }
    },
    rate: () => ({ numerator: 10, denominator: 1 }),
    async startEncoder(format) {
      formats.push(format)
      return {
        write: async (rgb) => written.push(rgb) > 0,
        finish: async () => Buffer.from('clip'),
        discard: async () => undefined,
      }
    },
    onFailure: (error) => failures.push(error),
    ...more,
  })
  return { writer, written, formats, failures }
}

import { spawn } from 'node:child_process'
import t from 'tap'
import { decodePicture } from '../../../../../services/agents/video/capture/main-stream/decode-picture.ts'
import { createFragmentRing } from '../../../../../services/agents/video/capture/main-stream/fragment-ring.ts'
import { skip, tools } from '../clips.ts'

const SECONDS = 12
const START_MS = 1_790_000_000_000

/** A stream that gets lighter by a level every frame (10 a second), in fragments of 200 ms, a key frame every two seconds. */
async function stream(): Promise<Buffer> {
  const grey = `geq=lum='16+N':cb=128:cr=128`
  const child = spawn(tools!.ffmpeg, [
    ...['-v', 'error', '-f', 'lavfi', '-i', `color=s=64x48:r=10:d=${SECONDS}`, '-vf', grey],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '1', '-g', '20', '-bf', '0', '-pix_fmt', 'yuv420p'],
    ...[
      '-f',
      'mp4',
      '-movflags',
      'empty_moov+default_base_moof+frag_keyframe',
      '-frag_duration',
      '200000',
      'pipe:1',
    ],
  ])
  const parts: Buffer[] = []
  for await (const part of child.stdout) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

t.test('the picture of a moment, to the frame, and only of the last seconds', { skip }, async (t) => {
  const bytes = await stream()
  const ring = createFragmentRing()
  t.equal(ring.newestMs, undefined)
  t.equal(ring.partAt(START_MS), undefined)
  // All of it came at once, when its last frame was over.
  const endMs = START_MS + SECONDS * 1000
  for (let at = 0; at < bytes.length; at += 1000) ring.take(bytes.subarray(at, at + 1000), endMs)
  t.equal(ring.newestMs, endMs)
  for (const frame of [119, 100, 99, 83, 61]) {
    const part = ring.partAt(START_MS + frame * 100 + 50)
    t.ok(part && part.bytes.length < bytes.length, 'a part of it')
    const picture = await decodePicture(tools!.ffmpeg, part!, { width: 64, height: 48 })
    t.ok(
      Math.abs(picture!.yuv420p[0]! - (16 + frame)) <= 1,
      `frame ${frame} is as light as it was: ${picture!.yuv420p[0]}`,
    )
  }
  t.equal(ring.partAt(START_MS + 1000), undefined, 'forgotten')
  t.equal(ring.partAt(endMs + 500), undefined, 'not there yet')
})

t.test('what is no stream is an error, and no picture', { skip }, async (t) => {
  const ring = createFragmentRing()
  t.throws(() => ring.take(Buffer.alloc(64, 1), START_MS), RangeError)
  t.equal(
    await decodePicture(tools!.ffmpeg, { bytes: Buffer.alloc(100), seconds: 0 }, { width: 64, height: 48 }),
    undefined,
  )
  t.equal(
    await decodePicture('/nowhere', { bytes: Buffer.alloc(1), seconds: 0 }, { width: 2, height: 2 }),
    undefined,
  )
})

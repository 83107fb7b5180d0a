import t from 'tap'
import type { Bus } from '#platform/nats/bus.ts'
import { type Clip, clipExample, type FindClipsResponse } from '#schemas/recording.ts'
import { RecordingGateway } from '../../../services/edge/gateway/recordings.ts'

const AT_MS = clipExample.fromMs
const REQUEST = { camera: 'yard', fromMs: AT_MS, toMs: AT_MS + 60_000 }
const LATER: Clip = {
  ...clipExample,
  part: 1,
  fromMs: AT_MS + 40_000,
  toMs: AT_MS + 60_000,
  durationMs: 20_000,
}

/** A gateway whose bus gives this answer, and what that was asked. */
function gatewayWith(answer: object) {
  const asked: { name: string; request: object; options: object }[] = []
  const call = async (name: string, request: object, options: object) => {
    asked.push({ name, request, options })
    return answer
  }
  return { asked, gateway: new RecordingGateway({ call } as unknown as Bus) }
}
const withClips = (clips: Clip[], missing: string[] = []) =>
  gatewayWith({ clips, missing } satisfies FindClipsResponse).gateway

t.test('each question goes to its operation, for the tenant of whoever asks', async (t) => {
  const { asked, gateway } = gatewayWith({ clips: [], missing: [] })
  await gateway.list('acme')
  await gateway.list('acme', 'yard')
  await gateway.timeline('acme', REQUEST)
  await gateway.clips('acme', REQUEST)
  t.strictSame(
    asked.map(({ name, request }) => [name, request]),
    [
      ['listRecordings', {}],
      ['listRecordings', { camera: 'yard' }],
      ['getTimeline', REQUEST],
      ['findClips', REQUEST],
    ],
  )
  for (const { options } of asked) t.match(options, { tenant: 'acme', timeoutMs: Number })
})

t.test('a clip by its place, or the one that shows a moment', async (t) => {
  const gateway = withClips([clipExample, LATER])
  t.strictSame(await gateway.findClip('acme', REQUEST, 0), { request: REQUEST, clip: clipExample })
  t.equal((await gateway.findClip('acme', REQUEST, 1)).clip, LATER)
  t.equal((await gateway.findClip('acme', REQUEST, { atMs: AT_MS + 45_000 })).clip, LATER)
  t.equal(
    (await gateway.findClip('acme', REQUEST, { atMs: AT_MS + 35_000 })).clip,
    clipExample,
    'the longest',
  )
})

t.test('a clip that is not there: what there is, of which span, and who did not answer', async (t) => {
  const code = 'RECORDING_NOT_FOUND'
  await t.rejects(withClips([]).findClip('acme', REQUEST, { atMs: AT_MS }), {
    code,
    message: /there is no recording of camera yard from 2026-09-21T\S+Z to 2026-09-21T\S+Z$/,
  })
  await t.rejects(withClips([clipExample]).findClip('acme', REQUEST, 1), {
    code,
    message: /no clip 1, only 1 of/,
  })
  await t.rejects(withClips([clipExample]).findClip('acme', REQUEST, -1), { code })
  await t.rejects(withClips([], ['s1', 's2']).findClip('acme', REQUEST, 0), {
    code,
    message: /; 2 nodes with recordings do not answer$/,
  })
})

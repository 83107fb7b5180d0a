import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { OnvifProfile } from '../../../services/cli/onvif/ask-onvif.ts'
import { chooseStreams } from '../../../services/cli/onvif/choose-streams.ts'

function profile(width: number | undefined, height: number | undefined, about: Partial<OnvifProfile> = {}) {
  const url = `rtsp://10.0.0.7/${width}`
  return {
    ...{ name: `${width}`, token: `${width}`, codec: 'H264', width, height, fps: 25, bitrate: 512 },
    ...{ url, snapshotUrl: undefined },
    ...about,
  } satisfies OnvifProfile
}
const MAIN = profile(2560, 1440)

t.test(
  'the largest for people, and the smallest that shows enough in the same shape is analysed',
  async (t) => {
    const chosen = chooseStreams([profile(640, 360), profile(1280, 720), MAIN])
    t.equal(chosen?.main, MAIN)
    t.equal(chosen?.detect?.width, 640)
  },
)

t.test(
  'not analysed: another shape, too small, too slow, not much smaller, without an address or a size',
  async (t) => {
    const without = [
      profile(640, 480),
      profile(320, 180),
      profile(640, 360, { fps: 2 }),
      profile(2304, 1296),
      profile(640, 360, { url: undefined }),
      profile(undefined, undefined),
      profile(640, 360, { url: MAIN.url }),
    ]
    for (const sub of without) t.strictSame(chooseStreams([sub, MAIN]), { main: MAIN }, `${sub.width}`)
    t.equal(chooseStreams([profile(640, 360, { url: undefined })]), undefined)
  },
)

t.test('whatever a camera says, both can be watched and the analysed one is smaller', async () => {
  const side = fc.option(fc.integer({ min: 0, max: 8192 }), { nil: undefined })
  const any = fc.array(
    fc.tuple(side, side, fc.boolean()).map(([w, h, has]) => profile(w, h, has ? {} : { url: undefined })),
  )
  fc.assert(
    fc.property(any, (profiles) => {
      const chosen = chooseStreams(profiles)
      assert.equal(
        chosen === undefined,
        profiles.every(({ url }) => url === undefined),
      )
      if (!chosen?.detect) return
      assert.ok(chosen.main.url && chosen.detect.url)
      assert.ok(chosen.detect.width! * chosen.detect.height! < chosen.main.width! * chosen.main.height!)
    }),
  )
})

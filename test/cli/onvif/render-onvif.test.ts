import fc from 'fast-check'
import t from 'tap'
import type { OnvifProfile } from '../../../services/cli/onvif/ask-onvif.ts'
import { bySize, renderDescription, renderDevices } from '../../../services/cli/onvif/render-onvif.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'

function profile(about: Partial<OnvifProfile> = {}): OnvifProfile {
  return {
    ...{ name: 'main', token: 'p1', codec: 'H264', width: 1920, height: 1080, fps: 25, bitrate: 4096 },
    ...{ url: 'rtsp://10.0.0.7/main', snapshotUrl: undefined },
    ...about,
  }
}
const SMALL = profile({ name: 'sub', token: 'p2', width: 640, height: 360, url: 'rtsp://10.0.0.7/sub' })
const ABOUT = { manufacturer: 'Acme', model: 'C1', firmware: '2.1' }
const render = (about: object) => renderDescription({ ...ABOUT, profiles: [], ...about }, { paint: noPaint })

t.test('devices: where each is, and by what address it is asked', async (t) => {
  const device = {
    name: 'Yard',
    hardware: 'C1',
    location: '',
    host: '10.0.0.7',
    address: 'http://10.0.0.7/onvif',
  }
  t.match(
    renderDevices([device], { paint: noPaint })[1],
    /^ {2}10\.0\.0\.7 +Yard +C1 +http:\/\/10\.0\.0\.7\/onvif$/,
  )
})

t.test(
  'a camera: the largest picture first, and that is the one to watch, with a secret for its user',
  async (t) => {
    const lines = render({ profiles: [SMALL, profile({ snapshotUrl: 'http://10.0.0.7/one.jpg' })] })
    t.equal(lines[0], 'Acme C1 firmware 2.1')
    t.match(lines[2], /main +H264 +1920 × 1080 +25 +4096 +rtsp:\/\/10\.0\.0\.7\/main$/)
    t.match(lines[3], /sub/)
    t.ok(lines.includes('  One picture at a time: http://10.0.0.7/one.jpg'))
    t.match(
      lines.at(-1),
      /monitor 'rtsp:\/\/\{SECRET\}@10\.0\.0\.7\/main' --detect 'rtsp:\/\/\{SECRET\}@10\.0\.0\.7\/sub' --camera NAME/,
    )
  },
)

t.test('what a device does not say is left out', async (t) => {
  const bare = profile({
    name: '',
    codec: undefined,
    width: undefined,
    fps: undefined,
    bitrate: undefined,
    url: undefined,
  })
  const lines = render({ manufacturer: undefined, model: undefined, firmware: undefined, profiles: [bare] })
  t.equal(lines.length, 2, 'no line about the device, none about how to watch it')
  t.match(lines[1], /^ {2}p1 +none$/)
  t.notMatch(lines.join('\n'), /undefined|NaN/)
  t.equal(render({ manufacturer: undefined })[0], 'C1 firmware 2.1')
})

t.test('where the largest picture has no address, the next one that has is watched', async (t) => {
  t.match(render({ profiles: [profile({ url: undefined }), SMALL] }).at(-1), /\{SECRET\}@10\.0\.0\.7\/sub/)
})

t.test('the order is by size, keeps every profile, and equal ones as they came', async () => {
  const edge = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined })
  const profiles = fc
    .array(fc.record({ width: edge, height: edge }))
    .map((sizes) => sizes.map((size, i) => profile({ ...size, token: `p${i}` })))
  const area = ({ width = 0, height = 0 }: OnvifProfile) => width * height
  const number = ({ token }: OnvifProfile) => Number(token.slice(1))
  fc.assert(
    fc.property(profiles, (given) => {
      const sorted = bySize(given)
      const inOrder = sorted.every((one, i) => {
        const before = sorted[i - 1]
        if (!before) return true
        return area(before) > area(one) || (area(before) === area(one) && number(before) < number(one))
      })
      return inOrder && sorted.length === given.length && new Set(sorted).size === given.length
    }),
  )
})

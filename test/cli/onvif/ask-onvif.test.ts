import { networkInterfaces } from 'node:os'
import t from 'tap'
import { describeDevice, deviceOf, discoverDevices } from '../../../services/cli/onvif/ask-onvif.ts'
import { renderDescription, renderDevices } from '../../../services/cli/onvif/render-onvif.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { match, startOnvifCamera } from '../../support/onvif-camera.ts'

/** The loopback interface by its name: other cameras of the network are none of this test's business. */
const loopback = Object.entries(networkInterfaces()).find(([, addresses]) =>
  addresses?.some(({ address }) => address === '127.0.0.1'),
)?.[0]
const skip = loopback === undefined && 'this machine has no loopback interface'
const signal = new AbortController().signal

t.test(
  'cameras are found by what they answer to a real probe, and what can not be read is said',
  { skip },
  async (t) => {
    const camera = await startOnvifCamera(t, {
      answers: (id, address) => [
        'no XML at all',
        match(id, address),
        match(id, address),
        match(id, 'http://127.0.0.1:9/onvif/device_service', 'Gate'),
      ],
    })
    const { devices, unread } = await discoverDevices({ timeoutMs: 1500, device: loopback }, signal)
    t.strictSame(
      devices.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      [
        { name: 'Front yard', hardware: 'X1000', location: '', host: '127.0.0.1', address: camera.address },
        {
          name: 'Gate',
          hardware: 'X1000',
          location: '',
          host: '127.0.0.1',
          address: 'http://127.0.0.1:9/onvif/device_service',
        },
      ],
    )
    t.equal(unread, 1)
    t.match(
      renderDevices(devices, { paint: noPaint }).join('\n'),
      /127\.0\.0\.1 {2}Front yard {2}X1000 {5}http/,
    )
  },
)

t.test(
  'an answer that the library stumbles over ends the search, not the command, and keeps what was found',
  { skip },
  async (t) => {
    const broken =
      '<e xmlns="http://www.w3.org/2003/05/soap-envelope"><Body><ProbeMatches><ProbeMatch/></ProbeMatches></Body></e>'
    await startOnvifCamera(t, {
      answers: (id, address) => [match(id, address), broken.replaceAll('e>', 'Envelope>')],
    })
    const { devices } = await discoverDevices({ timeoutMs: 1500, device: loopback }, signal)
    t.equal(devices.length, 1)
  },
)

t.test('how a camera gives its pictures, asked with its user; nobody reads a password', async (t) => {
  const camera = await startOnvifCamera(t, { user: 'viewer', password: 'hush' })
  const { hostname: host, port, pathname: path } = new URL(camera.address)
  const about = { host, port: Number(port), path, isSecure: false, timeoutMs: 5000 }
  const description = await describeDevice({ ...about, user: 'viewer', password: 'hush' }, signal)
  t.match(description, {
    manufacturer: 'Acme',
    model: 'X1000',
    profiles: [
      { name: 'Sub', token: 'sub', codec: 'H264', width: 640, height: 360, fps: 10, bitrate: 512 },
      { name: 'Main', token: 'main', width: 2560, url: 'rtsp://127.0.0.1:554/live?channel=1' },
    ],
  })
  const text = renderDescription(description, { paint: noPaint }).join('\n')
  t.match(text, /Main.*2560 × 1440.*\n.*Sub.*640 × 360/, 'the largest first')
  t.match(text, /monitor 'rtsp:\/\/\{SECRET\}@127\.0\.0\.1:554\/live\?channel=1'/)
  t.notMatch(text, /pa55|hush/)

  await t.rejects(describeDevice({ ...about, user: 'viewer', password: 'wrong' }, signal), {
    code: 'ONVIF_FAILED',
    message: /NotAuthorized/,
  })
})

t.test('what is no answer of a camera is none', async (t) => {
  t.equal(deviceOf({}, '127.0.0.1'), undefined)
  t.equal(deviceOf({ probeMatches: { probeMatch: { XAddrs: 'file:///etc/passwd' } } }, 'h'), undefined)
  await t.rejects(
    describeDevice({ host: '127.0.0.1', port: 9, path: '/', isSecure: false, timeoutMs: 2000 }, signal),
    { code: 'ONVIF_FAILED', message: /ECONNREFUSED/ },
  )
})

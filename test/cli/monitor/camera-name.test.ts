import fc from 'fast-check'
import t from 'tap'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import { cameraNameOfAddress, tokenOf } from '../../../services/cli/monitor/camera-name.ts'

t.test('a name is read from the address: host, port, path and channel', async (t) => {
  const names: [address: string, name: string][] = [
    ['rtsp://10.0.0.7/live', '10-0-0-7-live'],
    ['rtsp://10.0.0.7:554/live', '10-0-0-7-live'],
    ['rtsp://10.0.0.7:8554/live', '10-0-0-7-8554-live'],
    ['http://10.0.0.7:554/live', '10-0-0-7-554-live'],
    ['rtsp://cam.local/stream?channel=2&subtype=1', 'cam-local-stream-channel-2-subtype-1'],
    ['rtsp://cam.local/Hof%20hinten', 'cam-local-Hof-hinten'],
    ['rtsp://cam.local/100%', 'cam-local-100'],
  ]
  for (const [address, name] of names) t.equal(cameraNameOfAddress(address), name, address)
  t.equal(cameraNameOfAddress('no address'), '')
})

t.test('who asks is no part of a name, nor of its hash', async (t) => {
  const plain = cameraNameOfAddress('rtsp://cam.local/live?channel=1')
  for (const address of [
    'rtsp://anna:secret@cam.local/live?channel=1',
    'rtsp://{cam-1}@cam.local/live?channel=1',
    'rtsp://cam.local/live?channel=1&user=anna&password=secret',
    'rtsp://cam.local/live?u=anna&p=secret&channel=1&token=secret',
  ])
    t.equal(cameraNameOfAddress(address), plain, address)
  const recorder = (user: string) =>
    cameraNameOfAddress(`rtsp://10.0.0.5/${user}channel=1_stream=0.sdp?real_stream`)
  t.notMatch(recorder('user=anna_password=secret_'), /anna|secret/)
  t.equal(recorder('user=anna_password=secret_'), recorder('user=bob_password=other_'))
  const hashed = (query: string) => cameraNameOfAddress(`rtsp://cam.local/live?speed=fast${query}`)
  t.match(hashed(''), /^cam-local-live-[0-9a-f]{6}$/)
  t.equal(hashed('&pwd=secret'), hashed('&pwd=other'))
})

t.test('what is not read tells cameras apart all the same', async (t) => {
  const name = (rest: string) => cameraNameOfAddress(`rtsp://cam.local/live${rest}`)
  t.not(name('?place=1'), name('?place=2'))
  const long = '/a'.repeat(60)
  t.not(name(`${long}1`), name(`${long}2`))
  t.equal(name(`${long}1`).length <= 64, true)
})

t.test('every name is one token of a subject', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 90 }).map(encodeURIComponent)
  const host = fc.constantFrom('10.0.0.7', 'cam.local:8554', '[2001:db8::1]')
  fc.assert(
    fc.property(host, text, text, text, (...[place, path, key, value]) =>
      TOKEN_PATTERN.test(cameraNameOfAddress(`rtsp://${place}/${path}?${key}=${value}`)),
    ),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      const token = tokenOf(text)
      return token.length <= 64 && /^[A-Za-z0-9_-]*$/.test(token) && tokenOf(token) === token
    }),
  )
})

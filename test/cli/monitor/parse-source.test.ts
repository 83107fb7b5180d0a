import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import { cameraNameOf, parseDetectSource, parseSource } from '../../../services/cli/monitor/parse-source.ts'

t.test('what a source can be', async (t) => {
  const clip = join(t.testdir({ 'My clip (1).mkv': 'x' }), 'My clip (1).mkv')
  t.strictSame(parseSource(clip, '/'), {
    kind: 'local',
    path: clip,
    bytes: 1,
    mediaType: 'video/x-matroska',
  })
  t.strictSame(parseSource('scene:yard:7', '/'), {
    kind: 'remote',
    source: { kind: 'scene', scenario: 'yard', seed: 7 },
  })
  t.match(parseSource('scene:yard', '/'), { source: { kind: 'scene', seed: 1 } })
  t.match(parseSource('/dev/video0', '/'), { source: { kind: 'device', path: '/dev/video0' } })
  for (const url of ['rtsp://cam.example/stream1', 'RTSPS://cam/x', 'http://h/a.m3u8', 'https://h/a.mp4'])
    t.strictSame(parseSource(url, '/'), { kind: 'remote', source: { kind: 'url', url } }, url)
})

t.test('a camera is named after its source, and the name fits a subject', async (t) => {
  const clip = join(t.testdir({ 'My clip (1).mp4': 'x', 'ä.mp4': 'x' }), 'My clip (1).mp4')
  const nameOf = (text: string) => cameraNameOf(parseSource(text, t.testdirName))
  t.equal(nameOf(clip), 'My-clip-1')
  t.equal(nameOf('ä.mp4'), 'camera', 'nothing of it is left')
  t.equal(nameOf('rtsp://admin:secret@192.0.2.10:554/stream1?key=s'), '192-0-2-10-stream1', 'no password')
  t.equal(nameOf('scene:yard:3'), 'yard')
  t.equal(nameOf('/dev/video12'), 'video12')
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['http', 'https'], withQueryParameters: true }), (url) =>
      TOKEN_PATTERN.test(cameraNameOf(parseSource(url, '/'))),
    ),
  )
})

t.test('cameras of one recorder have names of their own, and nobody finds who asks in them', async (t) => {
  const nameOf = (text: string) => cameraNameOf(parseSource(text, '/'))
  const dahua = (channel: number, subtype: number) =>
    nameOf(`rtsp://admin:pa55@192.168.1.9:554/cam/realmonitor?channel=${channel}&subtype=${subtype}`)
  t.equal(dahua(1, 0), '192-168-1-9-cam-realmonitor-channel-1-subtype-0')
  const names = [
    dahua(1, 0),
    dahua(2, 0),
    dahua(2, 1),
    nameOf('rtsp://192.168.1.9/Streaming/Channels/101'),
    nameOf('rtsp://192.168.1.9/Streaming/Channels/201'),
    nameOf('rtsp://192.168.1.9:8554/Streaming/Channels/201'),
    nameOf('http://192.168.1.9/snap.cgi?x=a-long-thing'),
    nameOf('http://192.168.1.9/snap.cgi?x=another'),
    nameOf(`rtsp://192.168.1.9/${'a'.repeat(80)}1`),
    nameOf(`rtsp://192.168.1.9/${'a'.repeat(80)}2`),
  ]
  t.equal(new Set(names).size, names.length, names.join(' '))
  for (const name of names) t.match(name, TOKEN_PATTERN)
  t.notMatch(names.join(' '), /pa55|admin/)
  // Neither readable nor in the hash.
  const asked = (query: string) => nameOf(`rtsp://192.168.1.9/live?${query}`)
  t.equal(asked('user=me&password=hunter2&channel=1'), '192-168-1-9-live-channel-1')
  t.equal(asked('loginuse=a&loginpas=b&channel=1'), asked('loginuse=c&loginpas=d&channel=1'))
  t.equal(asked('token=abc'), '192-168-1-9-live')
})

t.test('what is no source is refused with a way out', async (t) => {
  const folder = t.testdir({ inside: {}, 'empty.mp4': '' })
  for (const [text, message] of [
    ['nothing.mp4', /nothing\.mp4: there is no such file/],
    ['inside', /is a folder/],
    ['empty.mp4', /is empty/],
    ['ftp://cam/clip.mp4', /rtsp, rtsps, http or https/],
    ['file:///etc/passwd', /rtsp, rtsps, http or https/],
    ['rtsp://[broken/x', /names no host/],
    ['/dev/sda', /device like \/dev\/video0/],
    ['scene:No Such', /is no scene/],
    ['scene:', /is no scene/],
    ['scene:yard:x', /seed of a scene is a whole number/],
    ['scene:yard:99999999999', /is no scene/],
  ] as const)
    t.throws(() => parseSource(text, folder), { name: 'CliError', exitCode: 2, message, fix: /\w/ }, text)
  const fault = t.throws(() => parseSource('ftp://me:secret@cam/x', folder)) as Error
  t.notMatch(fault.message, /secret/, 'what is told may end up in a log')
})

t.test('a substream is an address or a device, and nothing else', async (t) => {
  t.strictSame(parseDetectSource('rtsp://cam/sub', '/'), { kind: 'url', url: 'rtsp://cam/sub' })
  t.strictSame(parseDetectSource('/dev/video1', '/'), { kind: 'device', path: '/dev/video1' })
  for (const text of ['scene:yard', 'clip.mp4', ''])
    t.throws(() => parseDetectSource(text, t.testdirName), { code: 'USAGE', message: /substream/ }, text)
})

import t from 'tap'
import { createAddressGuard } from '#platform/http/address-guard.ts'
import { lastErrorLine } from '../../../../services/agents/video/capture/program/stderr-tail.ts'
import { inputArguments } from '../../../../services/agents/video/capture/source/input-arguments.ts'
import { pinAddress } from '../../../../services/agents/video/capture/source/pin-address.ts'
import {
  factsFromDescription,
  factsFromY4mHeader,
} from '../../../../services/agents/video/capture/source/source-facts.ts'
import {
  unwrapUrl,
  wrapPlaylist,
  wrapUrl,
} from '../../../../services/agents/video/capture/source/wrapped-url.ts'
import { loadVideoConfig } from '../../../../services/agents/video/capture/video-config.ts'

const camera = { isCamera: true, paced: false, version: 5 }

t.test('arguments: every input has whitelists, cameras no buffers', async (t) => {
  const rtsp = inputArguments({ kind: 'rtsp', url: 'rtsp://10.0.0.5/a' }, camera).join(' ')
  t.match(
    rtsp,
    /-fflags nobuffer -flags low_delay .*-protocol_whitelist tcp,tls,rtp .*-rtsp_transport tcp -timeout \d+ -i rtsp:/,
  )
  t.notMatch(inputArguments({ kind: 'rtsp', url: 'x' }, { ...camera, version: 4 }).join(' '), /-timeout/)
  const http = inputArguments({ kind: 'http', url: 'http://a/', proxy: 'http://127.0.0.1:5' }, camera).join(
    ' ',
  )
  t.match(http, /-protocol_whitelist http,tcp,crypto .*-http_proxy http:\/\/127\.0\.0\.1:5/)
  t.notMatch(http, /file|concat/)
  const file = inputArguments(
    { kind: 'file', path: '/tmp/a:b' },
    { isCamera: false, paced: true, version: 5 },
  )
  t.match(
    file.join(' '),
    /^-re -protocol_whitelist file -format_whitelist [a-z0-9,]+ -max_pixels \d+ -i file:\/tmp\/a:b$/,
  )
  t.notMatch(file.join(' '), /hls|concat|nobuffer/)
  t.match(
    inputArguments({ kind: 'device', path: '/dev/video0' }, camera).join(' '),
    /-f v4l2 -i \/dev\/video0$/,
  )
  t.match(
    inputArguments({ kind: 'scene' }, camera).join(' '),
    /-protocol_whitelist pipe .*-f yuv4mpegpipe -i pipe:0$/,
  )
})

t.test('facts from what ffmpeg says', async (t) => {
  const stream = (rest: string) =>
    `  Duration: 00:01:30.50, start: 0.0\n  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709), ${rest}`
  t.strictSame(
    factsFromDescription(stream('640x360 [SAR 1:1 DAR 16:9], 456 kb/s, 12 fps, 12 tbr, 12288 tbn')),
    {
      width: 640,
      height: 360,
      fps: 12,
      constantRate: true,
      durationSec: 90.5,
    },
  )
  const ntsc = factsFromDescription(stream('640x360, 23.98 fps, 23.98 tbr, 24k tbn'))
  t.equal(ntsc?.fps, 24_000 / 1001)
  const turned = `${stream('640x360, 25 fps, 50 tbr, 24k tbn')}\n      displaymatrix: rotation of -90.00 degrees`
  t.match(factsFromDescription(turned), { width: 360, height: 640, fps: 25, constantRate: false })
  const cover =
    '  Duration: N/A\n  Stream #0:1: Video: mjpeg, yuvj420p, 600x600, 90k tbr, 90k tbn (attached pic)'
  t.equal(factsFromDescription(cover), undefined)
  t.equal(factsFromDescription('  Stream #0:0: Audio: aac, 44100 Hz'), undefined)
  t.equal(factsFromDescription('  Stream #0:0: Video: mpeg4, yuv420p, 10 tbr, 90k tbn'), undefined, 'no size')
  t.match(factsFromY4mHeader('YUV4MPEG2 W640 H360 F30000:1001 Ip C420\n'), { width: 640, height: 360 })
  t.equal(factsFromY4mHeader('HTTP/1.1 200 OK'), undefined)
})

t.test('https travels as http and comes out as it was', async (t) => {
  for (const url of [
    'https://cam.example/live.m3u8?a=1&b=%20',
    'https://[2001:db8::1]:8443/x/../y',
    'https://10.0.0.1/',
  ]) {
    const wrapped = wrapUrl(url)
    t.match(wrapped, /^http:\/\/h[0-9a-f]+\.https\.invalid\//)
    t.equal(unwrapUrl(wrapped)?.href, new URL(url).href)
  }
  t.equal(unwrapUrl(wrapUrl('https://me:pw@a.example/'))?.href, 'https://a.example/')
  t.match(wrapUrl('https://me:pw@a.example/'), /^http:\/\/me:pw@h/, 'ffmpeg sends them when it is asked')
  t.equal(wrapUrl('http://a.example/'), 'http://a.example/')
  t.equal(unwrapUrl('http://hzz.https.invalid/'), undefined)
  t.equal(unwrapUrl(`http://h${Buffer.from('a/b').toString('hex')}.https.invalid/`), undefined)
  t.equal(unwrapUrl('file:///etc/passwd'), undefined)
  const key =
    '#EXT-X-KEY:METHOD=AES-128,URI="https://a.example/key",IV=0x1\nhttps://b.example/s.ts\nrelative.ts\n'
  t.notMatch(wrapPlaylist(key), /https:\/\//)
  t.match(wrapPlaylist(key), /URI="http:\/\/h[0-9a-f]+\.https\.invalid\/key",IV=0x1\n.*\nrelative\.ts\n$/)
})

t.test('what is connected is what was checked', async (t) => {
  const guard = createAddressGuard({ allow: ['10.0.0.0/8'], ports: 'any' })
  const resolve =
    (...addresses: string[]) =>
    async () =>
      addresses.map((address) => ({ address }))
  const pinned = await pinAddress(
    'rtsp://me:p%40ss@cam.lan:8554/a?b',
    guard,
    resolve('127.0.0.1', '10.1.2.3'),
  )
  t.equal(pinned, 'rtsp://me:p%40ss@10.1.2.3:8554/a?b')
  await t.rejects(pinAddress('rtsp://cam.lan/', guard, resolve('127.0.0.1', '169.254.1.1')), {
    code: 'ADDRESS_FORBIDDEN',
  })
  const unknown = async () => Promise.reject(new Error('ENOTFOUND'))
  await t.rejects(pinAddress('rtsp://cam.lan/', guard, unknown), { code: 'SOURCE_UNAVAILABLE' })
})

t.test('stderrTail: without passwords, addresses in memory and our paths', async (t) => {
  t.equal(
    lastErrorLine(
      'x\n[rtsp @ 0x55f] method DESCRIBE failed: 401 Unauthorized\nrtsp://me:secret@10.0.0.5/a: Server returned 401\n',
    ),
    'rtsp://[redacted]@10.0.0.5/a: Server returned 401',
  )
  t.equal(lastErrorLine('file:/tmp/murmur-capture-1-x/source: Invalid data found'), 'Invalid data found')
  t.equal(lastErrorLine(''), 'no reason was given')
})

t.test('networks: private ones by default, loopback only by name', async (t) => {
  const allows = (networks: readonly string[], address: string) =>
    createAddressGuard({ allow: networks, ports: 'any' }).allows(address, address)
  const { networks } = loadVideoConfig({})
  for (const address of ['10.1.1.1', '172.20.0.1', '192.168.7.7', 'fd00::7', '8.8.8.8'])
    t.ok(allows(networks, address), address)
  for (const address of [
    '127.0.0.1',
    '::1',
    '169.254.169.254',
    'fe80::1',
    '0.0.0.0',
    '224.0.0.1',
    '::ffff:127.0.0.1',
  ])
    t.notOk(allows(networks, address), address)
  t.ok(allows(loadVideoConfig({ MURMUR_VIDEO_NETWORKS: '127.0.0.0/8' }).networks, '127.0.0.1'))
  t.throws(() => loadVideoConfig({ MURMUR_VIDEO_NETWORKS: 'a b' }), { code: 'CONFIG_INVALID' })
})

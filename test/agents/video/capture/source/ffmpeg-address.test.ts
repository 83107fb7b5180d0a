import t from 'tap'
import {
  unwrapUrl,
  wrapPlaylist,
  wrapUrl,
} from '../../../../../services/agents/video/capture/source/ffmpeg-address.ts'

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

import t from 'tap'
import { inputArguments } from '../../../../../services/agents/video/capture/source/input-arguments.ts'

const camera = { isCamera: true, paced: false, version: 5 }

t.test('arguments: every input has whitelists, cameras no buffers', async (t) => {
  const rtsp = inputArguments({ kind: 'rtsp', url: 'rtsp://10.0.0.5/a' }, camera).join(' ')
  t.match(rtsp, /^-flags low_delay .*-protocol_whitelist tcp .*-rtsp_transport tcp -timeout \d+ -i rtsp:/)
  t.notMatch(inputArguments({ kind: 'rtsp', url: 'x' }, { ...camera, version: 4 }).join(' '), /-timeout/)
  const http = inputArguments({ kind: 'http', url: 'http://a/', proxy: 'http://127.0.0.1:5' }, camera).join(
    ' ',
  )
  t.match(http, /-protocol_whitelist http,tcp,crypto /)
  t.notMatch(http, /127\.0\.0\.1/, 'the password of the proxy is for no argument')
  t.notMatch(http, /file|concat/)
  const file = inputArguments(
    { kind: 'file', path: '/tmp/a:b' },
    { isCamera: false, paced: true, version: 5 },
  )
  t.match(
    file.join(' '),
    /^-re -protocol_whitelist file -format_whitelist [a-z0-9,]+ -max_pixels \d+ -i file:\/tmp\/a:b$/,
  )
  t.notMatch(file.join(' '), /hls|concat|low_delay/)
  t.match(
    inputArguments({ kind: 'device', path: '/dev/video0' }, camera).join(' '),
    /-f v4l2 -i \/dev\/video0$/,
  )
  t.match(
    inputArguments({ kind: 'scene' }, camera).join(' '),
    /-protocol_whitelist pipe .*-f yuv4mpegpipe -i pipe:0$/,
  )
})

import t from 'tap'
import {
  factsFromDescription,
  factsFromProbe,
} from '../../../../../services/agents/report/ingest/video/media-facts.ts'

t.test('facts: rotated by a quarter turn, covers of albums are no video', async (t) => {
  const video = {
    codec_type: 'video',
    codec_name: 'h264',
    width: 640,
    height: 360,
    avg_frame_rate: '30000/1001',
  }
  const json = JSON.stringify({
    streams: [{ ...video, side_data_list: [{ rotation: -90 }] }],
    format: { format_name: 'matroska,webm', duration: '2.5' },
  })
  t.match(factsFromProbe(json), { format: 'matroska', widthPx: 360, heightPx: 640, fps: 29.97 })
  const cover = { streams: [{ ...video, disposition: { attached_pic: 1 } }], format: { format_name: 'mp3' } }
  t.equal(factsFromProbe(JSON.stringify(cover)), undefined)

  const described = [
    "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'x':",
    '  Duration: 01:02:03.50, start: 0.000000, bitrate: 118 kb/s',
    '  Stream #0:0(und): Video: hevc (Main) (hvc1 / 0x31637668), yuv420p, 1920x1080, 9 kb/s, 23.98 fps, 90k tbn',
    '      displaymatrix: rotation of -90.00 degrees',
  ]
  t.strictSame(factsFromDescription(described.join('\n')), {
    format: 'mp4',
    codec: 'hevc',
    durationSec: 3723.5,
    widthPx: 1080,
    heightPx: 1920,
    fps: 23.98,
    hasAudio: false,
  })
})

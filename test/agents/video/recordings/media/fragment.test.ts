import t from 'tap'
import { findBox } from '../../../../../services/agents/video/recordings/media/boxes.ts'
import {
  fragmentFacts,
  initFacts,
  moveFragment,
} from '../../../../../services/agents/video/recordings/media/fragment.ts'
import { skip } from '../../capture/clips.ts'
import { fragmentedVideo } from '../recorded-video.ts'

t.test('what a stream and its fragments say, and a fragment that is moved', { skip }, async (t) => {
  const stream = await fragmentedVideo({ seconds: 2, fps: 10 })
  const moov = findBox(stream, 'moov')!
  const facts = initFacts(stream.subarray(0, moov.offset + moov.size))
  t.match(facts, { codec: 'mp4v', width: 320, height: 180 })
  const box = findBox(stream, 'moof')!
  const moof = Buffer.from(stream.subarray(box.offset, box.offset + box.size))
  const found = fragmentFacts(moof, facts)
  t.match(found, { time: 0, frames: 10, isKey: true, duration: facts.timescale })
  moveFragment(moof, { time: 123_456, number: 7 })
  t.strictSame(fragmentFacts(moof, facts), { ...found, time: 123_456 })
  t.throws(() => initFacts(Buffer.from('nothing')), RangeError)
  t.throws(() => fragmentFacts(Buffer.alloc(40), facts), RangeError)
})

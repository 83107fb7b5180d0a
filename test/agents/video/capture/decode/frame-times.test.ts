import t from 'tap'
import { createFrameTimes } from '../../../../../services/agents/video/capture/decode/frame-times.ts'

t.test('times by the number of the frame, whatever parts they come in', (t) => {
  const times = createFrameTimes()
  const text = 'frame:0    pts:0       pts_time:0\nmurmur=1\nframe:1    pts:9000    pts_time:0.1\nmurmur=1\n'
  for (const character of text) times.take(character)
  t.equal(times.of(0), 0)
  t.equal(times.of(1), 100)
  t.equal(times.of(1), undefined, 'once')
  t.equal(times.of(2), undefined, 'not printed yet')
  times.take('frame:2    pts:NOPTS   pts_time:NOPTS\nframe:3 pts:1 pts_time:1e+03\n')
  t.equal(times.of(2), undefined)
  t.equal(times.of(3), 1_000_000)
  t.end()
})

t.test('what is never asked for, and what never ends, is bounded', (t) => {
  const times = createFrameTimes()
  for (let i = 0; i < 1000; i++) times.take(`frame:${i} pts:${i} pts_time:${i}\n`)
  t.equal(times.of(0), undefined)
  t.equal(times.of(999), 999_000)
  for (let i = 0; i < 100; i++) times.take('x'.repeat(10_000))
  times.take('\nframe:1000 pts:1 pts_time:1\n')
  t.equal(times.of(1000), 1000)
  t.end()
})

import t from 'tap'
import { parseRange } from '../../../services/edge/rest/send-clip.ts'

t.test('one range of a file of 1000 bytes', async (t) => {
  for (const [header, expected] of [
    [undefined, undefined],
    ['bytes=0-0', { from: 0, to: 1 }],
    ['bytes=10-19', { from: 10, to: 20 }],
    ['bytes=990-', { from: 990, to: 1000 }],
    ['bytes=990-5000', { from: 990, to: 1000 }],
    ['bytes=-10', { from: 990, to: 1000 }],
    ['bytes=-5000', { from: 0, to: 1000 }],
    ['bytes=1000-', 'none'],
    ['bytes=-0', 'none'],
    // All of it: what is no range, and several of them.
    ['bytes=20-10', undefined],
    ['bytes=0-1,5-6', undefined],
    ['bytes=-', undefined],
    ['lines=0-1', undefined],
  ] as const)
    t.strictSame(parseRange(header, 1000), expected, String(header))
})

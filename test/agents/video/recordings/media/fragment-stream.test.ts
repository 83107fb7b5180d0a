import fc from 'fast-check'
import t from 'tap'
import { makeBox } from '../../../../../services/agents/video/recordings/media/boxes.ts'
import {
  createFragmentCutter,
  type FragmentBytes,
} from '../../../../../services/agents/video/recordings/media/fragment-stream.ts'
import { smallFragment, smallInit } from './small-fragments.ts'

/** What comes out of a stream that comes in parts that end at these places. */
function cut(stream: Buffer, ends: readonly number[]) {
  const inits: Buffer[] = []
  const fragments: FragmentBytes[] = []
  const cutter = createFragmentCutter({
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => fragments.push(fragment),
  })
  let from = 0
  for (const end of [...ends, stream.length]) {
    cutter.take(stream.subarray(from, end))
    from = end
  }
  return { inits, fragments }
}

const INIT = smallInit()
const FRAGMENTS = [smallFragment(0), smallFragment(1000, { frames: 3, isKey: false }), smallFragment(1300)]
const STREAM = Buffer.concat([INIT, ...FRAGMENTS])

t.test('a stream gives its start and its fragments, wherever it is cut on its way', async (t) => {
  const { inits, fragments } = cut(STREAM, [])
  t.strictSame(inits, [INIT])
  t.strictSame(
    fragments.map(({ bytes }) => bytes),
    FRAGMENTS,
  )
  t.match(fragments, [
    { time: 0, duration: 1000, frames: 10, isKey: true },
    { time: 1000, duration: 300, frames: 3, isKey: false },
    { time: 1300, isKey: true },
  ])
  const places = fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 40 })
  fc.assert(
    fc.property(places, (ends) => {
      const found = cut(
        STREAM,
        ends.toSorted((a, b) => a - b),
      )
      const bytes = Buffer.concat([...found.inits, ...found.fragments.map((fragment) => fragment.bytes)])
      return found.fragments.length === FRAGMENTS.length && bytes.equals(STREAM)
    }),
  )
})

t.test('a byte at a time; and a fragment that is not whole is not there', async (t) => {
  const every = Array.from({ length: STREAM.length }, (_, i) => i)
  t.equal(cut(STREAM, every).fragments.length, 3)
  t.equal(cut(STREAM.subarray(0, -1), []).fragments.length, 2)
})

t.test('other boxes are passed over, and pictures without a start are none', async (t) => {
  const sidx = makeBox('sidx', Buffer.alloc(30))
  const { fragments } = cut(Buffer.concat([INIT, sidx, FRAGMENTS[0]!, sidx, FRAGMENTS[2]!]), [])
  t.strictSame(
    fragments.map(({ bytes }) => bytes),
    [FRAGMENTS[0], FRAGMENTS[2]],
  )
  t.strictSame(cut(FRAGMENTS[0]!, []), { inits: [], fragments: [] })
})

t.test('bytes that are given may be used again by whoever gave them', async (t) => {
  const given = Buffer.from(STREAM.subarray(0, -5))
  const fragments: FragmentBytes[] = []
  const cutter = createFragmentCutter({ onInit: () => undefined, onFragment: (each) => fragments.push(each) })
  cutter.take(given)
  given.fill(0)
  cutter.take(STREAM.subarray(-5))
  t.strictSame(fragments[2]?.bytes, FRAGMENTS[2])
})

t.test('what is no such stream, or does not end, is refused', async (t) => {
  t.throws(() => cut(Buffer.from('<html>no video here</html>'), []), RangeError)
  t.throws(() => cut(makeBox('moov', Buffer.alloc(8)), []), RangeError)
  const endless = createFragmentCutter({ onInit: () => undefined, onFragment: () => undefined })
  const head = Buffer.alloc(8)
  head.writeUInt32BE(100 * 1024 * 1024)
  head.write('mdat', 4)
  endless.take(head)
  const piece = Buffer.alloc(32 * 1024 * 1024)
  endless.take(piece)
  t.throws(() => endless.take(piece), { name: 'RangeError', message: /does not end/ })
})

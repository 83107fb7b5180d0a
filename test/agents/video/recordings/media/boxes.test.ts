import t from 'tap'
import {
  boxesIn,
  findBox,
  makeBox,
  readBox,
} from '../../../../../services/agents/video/recordings/media/boxes.ts'

t.test('boxes are read as they were made, and what is none is refused', async (t) => {
  const inner = makeBox('tfdt', Buffer.from('abcd'))
  const file = Buffer.concat([makeBox('free', Buffer.alloc(3)), makeBox('traf', inner)])
  t.strictSame(
    [...boxesIn(file)].map(({ type, size }) => [type, size]),
    [
      ['free', 11],
      ['traf', 20],
    ],
  )
  t.match(findBox(file, 'traf', 'tfdt'), { offset: 19, content: 27, size: 12 })
  t.equal(findBox(file, 'traf', 'tfhd'), undefined)
  t.equal(readBox(file, file.length - 3), undefined, 'not all of its header is there')
  t.equal([...boxesIn(file.subarray(0, 25))].length, 1, 'nor all of its content')
  t.throws(() => readBox(Buffer.from([0, 0, 0, 3, 1, 2, 3, 4]), 0), RangeError)
  const large = Buffer.alloc(16)
  large.writeUInt32BE(1)
  large.write('mdat', 4)
  large.writeBigUInt64BE(100n, 8)
  t.match(readBox(large, 0), { type: 'mdat', size: 100, content: 16 })
})

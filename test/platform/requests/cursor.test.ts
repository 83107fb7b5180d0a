import t from 'tap'
import { decodeCursor, encodeCursor, isBehind } from '../../../services/platform/requests/cursor.ts'

const cursorOf = (text: string) => Buffer.from(text).toString('base64url')

t.test('a cursor brings back the end of the page, and needs no escaping in a URL', async (t) => {
  for (const end of [
    { atMs: 0, id: 'a' },
    { atMs: 1_790_000_000_000, id: 't_-9' },
    { atMs: 12.5, id: 'x'.repeat(128) },
    { atMs: 9_007_199_254_740_991, id: '0' },
  ]) {
    const cursor = encodeCursor(end)
    t.match(cursor, /^[\w-]{1,256}$/, 'as long as requests may have it')
    t.strictSame(decodeCursor(cursor), end)
  }
})

t.test('what is none is refused, and its field is named', async (t) => {
  for (const cursor of [
    '',
    'x',
    '%%%',
    cursorOf('1 12'),
    cursorOf('1 12 '),
    cursorOf('1 12 a b'),
    cursorOf('1 12 a.b'),
    cursorOf('1 12 ä'),
    cursorOf('1 12 a\n'),
    cursorOf('2 12 a'),
    cursorOf('1 -1 a'),
    cursorOf('1 1e3 a'),
    cursorOf('1 . a'),
    cursorOf(`1 ${'9'.repeat(17)} a`),
    cursorOf(`1 12 ${'a'.repeat(129)}`),
  ])
    t.throws(
      () => decodeCursor(cursor),
      { code: 'INVALID_REQUEST', message: /cursor/, issues: [{ path: 'cursor' }] },
      JSON.stringify(cursor),
    )
})

t.test('behind the end of a page is what is older, or has a smaller id at the same time', async (t) => {
  const end = { atMs: 10, id: 'b' }
  t.ok(isBehind({ atMs: 9, id: 'z' }, end))
  t.ok(isBehind({ atMs: 10, id: 'a' }, end))
  t.notOk(isBehind(end, end), 'the end itself was on the page')
  t.notOk(isBehind({ atMs: 10, id: 'c' }, end))
  t.notOk(isBehind({ atMs: 11, id: 'a' }, end))
  t.ok(isBehind({ atMs: 11, id: 'a' }, end, 'oldest'), 'the other way round')
  t.ok(isBehind({ atMs: 10, id: 'c' }, end, 'oldest'))
  t.notOk(isBehind(end, end, 'oldest'))
  t.notOk(isBehind({ atMs: 10, id: 'a' }, end, 'oldest'))
})
